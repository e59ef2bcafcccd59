"""The content of a digest: the claimed items joined with the register, each agreement once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from crawler.differences import Passage, differences
from crawler.ingest.vouching import why_certain
from crawler.register.grade import Grounds
from scheduler.schedule.sources_due import Watched
from scheduler.views.words.phrases import in_words
from storage.database.session import Session
from storage.documents.documents import versions_of
from storage.lists import queries
from storage.notifications.digests import Item
from storage.phrases import read
from storage.records import Grade, NewsKind, Status
from storage.register.decisions import given_names
from storage.register.entry import Agreement, Step, agreement_of_card
from storage.review.review_queue import arrived
from storage.search.document_rows import DocumentRow, report_rows, rows_in_order
from storage.subscription import Subscription

# The id of the subscription to troubles of the system itself. The ids of configured subscriptions
# cannot hold a dot.
OPERATOR = "accordwatch.operator"

_BEST_SHOWN = 3  # enough to see whether it is worth the time

# The order of the sections: first what the reader subscribed for, housekeeping last.
_ORDER = {kind: position for position, kind in enumerate(NewsKind)}


# By the id of an entry: the possible answers ("right", "wrong", "correct") with their addresses.
AnswerLinks = Callable[[str], Sequence[tuple[str, str]]]


class TextChange(NamedTuple):
    """What changed in the text of a document since it was sent or seen before."""

    document_id: int
    language: str
    passages: tuple[Passage, ...]


class Review(NamedTuple):
    """How many documents wait for review, and the most probable of them."""

    waiting: int
    best: tuple[DocumentRow, ...]


@dataclass(frozen=True, slots=True)
class DigestItem:
    """An agreement with its news, or a document that belongs to none (a near miss): its `agreement`
    has no id, and says what the document reports.

    `kind` is the most important news. `reports` are its documents without the rows of lists, which
    are `listed`; `news` those that are news in this digest. `step` is the step that is news, and
    `before` the agreement's status until then. `quoted` is the report with the sentence that proves
    it. `given` is a curator's name for the agreement, `grounds` why it has its grade. `is_unread`:
    the second reader has not read its reports in time.

    Status, day and grade are those of the register, whatever the news is: who opens the entry must
    find there what the digest told.
    """

    kind: NewsKind
    agreement: Agreement
    reports: tuple[DocumentRow, ...]
    news: frozenset[int] = frozenset()
    step: Step | None = None
    before: Status | None = None
    quoted: DocumentRow | None = None
    given: str | None = None
    grounds: Grounds | None = None
    listed: tuple[DocumentRow, ...] = ()
    changes: tuple[TextChange, ...] = ()
    is_unread: bool = False

    @property
    def agreement_id(self) -> str | None:
        return self.agreement.id or None

    @property
    def other_step(self) -> Step | None:
        """The step that is news, if it is not the one of the status: an earlier one that was
        reported late, or a later one in doubt.
        """
        step = self.step
        return step if step and step.status and step != self.agreement.current else None

    @property
    def quote(self) -> str:
        return (self.quoted.quote if self.quoted else "") or (self.step.quote if self.step else "")

    @property
    def grade(self) -> Grade | None:
        """How far it can be relied on; None for what a rule outside the register found."""
        if self.agreement.id:
            return self.agreement.grade
        return Grade.UNCONFIRMED if self.kind is NewsKind.NEAR_MISS else None

    @property
    def is_unconfirmed(self) -> bool:
        return self.grade is Grade.UNCONFIRMED

    @property
    def listed_since(self) -> date | None:
        """The day since which a list has the agreement; None where none has it."""
        return min((row.first_seen_at.date() for row in self.listed), default=None)

    @property
    def reported_on(self) -> date | None:
        """The day of the first report that is news."""
        fresh = (row for row in self.reports if row.id in self.news)
        return min((row.published_on or row.first_seen_at.date() for row in fresh), default=None)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is sent to a subscription at one time.

    `items` are shown in full. The `rest`, beyond the subscription's `max_items`, gets a line each;
    so do `unconfirmed` ones, unless the subscription wants them in full or only counted.
    `digest_id` is 0 if nothing was claimed. A digest may have several pages; `following` counts the
    items on later ones. `answering` makes the links by which its receiver answers whether an item
    is right; None where these links would lead nowhere. `token` is the id of its delivery, by which
    its receiver may unsubscribe. A mail may carry `further` digests of other subscriptions; `above`
    counts the items of this one that stand in an earlier one.
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
    unconfirmed: tuple[DigestItem, ...] = ()
    token: str = ""
    further: tuple[Digest, ...] = ()
    above: int = 0

    @property
    def sections(self) -> tuple[Digest, ...]:
        return (self, *self.further)

    @property
    def all_items(self) -> tuple[DigestItem, ...]:
        return (*self.items, *self.rest, *self.unconfirmed)

    @property
    def told(self) -> tuple[DigestItem, ...]:
        """The items that are shown in it, if only by a line."""
        is_counted = self.subscription.unconfirmed == "count"
        return (*self.items, *self.rest, *(() if is_counted else self.unconfirmed))

    @property
    def is_empty(self) -> bool:
        return not self.all_items and not self.notices and not self.above

    def counts(self) -> dict[str, int]:
        """How many items there are of each kind, in the order of the sections."""
        by_kind: dict[str, int] = {}
        for item in sorted((*self.items, *self.rest), key=lambda item: _ORDER[item.kind]):
            by_kind[item.kind] = by_kind.get(item.kind, 0) + 1
        if self.unconfirmed:
            by_kind["unconfirmed"] = len(self.unconfirmed)
        if self.notices:
            by_kind[NewsKind.SOURCE_HEALTH] = len(self.notices)
        return by_kind


def build(
    s: Session,
    subscription: Subscription,
    claimed: Sequence[Item],
    *,
    now: datetime,
    in_full: bool = False,
) -> Digest:
    """The digest of these items, as the register stands now. If an agreement is gone, its report is
    shown. `in_full` shows all items in full, whatever the subscription says.
    """
    notices = tuple(
        in_words(read(item.detail), subscription.language)
        for item in claimed
        if item.kind is NewsKind.SOURCE_HEALTH
    )
    groups = _groups(s, [item for item in claimed if item.kind is not NewsKind.SOURCE_HEALTH])
    rows = report_rows(s, {document for *_, documents in groups for document in documents})
    agreements = [agreement for agreement, *_ in groups if agreement]
    names, certain = given_names(s, [one.id for one in agreements]), why_certain(s, agreements)
    items = []
    for agreement, news, _ in groups:
        kind = min((item.kind for item in news), key=_ORDER.__getitem__)
        fresh = frozenset(id_ for item in news for id_ in item.document_ids)
        item = _document_item(kind, rows_in_order(rows, sorted(fresh)))
        if agreement is not None:
            item = _agreement_item(kind, agreement, fresh, rows)
            name, grounds = names.get(agreement.id), certain[agreement.id]
            item = replace(item, given=name, grounds=grounds)
        items.append(replace(item, changes=_text_changes(s, news, rows)))
    items.sort(key=_sort_key)
    full = items
    if not (in_full or subscription.is_all_in_full):
        full = [item for item in items if not item.is_unconfirmed]
    most = len(items) if in_full else subscription.max_items
    return Digest(
        subscription=subscription,
        items=tuple(full[:most]),
        rest=tuple(full[most:]),
        unconfirmed=tuple(items[len(full) :]),
        notices=notices,
        watched=None,
        made_at=now,
    )


def in_one(sections: Sequence[Digest]) -> Digest:
    """Several digests as one, the others below the first: each item where it comes first."""
    told = set[object]()
    shown = []
    for digest in sections:
        left = _without(digest, told)
        told |= {_same_news(item) for item in left.told}
        shown.append(left)
    return replace(shown[0], further=tuple(shown[1:]))


def _same_news(item: DigestItem) -> object:
    """What two items share that tell a reader the same."""
    return item.agreement.id or item.news, item.kind, item.step, item.changes


def _without(digest: Digest, told: Set[object]) -> Digest:
    parts = (digest.items, digest.rest, digest.unconfirmed)
    items, rest, unconfirmed = (
        tuple(item for item in part if _same_news(item) not in told) for part in parts
    )
    left = replace(digest, items=items, rest=rest, unconfirmed=unconfirmed)
    return replace(left, above=len(digest.all_items) - len(left.all_items))


def review_beside(s: Session, digest: Digest, after: datetime | None) -> Review | None:
    """The documents that wait for review since the previous digest; None without any, in an empty
    digest, for a subscription that is sent each near miss anyway, and for receivers outside, who
    cannot answer.
    """
    subscription = digest.subscription
    if subscription.manage or not digest.all_items or NewsKind.NEAR_MISS in subscription.news:
        return None
    rows = arrived(s, subscription.filter, after, digest.made_at)
    return Review(len(rows), tuple(rows[:_BEST_SHOWN])) if rows else None


def with_unread(digest: Digest, unread: Set[int]) -> Digest:
    """The digest; unconfirmed items with a report among the `unread` are marked."""

    def marked(item: DigestItem) -> DigestItem:
        waits = any(report.id in unread for report in item.reports)
        return replace(item, is_unread=True) if waits and item.is_unconfirmed else item

    if not unread:
        return digest
    items, rest = tuple(map(marked, digest.items)), tuple(map(marked, digest.rest))
    return replace(
        digest, items=items, rest=rest, unconfirmed=tuple(map(marked, digest.unconfirmed))
    )


def _sort_key(item: DigestItem) -> tuple[bool, int, int]:
    """Unconfirmed items come last, whatever their news."""
    day = item.agreement.event_date
    newest_first = -(day.toordinal() if day else 0)
    return item.is_unconfirmed, _ORDER[item.kind], newest_first


def _groups(
    s: Session, claimed: Iterable[Item]
) -> list[tuple[Agreement | None, list[Item], set[int]]]:
    """The claimed items about one agreement, or about documents that belong to none, with all
    documents that have to be read for them.
    """
    groups: dict[object, tuple[Agreement | None, list[Item], set[int]]] = {}
    for item in claimed:
        agreement = queries.agreement(s, item.agreement_id) if item.agreement_id else None
        key: object = agreement.id if agreement else item.document_ids
        documents = set(agreement.document_ids) if agreement else set[int]()
        _, news, documents = groups.setdefault(key, (agreement, [], documents))
        news.append(item)
        documents.update(item.document_ids)
    return list(groups.values())


def _text_changes(
    s: Session, news: Iterable[Item], rows: Mapping[int, DocumentRow]
) -> tuple[TextChange, ...]:
    """What changed in the documents of which a new text is news."""
    changed = (item for item in news if item.kind is NewsKind.CHANGED_DOCUMENT)
    hashes = {(document, item.detail) for item in changed for document in item.document_ids}
    text_changes = []
    for document, text_hash in sorted(hashes):
        for before, after in pairwise(versions_of(s, document)):
            if after.text_hash == text_hash and document in rows:
                passages = tuple(differences(before.text, after.text))
                text_changes.append(TextChange(document, rows[document].language, passages))
    return tuple(text_changes)


def _agreement_item(
    kind: NewsKind,
    agreement: Agreement,
    news: frozenset[int],
    rows: dict[int, DocumentRow],
) -> DigestItem:
    step, before = _newest_news(agreement, news)
    ordered = [*(step.document_ids if step else ()), *sorted(news), *agreement.document_ids]
    published = [number for number in dict.fromkeys(ordered) if number not in agreement.listed]
    reports = rows_in_order(rows, published)
    fresh = rows_in_order(rows, sorted(news.difference(agreement.listed)))
    return DigestItem(
        kind,
        agreement,
        tuple(reports),
        news,
        step,
        before if kind is NewsKind.NEW_STEP else None,
        _quoted(step, fresh or reports),
        listed=tuple(rows_in_order(rows, agreement.listed)),
    )


def _newest_news(agreement: Agreement, fresh: frozenset[int]) -> tuple[Step | None, Status | None]:
    """The step with fresh reports, and the status before it. Of several steps that of the status,
    else the last; None if the fresh reports only recall the agreement.
    """
    before: Status | None = None
    newest: tuple[Step | None, Status | None] = (None, None)
    for step in agreement.history:
        if fresh & set(step.document_ids) and newest[0] != agreement.current:
            newest = (step, before)
        before = step.status or before
    return newest


def _quoted(step: Step | None, rows: Sequence[DocumentRow]) -> DocumentRow | None:
    """The report with the sentence that proves the step, else the first one with any."""
    exact = next((row for row in rows if step and step.quote and row.quote == step.quote), None)
    with_quote = next((row for row in rows if row.quote), None)
    return exact or with_quote or next(iter(rows), None)


def _document_item(kind: NewsKind, rows: Sequence[DocumentRow]) -> DigestItem:
    if not rows:
        return DigestItem(kind, Agreement("", ""), ())
    row = rows[0]
    agreement = agreement_of_card(row.title, replace(row.card, instrument=None))
    return DigestItem(kind, agreement, tuple(rows), quoted=row)
