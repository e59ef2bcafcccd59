"""The notifications that wait for the next digest of each subscription.

A step is queued for each subscription whose filter it matches, as long as no digest has shown one
of its reports (`storage.notifications.notified`) and one of them was fresh when it came in
(`storage.notifications.arrivals`). This is checked for every step that a change affects, even if
known reports were only grouped differently. So nobody is notified twice of the same step, and an
agreement that was hidden in another one is news when the two are separated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import func, select

from storage.database.columns import storable
from storage.database.session import Session
from storage.database.statements import chunks
from storage.notifications.arrivals import begin, fresh_arrivals, note_arrivals, running
from storage.notifications.notified import OF_STEPS
from storage.notifications.notifier import FilteredReports, Notifier, histories, insert_pending
from storage.notifications.tables import PendingNotifications, PendingReports
from storage.records import NewsKind
from storage.register.agreements import agreement_ids, load_agreements
from storage.register.records import Agreement, Step, documents_of
from storage.register.saving import Change
from storage.subscription import Subscription

# A step that a subscription was not notified of: (the subscription, the agreement, its step).
MissedNotification = tuple[str, Agreement, Step]


def queue_changes(
    s: Session,
    subscriptions: Sequence[Subscription],
    changes: Sequence[Change],
    *,
    now: datetime,
    max_age_days: int | None,
    alerts: bool = True,
) -> int:
    """Queue what these changes are news of for each subscription; return the number of new items.

    Reports older than `max_age_days` are not news; with None, none is too old. Without `alerts`
    nothing is queued.
    """
    oldest = None if max_age_days is None else now.date() - timedelta(days=max_age_days)
    if not alerts:
        oldest = date.max  # as if all reports were too old: a fresh one of the same step is news
    note_arrivals(s, _arrived(changes), oldest, now)
    if not subscriptions or not changes:
        return 0
    filtered_reports = _filtered_reports(s, subscriptions)
    filtered_reports.look_up(document for change in changes for document in change.document_ids)
    since = begin(s, subscriptions, now)
    notifiers = _notifiers(
        s, subscriptions, since, filtered_reports, _concerned(changes), oldest=oldest, now=now
    )
    return sum(notifier.queue(change) for change in changes for notifier in notifiers)


def missed_notifications(
    s: Session, subscriptions: Sequence[Subscription], since: datetime
) -> list[MissedNotification]:
    """Return the steps with reports that came in since then that should be pending and are not.

    `queue_changes` leaves nothing of this kind behind: anything found here indicates a fault.
    """
    return [missed for _, missed in _missed(s, subscriptions, since, since)]


def queue_missed(
    s: Session, subscriptions: Sequence[Subscription], since: datetime, now: datetime
) -> list[MissedNotification]:
    """Queue what `missed_notifications` finds, and return it."""
    found = list(_missed(s, subscriptions, since, now))
    for notifier, (_, agreement, step) in found:
        notifier.queue(Change(agreement, NewsKind.NEW_STEP, step, ()))
    return [missed for _, missed in found]


def queue_notice(
    s: Session, subscriptions: Iterable[Subscription], kind: NewsKind, notice: str, now: datetime
) -> int:
    """Queue a line of text for subscriptions that want this kind of news; return how many do."""
    wanting = [subscription.id for subscription in subscriptions if kind in subscription.news]
    for subscription_id in wanting:
        insert_pending(s, subscription_id, kind, None, storable(notice), now)
    return len(wanting)


def waiting_since(s: Session) -> dict[str, tuple[int, datetime]]:
    """Return, by subscription, how many items wait for its next digest, and since when."""
    counted = (
        PendingNotifications.subscription_id,
        func.count().label("items"),
        func.min(PendingNotifications.pending_at).label("since_at"),
    )
    rows = s.execute(select(*counted).group_by(PendingNotifications.subscription_id))
    return {row.subscription_id: (row.items, row.since_at) for row in rows}


def pending_documents(s: Session, notification_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return the reports of each pending notification."""
    found: dict[int, tuple[int, ...]] = {}
    for chunk in chunks(notification_ids):
        reports = select(PendingReports.notification_id, PendingReports.document_id).where(
            PendingReports.notification_id.in_(chunk)
        )
        ordered = reports.order_by(PendingReports.notification_id, PendingReports.document_id)
        for notification_id, document_id in s.execute(ordered):
            found[notification_id] = (*found.get(notification_id, ()), document_id)
    return found


def _arrived(changes: Iterable[Change]) -> Iterable[int]:
    """Return the reports that came into the register: not near misses and changed texts."""
    of_register = (*OF_STEPS, NewsKind.NEW_REPORT)
    return chain.from_iterable(
        change.document_ids for change in changes if change.kind in of_register
    )


def _concerned(changes: Iterable[Change]) -> set[int]:
    documents: set[int] = set()
    for change in changes:
        documents |= {*documents_of(change.agreement), *change.document_ids}
    return documents


def _filtered_reports(s: Session, subscriptions: Iterable[Subscription]) -> FilteredReports:
    filters = [subscription.filter for subscription in subscriptions]
    return FilteredReports(
        s,
        with_words=any(flt.query for flt in filters),
        with_rules=any(flt.rules for flt in filters),
    )


def _missed(
    s: Session, subscriptions: Sequence[Subscription], since: datetime, now: datetime
) -> Iterator[tuple[Notifier, MissedNotification]]:
    """Yield each step that is due, among those with a fresh report since then, with the notifier
    that finds it so.
    """
    starts = running(s, subscriptions)
    settled = [subscription for subscription in subscriptions if subscription.id in starts]
    filtered_reports = _filtered_reports(s, settled)
    for chunk in chunks(agreement_ids(s, fresh_arrivals(s, since)) if settled else ()):
        agreements = load_agreements(s, chunk)
        documents = chain.from_iterable(map(documents_of, agreements))
        notifiers = _notifiers(
            s, settled, starts, filtered_reports, documents, oldest=None, now=now
        )
        for agreement in agreements:
            for step in agreement.history:
                for notifier in notifiers:
                    if notifier.is_due(agreement, step):
                        yield notifier, (notifier.subscription.id, agreement, step)


def _notifiers(
    s: Session,
    subscriptions: Sequence[Subscription],
    starts: Mapping[str, datetime],
    filtered_reports: FilteredReports,
    documents: Iterable[int],
    *,
    oldest: date | None,
    now: datetime,
) -> list[Notifier]:
    """Return a notifier for each subscription, with what it was notified of these documents."""
    found = histories(s, subscriptions, documents)
    return [
        Notifier(s, one, found[one.id], starts[one.id], filtered_reports, oldest, now)
        for one in subscriptions
    ]
