"""A digest as the JSON object that webhooks receive.

`docs/webhook.schema.json` is made from these models, their docstrings included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from scheduler.notify.digest.build import Digest, DigestItem
from scheduler.notify.digest.sentences import headline, item_name, summary
from scheduler.views.verdicts import what_was_read
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import web_address
from storage.records import Grade, Instrument, NewsKind, Status, Topic
from storage.search.document_rows import DocumentRow


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)

    @classmethod
    def of(cls, source: object, **values: object) -> Self:
        """A part with these `values`, and for its other fields the attributes of `source`."""
        own = {name: getattr(source, name) for name in cls.model_fields if name not in values}
        return cls.model_validate(own | values)


class Quote(_Part):
    """The sentence that proves it, in its own words."""

    text: str
    language: str = Field(description="ISO 639-1, or und")
    outlet: str | None


class ReportPart(_Part):
    """A document that reports the agreement."""

    document_id: int
    title: str
    url: str | None
    outlet: str | None
    language: str
    published: date | None
    is_new: bool = Field(
        description="whether this body tells it; other bodies list it with false, as context"
    )


class ItemPart(_Part):
    """An agreement with its news, or a document that belongs to no agreement (a near miss)."""

    kind: NewsKind
    agreement_id: str | None = Field(
        description='like "A17"; the same for all news about one agreement'
    )
    headline: str = Field(description="one line in the language of the subscription")
    name: str = Field(
        description="what the agreement is called, in the language of the subscription"
    )
    title: str = Field(description="the headline of a report")
    parties: tuple[str, ...] = Field(
        description="ISO 3166-1 alpha-2 codes, and codes of bodies such as EU"
    )
    instrument: Instrument | None
    topics: tuple[Topic, ...]
    status: Status | None = Field(description="as the register has it")
    status_before: Status | None
    step_status: Status | None = Field(
        default=None,
        description="of the stage that is news: another one than `status` if it was reported late,"
        " or is in doubt",
    )
    step_on: date | None = Field(default=None, description="the day of that stage")
    place: str | None
    place_key: str | None = Field(description="the canonical name of the place, if it has one")
    event_date: date | None
    expected_on: date | None = Field(
        default=None, description="the day for which the next step is announced"
    )
    grade: Grade | None = Field(
        description="how sure the agreement is; null for what a rule outside the register found"
    )
    quote: Quote
    reports: tuple[ReportPart, ...]
    listed_since: date | None = Field(
        default=None, description="since when a list has the agreement; null where none has"
    )


class WaitingPart(_Part):
    """A document of which it is not sure whether it reports a step."""

    document_id: int
    title: str
    url: str | None
    outlet: str | None
    language: str
    probability: float | None = Field(description="that it reports a step; null where not judged")
    read: str = Field(description="who does what, about what, in its clearest sentence")


class ReviewPart(_Part):
    """What came in since the last digest and waits until a person says what it is."""

    waiting: int
    best: tuple[WaitingPart, ...] = Field(description="the most probable, three at most")


class Data(_Part):
    """The digest."""

    subscription: str
    language: str
    summary: str
    items: tuple[ItemPart, ...]
    digest_id: int = Field(
        description="the same on all pages of a digest; 0 for a test, or a notice"
    )
    page: int = Field(description="from 1; pages are sent in order, each under an id of its own")
    pages: int = Field(
        description="how many pages the digest has, each with max_items items at most"
    )
    more: int = Field(description="items that come on the pages after this one")
    notices: tuple[str, ...] = Field(description="what the system has to say of itself")
    sources_alive: int | None
    sources_watched: int | None
    review: ReviewPart | None = Field(
        default=None, description="null where nothing waits, and on all pages but the first"
    )


class WebhookBody(_Part):
    """What Accordwatch posts to a webhook, signed as the Standard Webhooks specification says."""

    type: Literal["digest"] = "digest"
    timestamp: datetime = Field(
        description="when the digest was claimed; the same in every repetition"
    )
    data: Data


def payload(digest: Digest) -> dict[str, Any]:
    """The body, ready for JSON: the contract's codes, ISO dates, and null for what is unknown."""
    labels = labels_of(digest.subscription.language)
    watched = digest.watched
    data = Data.of(
        digest,
        subscription=digest.subscription.id,
        language=digest.subscription.language,
        summary=summary(digest, labels),
        items=tuple(_item(item, labels) for item in digest.all_items),
        more=digest.following,
        sources_alive=watched.alive if watched else None,
        sources_watched=watched.sources if watched else None,
        review=_review(*digest.review, labels) if digest.review else None,
    )
    return WebhookBody(timestamp=digest.made_at, data=data).model_dump(mode="json")


def _review(waiting: int, best: Sequence[DocumentRow], labels: Labels) -> ReviewPart:
    parts = [
        WaitingPart.of(
            document_row,
            document_id=document_row.id,
            url=web_address(document_row.url),
            probability=None
            if document_row.probability is None
            else round(document_row.probability, 4),
            read=what_was_read(document_row.frame, labels),
        )
        for document_row in best
    ]
    return ReviewPart(waiting=waiting, best=tuple(parts))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the body."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, **WebhookBody.model_json_schema(mode="serialization")}


def _item(item: DigestItem, labels: Labels) -> ItemPart:
    quoted = item.quoted
    return ItemPart.of(
        item.agreement,
        kind=item.kind,
        agreement_id=item.agreement_id,
        headline=headline(item, labels),
        name=item_name(item, labels),
        status_before=None if item.other_step else item.before,
        step_status=item.step.status if item.step else None,
        step_on=item.step.on if item.step else None,
        grade=item.grade,
        quote=Quote(
            text=item.quote,
            language=quoted.language if quoted else "und",
            outlet=quoted.outlet if quoted else None,
        ),
        reports=tuple(
            ReportPart.of(
                row,
                document_id=row.id,
                url=web_address(row.url),
                published=row.published_on,
                is_new=row.id in item.news,
            )
            for row in item.reports
        ),
        listed_since=item.listed_since,
    )
