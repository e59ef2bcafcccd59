"""What is perhaps one agreement, and what is perhaps two, with both sides in view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.views.entry import report_in_words
from scheduler.views.words.labels import Labels
from scheduler.web.site.addresses import row_number
from scheduler.web.site.editing.acting import seen_now
from scheduler.web.site.editing.agreement_forms import side_of
from scheduler.web.site.rendering import page, served_by, visitor_of, words_for
from storage import queries
from storage.database.session import Session
from storage.register.records import Agreement
from storage.review.duplicates import Duplicate, duplicates
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

PAGE = 10
ACTION = "/duplicates"


@router.get(ACTION)
def show(request: Request, skip: str = "") -> Response:
    """Pairs of entries that are perhaps one, then reports that perhaps belong elsewhere."""
    words, first = words_for(request), row_number(skip) or 0
    with served_by(request).database.read() as s:
        asked = duplicates(s)
        shown = [_question(request, s, one, words) for one in asked[first : first + PAGE]]
        return page(
            request,
            s,
            "review/duplicates.html.j2",
            questions=[
                {**one, "skip": first + at + 1} for at, one in enumerate(shown) if one is not None
            ],
            waits=len(asked),
            older=f"?skip={first + PAGE}" if asked[first + PAGE :] else None,
            is_first=not first,
        )


def _question(
    request: Request, s: Session, asked: Duplicate, words: Labels
) -> dict[str, Any] | None:
    """A pair or a report as the page shows it; None if it is gone by now."""
    ids = [one for one in (asked.agreement_id, asked.other_agreement_id) if one]
    entries = [queries.agreement(s, one) for one in ids]
    found = [one for one in entries if one is not None]
    if len(found) < len(ids):
        return None
    now, visitor, home = served_by(request).now(), visitor_of(request), found[0].id
    one, two = ("merge", "apart") if len(ids) > 1 else ("together", "split")
    question = {
        "id": "-".join([*ids, str(asked.document_id or "")]).rstrip("-"),
        "sides": [side_of(s, each, words) for each in found],
        "seen": [str(seen_now(s, each, now)) for each in found],
        "one": f"/agreements/{home}/{one}",
        "two": f"/agreements/{home}/{two}",
        "tokens": [visitor.form_token(f"/agreements/{home}/{act}") for act in (one, two)],
    }
    if asked.document_id is None:
        said = list(_alike(asked, found[0], found[1], words))
        return {**question, "other": found[1].id, "evidence": said, "reasons": [], "report": None}
    rows = document_rows.report_rows(s, [asked.document_id])
    if asked.document_id not in rows:
        return None
    return {
        **question,
        "other": "",
        "document": asked.document_id,
        "report": report_in_words(rows[asked.document_id], words),
        "evidence": [
            words.say("page.duplicates.joined")
            if asked.is_close
            else words.count("page.duplicates.signed_again", asked.days or 0)
        ],
        "reasons": [said for said in found[0].reasons if f" D{asked.document_id} at " in said],
    }


def _alike(pair: Duplicate, one: Agreement, other: Agreement, words: Labels) -> Iterator[str]:
    """What two entries have in common, in sentences."""
    if one.parties == other.parties:
        yield words.say("page.duplicates.parties")
    if pair.days is not None:
        yield (
            words.count("page.duplicates.days", pair.days)
            if pair.days
            else words.say("page.duplicates.same_day")
        )
    if one.instrument is not None and one.instrument == other.instrument:
        yield words.say("page.duplicates.kind", kind=words.instrument(one.instrument))
    topics = [words.say(f"topics.{topic}") for topic in one.topics if topic in other.topics]
    if topics:
        yield words.say("page.duplicates.topics", topics=words.listed(topics))
    if pair.is_close:
        yield words.say("page.duplicates.close")
