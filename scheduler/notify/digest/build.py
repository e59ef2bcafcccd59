"""The content of a digest: the claimed items joined with the register, each agreement once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.differences import Passage, differences
from crawler.register.steps import fits_step
from scheduler.schedule.sources_due import Watched
from scheduler.views.words.names import born_on
from scheduler.views.words.phrases import in_words
from storage import queries
from storage.database.session import Session
from storage.documents.documents import versions_of
from storage.notifications.digests import Item
from storage.records import Grade, Instrument, NewsKind, Status, Topic
from storage.register.decisions import given_names
from storage.register.records import Agreement, Step
from storage.review.review_queue import QueuedDocument, arrived
from storage.search import document_rows
from storage.search.document_rows import DocumentRow
from storage.subscription import Subscription

if TYPE_CHECKING:
    from scheduler.notify.answers import AnswerLinks

# The id of the subscription to troubles of the system itself. The ids of configured subscriptions
# cannot hold a dot.
OPERATOR = "accordwatch.operator"

_BEST_SHOWN = 3  # enough to see whether it is worth the time

# The order of the sections: first what the reader subscribed for, housekeeping last.
_ORDER = {kind: position for position, kind in enumerate(NewsKind)}


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A report. `is_new`: it is news in this digest. `reports_status`: it has the item's status."""

    document_id: int
    title: str
    url: str | None
    outlet: str | None
    language: str
    published_on: date | None
    is_new: bool = False
    reports_status: bool = True


# What changed in a text since it was sent or seen before: its document, its language, the passages.
TextChange = tuple[int, str, tuple[Passage, ...]]
# How many documents wait for review, and the most probable of them.
Review = tuple[int, tuple[QueuedDocument, ...]]


@dataclass(frozen=True, slots=True)
class DigestItem:
    """An agreement with its news, or a document that belongs to no agreement (a near miss).

    `kind` is the most important news. `status` is the agreement's status after it, `before` its
    status until then. `quote` is a sentence in `quote_language` from `quote_outlet`. `title` is the
    headline of a report. `year` is the year in which the agreement came about, `given` a curator's
    name for it. `grade` says how far it can be relied on; a near miss is unconfirmed, and None
    stands for what a rule outside the register found. `listed_since` is the day since which a list
    has the agreement, and `reported_on` that of the report that is news; None where no list has it.
    `expected_on` is the day for which the next step is announced. `is_unread`: the second reader
    has not read its reports in time.
    """

    kind: NewsKind
    agreement_id: str | None
    title: str
    parties: tuple[str, ...]
    instrument: Instrument | None
    topics: tuple[Topic, ...]
    status: Status | None
    before: Status | None
    place: str | None
    event_date: date | None
    quote: str
    quote_language: str
    quote_outlet: str | None
    reports: tuple[ReportLink, ...]
    year: int | None = None
    given: str | None = None
    changes: tuple[TextChange, ...] = ()
    grade: Grade | None = None
    place_key: str | None = None
    listed_since: date | None = None
    reported_on: date | None = None
    expected_on: date | None = None
    is_unread: bool = False

    @property
    def is_unconfirmed(self) -> bool:
        return self.grade is Grade.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Digest:
    """What is sent to a subscription at one time.

    `items` are shown in full. The `rest`, beyond the subscription's `max_items`, gets a line each.
    `digest_id` is 0 if nothing was claimed. A digest may have several pages; `following` counts the
    items on later ones. `answering` makes the links by which its receiver answers whether an item
    is right; None where these links would lead nowhere.
    """

    subscription: Subscription
    items: tuple[DigestItem, ...]
    rest: tuple[DigestItem, ...]
    notices: tuple[str, ...]
    watched: Watched | None
    made_at: datetime
    digest_id: int = 0
    page: int = 1
    pages: int = 1
    following: int = 0
    review: Review | None = None
    answering: AnswerLinks | None = None

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.notices

    def counts(self) -> dict[NewsKind, int]:
        """How many items there are of each kind, in the order of the sections."""
        found: dict[NewsKind, int] = {}
        for item in sorted((*self.items, *self.rest), key=lambda item: _ORDER[item.kind]):
            found[item.kind] = found.get(item.kind, 0) + 1
        if self.notices:
            found[NewsKind.SOURCE_HEALTH] = len(self.notices)
        return found


def build(
    s: Session,
    subscription: Subscription,
    claimed: Sequence[Item],
    *,
    now: datetime,
    watched: Watched | None = None,
    in_full: bool = False,
) -> Digest:
    """The digest of these items, as the register stands now. If an agreement is gone, its report is
    shown. `in_full` shows all items in full, whatever `max_items` says.
    """
    notices = tuple(
        in_words(item.detail, subscription.language)
        for item in claimed
        if item.kind is NewsKind.SOURCE_HEALTH
    )
    groups = _groups(s, [item for item in claimed if item.kind is not NewsKind.SOURCE_HEALTH])
    rows = document_rows.report_rows(
        s, {document for group in groups for document in group.documents}
    )
    given = given_names(s, [group.agreement.id for group in groups if group.agreement])
    changed = {group.key: _text_changes(s, group, rows) for group in groups if group.changed}
    found = (replace(_item(one, rows, given), changes=changed.get(one.key, ())) for one in groups)
    items = sorted(found, key=_sort_key)
    most = len(items) if in_full else subscription.max_items
    return Digest(
        subscription=subscription,
        items=tuple(items[:most]),
        rest=tuple(items[most:]),
        notices=notices,
        watched=watched,
        made_at=now,
    )


def review_beside(s: Session, digest: Digest, after: datetime | None) -> Review | None:
    """The documents that wait for review since the previous digest; None without any, in an empty
    digest, for a subscription that is sent each near miss anyway, and for receivers outside, who
    cannot answer.
    """
    subscription = digest.subscription
    if subscription.manage or not digest.items or NewsKind.NEAR_MISS in subscription.news:
        return None
    found = arrived(s, subscription.filter, after, digest.made_at)
    return (len(found), tuple(found[:_BEST_SHOWN])) if found else None


def with_unread(digest: Digest, unread: Set[int]) -> Digest:
    """The digest; unconfirmed items with a report among the `unread` are marked."""

    def marked(item: DigestItem) -> DigestItem:
        waits = any(report.document_id in unread for report in item.reports)
        return replace(item, is_unread=True) if waits and item.is_unconfirmed else item

    if not unread:
        return digest
    items, rest = tuple(map(marked, digest.items)), tuple(map(marked, digest.rest))
    return replace(digest, items=items, rest=rest)


def _sort_key(item: DigestItem) -> tuple[bool, int, int]:
    """Unconfirmed items come last, whatever their news."""
    newest_first = -(item.event_date.toordinal() if item.event_date else 0)
    return item.is_unconfirmed, _ORDER[item.kind], newest_first


@dataclass(frozen=True, slots=True)
class _NewsOfAgreement:
    """The claimed items about one agreement, or about one document that belongs to none. `changed`
    are the documents of which a new text is news, each with its hash.
    """

    agreement: Agreement | None
    kind: NewsKind
    fresh: frozenset[int]
    changed: frozenset[tuple[int, str]] = frozenset()

    @property
    def key(self) -> object:
        return self.agreement.id if self.agreement else self.fresh

    @property
    def documents(self) -> set[int]:
        return {*self.fresh, *(self.agreement.document_ids if self.agreement else ())}


def _groups(s: Session, claimed: Iterable[Item]) -> list[_NewsOfAgreement]:
    found: dict[object, _NewsOfAgreement] = {}
    for item in claimed:
        agreement = queries.agreement(s, item.agreement_id) if item.agreement_id else None
        key: object = agreement.id if agreement else item.document_ids
        fresh = frozenset(item.document_ids)
        is_changed = item.kind is NewsKind.CHANGED_DOCUMENT
        changed = frozenset((one, item.detail) for one in fresh) if is_changed else frozenset()
        group = _NewsOfAgreement(agreement, item.kind, fresh, changed)
        if key in found:
            earlier = found[key]
            kind = min(earlier.kind, item.kind, key=lambda kind: _ORDER[kind])
            group = replace(
                earlier,
                kind=kind,
                fresh=earlier.fresh | group.fresh,
                changed=earlier.changed | group.changed,
            )
        found[key] = group
    return list(found.values())


def _text_changes(
    s: Session, group: _NewsOfAgreement, rows: Mapping[int, DocumentRow]
) -> tuple[TextChange, ...]:
    found = []
    for document, text_hash in sorted(group.changed):
        for before, after in pairwise(versions_of(s, document)):
            if after.text_hash == text_hash and document in rows:
                passages = tuple(differences(before.text, after.text))
                found.append((document, rows[document].language, passages))
    return tuple(found)


def _item(
    group: _NewsOfAgreement, rows: Mapping[int, DocumentRow], given: Mapping[str, str]
) -> DigestItem:
    fresh = document_rows.rows_in_order(dict(rows), sorted(group.fresh))
    if group.agreement is None:
        return _document_item(group.kind, fresh)
    agreement = group.agreement
    fresh = [row for row in fresh if row.id not in agreement.listed]
    step, before = _newest_news(agreement, group.fresh)
    born = born_on(agreement)
    ordered = [*(step.document_ids if step else ()), *sorted(group.fresh), *agreement.document_ids]
    published = [number for number in dict.fromkeys(ordered) if number not in agreement.listed]
    reports = document_rows.rows_in_order(dict(rows), published)
    quote, quoted = _quotation(step, fresh or reports)
    listed = document_rows.rows_in_order(dict(rows), agreement.listed)
    return DigestItem(
        kind=group.kind,
        agreement_id=agreement.id,
        title=agreement.title,
        parties=agreement.parties,
        instrument=agreement.instrument,
        topics=agreement.topics,
        status=_status(step, agreement),
        before=before if group.kind is NewsKind.NEW_STEP else None,
        place=agreement.place,
        event_date=(step.on if step else None) or agreement.event_date,
        expected_on=step.expected_on if step else None,
        quote=quote,
        quote_language=quoted.language if quoted else "und",
        quote_outlet=quoted.outlet if quoted else None,
        reports=tuple(
            _link(
                row,
                group.fresh,
                reports_status=step is None
                or (row.id in step.document_ids and fits_step(row.status, step)),
            )
            for row in reports
        ),
        year=born.year if born else None,
        given=given.get(agreement.id),
        grade=agreement.grade,
        place_key=agreement.place_key,
        listed_since=min(filter(None, map(_seen_on, listed)), default=None),
        reported_on=min(filter(None, map(_reported_on, fresh)), default=None) if listed else None,
    )


def _seen_on(row: DocumentRow) -> date | None:
    return row.first_seen_at.date() if row.first_seen_at else None


def _reported_on(row: DocumentRow) -> date | None:
    return row.published_on or _seen_on(row)


def _status(step: Step | None, agreement: Agreement) -> Status | None:
    """Of the step that is news; the agreement's own if that has a date and the step has none."""
    if step is None or step.status is None:
        return agreement.status
    is_undated = step.on is None and agreement.event_date is not None
    return agreement.status if is_undated else step.status


def _newest_news(agreement: Agreement, fresh: frozenset[int]) -> tuple[Step | None, Status | None]:
    """The last step with fresh reports, else the last of all, and the status before it."""
    before: Status | None = None
    last = agreement.history[-1] if agreement.history else None
    found: tuple[Step | None, Status | None] = (last, None)
    for step in agreement.history:
        if fresh & set(step.document_ids):
            found = (step, before)
        before = step.status or before
    return found


def _quotation(step: Step | None, rows: Sequence[DocumentRow]) -> tuple[str, DocumentRow | None]:
    """The sentence that proves the step, and the report in which it stands."""
    wanted = step.quote if step else ""
    exact = next((row for row in rows if wanted and row.quote == wanted), None)
    quoted = exact or next((row for row in rows if row.quote), None)
    return (quoted.quote, quoted) if quoted else (wanted, rows[0] if rows else None)


def _document_item(kind: NewsKind, rows: Sequence[DocumentRow]) -> DigestItem:
    row = rows[0] if rows else None
    return DigestItem(
        kind=kind,
        agreement_id=None,
        title=row.title if row else "",
        parties=row.parties if row else (),
        instrument=None,
        topics=row.topics if row else (),
        status=row.status if row else None,
        before=None,
        place=row.place if row else None,
        event_date=row.event_date if row else None,
        quote=row.quote if row else "",
        quote_language=row.language if row else "und",
        quote_outlet=row.outlet if row else None,
        reports=tuple(_link(row, frozenset()) for row in rows),
        grade=Grade.UNCONFIRMED if kind is NewsKind.NEAR_MISS else None,
        place_key=row.place_key if row else None,
    )


def _link(row: DocumentRow, fresh: frozenset[int], *, reports_status: bool = True) -> ReportLink:
    return ReportLink(
        document_id=row.id,
        title=row.title,
        url=row.url,
        outlet=row.outlet,
        language=row.language,
        published_on=row.published_on,
        is_new=row.id in fresh,
        reports_status=reports_status,
    )
