"""Deciding whether a change is news for one subscription: what it was notified of, what is pending
for it, and what it wants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from sqlalchemy import select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, MatchParties
from storage.filter import Filter
from storage.notifications.tables import Arrivals, Notified, PendingNotifications, PendingReports
from storage.records import NewsKind
from storage.register.agreements import number
from storage.register.entry import Agreement, Step, documents_of
from storage.register.saving import Change
from storage.search.filtering import documents_matching, reports_matching
from storage.subscription import Subscription


@dataclass(slots=True)
class History:
    """What one subscription was notified of, and what is pending for it. `notified` maps (news,
    document id) to details, `pending` maps (news, document id, detail) to ids of pending
    notifications.
    """

    notified: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    pending: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def was_notified(self, agreement: Agreement, documents: Iterable[int]) -> bool:
        """Whether a digest showed one of these reports as a step of an agreement like this one."""
        details = (self.notified.get((STEP_NEWS, document), ()) for document in documents)
        return any(is_about(detail, agreement.parties) for detail in chain.from_iterable(details))

    def pending_step(self, documents: Iterable[int]) -> int | None:
        """Return the id of the pending notification that shows one of these reports as a step."""
        ids = (self.pending.get((STEP_NEWS, document, "")) for document in documents)
        return next((id_ for id_ in ids if id_ is not None), None)

    def has(self, news: str, document: int, detail: str) -> bool:
        """Whether the subscription was notified of exactly this, or it is pending."""
        return (
            detail in self.notified.get((news, document), ())
            or (news, document, detail) in self.pending
        )


_Match = Callable[[Session, Sequence[Filter], Collection[int]], list[set[int]]]


@dataclass(frozen=True, slots=True)
class Touched:
    """The documents that a run touched, as subscriptions look at them. Each filter is evaluated as
    a query is, once for all of them.
    """

    s: Session
    filters: Sequence[Filter]
    document_ids: Collection[int]
    fresh_since: Mapping[int, datetime]  # when those came in that were fresh then
    _found: dict[_Match, Mapping[Filter, set[int]]] = field(default_factory=dict)

    def reports(self, flt: Filter) -> set[int]:
        """The reports that match a filter with the steps that they report."""
        return self._matching(reports_matching, flt)

    def documents(self, flt: Filter) -> set[int]:
        """The documents that match a filter, whether or not they stand in the register."""
        return self._matching(documents_matching, flt)

    def _matching(self, match: _Match, flt: Filter) -> set[int]:
        if match not in self._found:
            matching = match(self.s, self.filters, self.document_ids)
            self._found[match] = dict(zip(self.filters, matching, strict=True))
        return self._found[match][flt]


def touched(
    s: Session,
    subscriptions: Iterable[Subscription],
    document_ids: Iterable[int],
    arrived: Iterable[int],
) -> Touched:
    """Those of these documents that were fresh when they came in, and those that `arrived` now."""
    filters = tuple(dict.fromkeys(subscription.filter for subscription in subscriptions))
    key, fresh = Arrivals.document_id, Arrivals.fresh.is_(True)
    since = sql.all_values_by(s, key, Arrivals.arrived_at, document_ids, fresh)
    fresh_since = {one: at for one, (at,) in since.items()}
    return Touched(s, filters, {*fresh_since, *arrived}, fresh_since)


@dataclass(frozen=True, slots=True)
class Notifier:
    """Decides what is news for one subscription, and queues it; none is older than `oldest`."""

    s: Session
    subscription: Subscription
    history: History
    since: datetime  # its present filter and news
    touched: Touched
    oldest: date | None
    now: datetime

    def queue(self, change: Change) -> int:
        """Queue a change if it is news, and return the number of new items: 0 or 1."""
        step = change.step
        if step is None:
            return self._queue_documents(change.kind, change)
        if self.history.was_notified(change.agreement, step.document_ids):
            return self._queue_documents(NewsKind.NEW_REPORT, change)
        notification_id = self.history.pending_step(step.document_ids)
        if notification_id is not None:
            self._add_reports(notification_id, STEP_NEWS, change.document_ids, "")
            return 0
        if not self.is_due(change.agreement, step, arrived=change.document_ids):
            return 0
        self._insert(self.step_kind(change.agreement), change, step.document_ids)
        return 1

    def is_due(self, agreement: Agreement, step: Step, arrived: Collection[int] = ()) -> bool:
        """Whether the subscription has to be notified of a step. It must not have been before, and
        must not be pending. The step has to match the filter with a report that is news: one that
        was fresh, and came in after the subscription began or just now (`arrived`).
        """
        documents = step.document_ids
        if (
            self.history.was_notified(agreement, documents)
            or self.history.pending_step(documents) is not None
        ):
            return False
        if self.step_kind(agreement) not in self.subscription.news:
            return False
        fresh = self.touched.fresh_since
        return any(
            document in self.touched.reports(self.subscription.filter)
            for document in documents
            if document in fresh and (fresh[document] >= self.since or document in arrived)
        )

    def step_kind(self, agreement: Agreement) -> NewsKind:
        """Return what kind of news a step is of which the subscription was not notified. It is a
        new agreement if the same holds for all of its steps, if the subscription wants such news,
        and if no list had the agreement before.
        """
        everything = documents_of(agreement)
        is_unknown = (
            not self.history.was_notified(agreement, everything)
            and self.history.pending_step(everything) is None
        )
        is_new = is_unknown and not agreement.listed
        if is_new and NewsKind.NEW_AGREEMENT in self.subscription.news:
            return NewsKind.NEW_AGREEMENT
        return NewsKind.NEW_STEP

    def _queue_documents(self, kind: NewsKind, change: Change) -> int:
        """Queue news of documents themselves: late reports, mentions, near misses, new texts."""
        news = news_of(kind)
        documents = [
            id_ for id_ in change.document_ids if not self.history.has(news, id_, change.detail)
        ]
        if not self._wants_documents(kind):
            return 0
        in_register = bool(change.agreement.id)
        look_up = self.touched.reports if in_register else self.touched.documents
        matching = look_up(self.subscription.filter).intersection(documents)
        if not matching or not self._is_fresh(matching):
            return 0
        self._insert(kind, change, documents)
        return 1

    def _is_fresh(self, documents: Collection[int]) -> bool:
        """Whether one of these documents is not too old to be news."""
        if self.oldest is None:
            return True
        dated = Documents.dated_on >= self.oldest
        among = sql.values_among(self.s, Documents.id, Documents.id, documents, dated)
        return bool(among)

    def _wants_documents(self, kind: NewsKind) -> bool:
        # What a rule outside the register finds is for the subscriptions that name a rule.
        if kind is NewsKind.NEW_DOCUMENT:
            return bool(self.subscription.filter.rules)
        return kind in self.subscription.news

    def _insert(self, kind: NewsKind, change: Change, documents: Iterable[int]) -> None:
        notification_id = sql.add(
            self.s,
            PendingNotifications,
            pending_at=self.now,
            subscription_id=self.subscription.id,
            kind=kind,
            agreement_id=number(change.agreement.id) or None,
            detail=change.detail,
        )
        self._add_reports(notification_id, news_of(kind), documents, change.detail)

    def _add_reports(
        self, notification_id: int, news: str, documents: Iterable[int], detail: str
    ) -> None:
        rows = [
            {"notification_id": notification_id, "document_id": document} for document in documents
        ]
        sql.add_missing(self.s, PendingReports, rows)
        self.history.pending |= {
            (news, document, detail): notification_id for document in documents
        }


def histories(
    s: Session, subscriptions: Sequence[Subscription], documents: Iterable[int]
) -> Mapping[str, History]:
    """Return what each subscription was notified of these documents, and what is pending."""
    by_id = {subscription.id: History() for subscription in subscriptions}
    documents = set(documents)
    for subscription_id, news, document_id, detail in sql.rows_of(s, _NOTIFIED_OF, documents):
        if subscription_id in by_id:
            by_id[subscription_id].notified.setdefault((news, document_id), set()).add(detail)
    for subscription_id, kind, document_id, detail, one in sql.rows_of(s, _PENDING_OF, documents):
        if subscription_id in by_id:
            by_id[subscription_id].pending[news_of(NewsKind(kind)), document_id, detail] = one
    return by_id


_NOTIFIED_OF = select(
    Notified.subscription_id, Notified.news, Notified.document_id, Notified.detail
).where(Notified.document_id.in_(sql.IDS))
_PENDING_OF = (
    select(
        PendingNotifications.subscription_id,
        PendingNotifications.kind,
        PendingReports.document_id,
        PendingNotifications.detail,
        PendingNotifications.id,
    )
    .join(PendingReports, PendingReports.notification_id == PendingNotifications.id)
    .where(PendingReports.document_id.in_(sql.IDS))
)


# --- of what digests have notified each subscription, by report -----------------------------------
#
# Reports outlive merges, splits and reclustering, which ids of agreements do not. If a report was
# shown as one of an agreement whose parties are not those that it names, the reader was notified
# of those other parties alone. In this case `detail` holds them ("DE-KE"); otherwise it is "".

STEP_NEWS = "step"
OF_STEPS = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)


def news_of(kind: NewsKind) -> str:
    """Return the name of a kind of news in the table `notified`. New agreements and new steps share
    one name: a reader who was notified of a signature as a new agreement is not notified again when
    it turns out to be the second step of an older one.
    """
    return STEP_NEWS if kind in OF_STEPS else kind.value


def details_of(step: Step, parties: Sequence[str], named: Mapping[int, Set[str]]) -> dict[int, str]:
    """The `detail` with which a digest shows each report, by the parties that it names."""
    shown_under = "-".join(sorted(set(parties)))
    return {
        document: "" if _alike(named.get(document, set()), set(parties)) else shown_under
        for document in step.document_ids
    }


def is_about(detail: str, parties: Iterable[str]) -> bool:
    """Whether a report that was shown with this `detail` was shown under these parties."""
    return not detail or _alike(set(detail.split("-")), set(parties))


def _alike(some: Set[str], others: Set[str]) -> bool:
    """Whether one set contains the other, or they share more than half of their members. Reading a
    text often misses or adds a party. Unknown parties are no reason to show a report again.
    """
    return some <= others or others <= some or len(some & others) > len(some | others) / 2


def parties_named(s: Session, document_ids: Iterable[int]) -> dict[int, set[str]]:
    key, party, takes_part = MatchParties.document_id, MatchParties.party, MatchParties.taking_part
    named = sql.all_values_by(s, key, party, document_ids, takes_part)
    return {document: set(parties) for document, parties in named.items()}


def notified_among(
    s: Session, subscription_id: str, news: str, document_ids: Iterable[int]
) -> set[tuple[int, str]]:
    """Return which of these reports were shown to the subscription as this news, with details."""
    mine = (Notified.subscription_id == subscription_id) & (Notified.news == news)
    found = sql.all_values_by(s, Notified.document_id, Notified.detail, document_ids, mine)
    return {(document, detail) for document, details in found.items() for detail in details}
