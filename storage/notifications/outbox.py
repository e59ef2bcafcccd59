"""The notifications that wait for the next digest of each subscription.

A step is queued for each subscription whose filter it matches, as long as no digest has shown one
of its reports (`storage.notifications.notifier`) and one of them was fresh when it came in
(`storage.notifications.outbox`). This is checked for every step that a change affects, even if
known reports were only grouped differently. So nobody is notified twice of the same step, and an
agreement that was hidden in another one is news when the two are separated.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import chain
from secrets import token_urlsafe

from sqlalchemy import func, select

from storage.database import sql
from storage.database.columns import storable
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.notifications.notifier import OF_STEPS, Notifier, histories, touched
from storage.notifications.tables import (
    Arrivals,
    PendingNotifications,
    PendingReports,
    SubscriptionStarts,
    UserSubscription,
)
from storage.phrases import stored_text
from storage.records import NewsKind
from storage.register.agreements import agreement_ids, load_agreements
from storage.register.entry import Agreement, Step, documents_of
from storage.register.saving import Change
from storage.subscription import PREFIX, Subscription

# A step that a subscription was not notified of: (the subscription, the agreement, its step).
MissedNotification = tuple[str, Agreement, Step]


NEVER_NEWS = date.max  # as if all reports were too old: a fresh one of the same step is news


def oldest_news(now: datetime, max_age_days: int | None) -> date | None:
    """The day before which a report is no news; None if none is too old."""
    return None if max_age_days is None else now.date() - timedelta(days=max_age_days)


def queue_changes(
    s: Session,
    subscriptions: Sequence[Subscription],
    changes: Sequence[Change],
    *,
    now: datetime,
    oldest: date | None,
) -> int:
    """Queue what these changes are news of for each subscription; return the number of new items.
    Reports older than `oldest` are not news; with None, none is too old.
    """
    note_arrivals(s, _arrived(changes), oldest, now)
    if not subscriptions or not changes:
        return 0
    since = begin(s, subscriptions, now)
    subscriptions = [subscription for subscription in subscriptions if subscription.id in since]
    arrived = {id_ for change in changes for id_ in change.document_ids}
    concerned = arrived.union(*(documents_of(change.agreement) for change in changes))
    looked_at = touched(s, subscriptions, concerned, arrived)
    found = histories(s, subscriptions, concerned)
    notifiers = [
        Notifier(
            s, subscription, found[subscription.id], since[subscription.id], looked_at, oldest, now
        )
        for subscription in subscriptions
    ]
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
    """Queue a line for subscriptions that want this kind of news; return how many do."""
    wanting = [subscription.id for subscription in subscriptions if kind in subscription.news]
    for subscription_id in wanting:
        values = {"pending_at": now, "kind": kind, "detail": storable(stored_text(notice))}
        sql.add(s, PendingNotifications, subscription_id=subscription_id, **values)
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
    key, value = PendingReports.notification_id, PendingReports.document_id
    found = sql.all_values_by(s, key, value, notification_ids)
    return {notification_id: tuple(documents) for notification_id, documents in found.items()}


def _arrived(changes: Iterable[Change]) -> Iterable[int]:
    """Return the reports that came into the register: not near misses and changed texts."""
    of_register = (*OF_STEPS, NewsKind.NEW_REPORT)
    return chain.from_iterable(
        change.document_ids for change in changes if change.kind in of_register
    )


def _missed(
    s: Session, subscriptions: Sequence[Subscription], since: datetime, now: datetime
) -> Iterator[tuple[Notifier, MissedNotification]]:
    """Yield each step that is due, of those with a fresh report since then, with its notifier."""
    starts = running(s, subscriptions)
    settled = [subscription for subscription in subscriptions if subscription.id in starts]
    for chunk in sql.chunks(agreement_ids(s, fresh_arrivals(s, since)) if settled else ()):
        agreements = load_agreements(s, chunk)
        documents = set(chain.from_iterable(map(documents_of, agreements)))
        looked_at = touched(s, settled, documents, ())
        found = histories(s, settled, documents)
        notifiers = [
            Notifier(
                s,
                subscription,
                found[subscription.id],
                starts[subscription.id],
                looked_at,
                None,
                now,
            )
            for subscription in settled
        ]
        for agreement in agreements:
            for step in agreement.history:
                for notifier in notifiers:
                    if notifier.is_due(agreement, step):
                        yield notifier, (notifier.subscription.id, agreement, step)


# --- when reports came into the register, and when subscriptions began ----------------------------
#
# A subscription is notified of a step if one of its reports was fresh when it came in, and came in
# after the subscription began. Both times are stored, so that one can find out later why somebody
# was not notified.

_KEY_BYTES = 32


def note_arrivals(
    s: Session, document_ids: Iterable[int], oldest: date | None, now: datetime
) -> None:
    """Record reports that came (back) into the register, fresh ones if dated `oldest` or later."""
    dated = sql.values_by(s, Documents.id, Documents.dated_on, set(document_ids))
    rows = [
        {"document_id": one, "arrived_at": now, "fresh": oldest is None or dated_on >= oldest}
        for one, dated_on in dated.items()
    ]
    if rows:
        sql.put_all(s, Arrivals, rows)


def fresh_arrivals(s: Session, since: datetime) -> list[int]:
    fresh = select(Arrivals.document_id).where(
        Arrivals.fresh.is_(True), Arrivals.arrived_at >= since
    )
    return list(s.scalars(fresh.order_by(Arrivals.document_id)))


def was_fresh(s: Session, document_id: int) -> bool | None:
    """Whether a report was fresh when it came in; None if the document never was a report."""
    return s.scalar(select(Arrivals.fresh).where(Arrivals.document_id == document_id))


def running(s: Session, subscriptions: Sequence[Subscription]) -> dict[str, datetime]:
    """Since when each subscription that has not changed has its present filter and news."""
    known = _known(s, subscriptions)
    return {
        subscription.id: known[subscription.id].wants_since_at
        for subscription in subscriptions
        if subscription.id in known and known[subscription.id].wants == _wanted(subscription)
    }


def begin(s: Session, subscriptions: Sequence[Subscription], now: datetime) -> dict[str, datetime]:
    """Return the same of each subscription. New and changed ones begin now, but not one of a person
    that has ended since the caller learnt of it, as during a crawl: nothing is kept of that.
    """
    moments = running(s, subscriptions)
    beginning = [subscription for subscription in subscriptions if subscription.id not in moments]
    known = _known(s, beginning)
    people = {
        subscription.id
        for subscription in beginning
        if re.fullmatch(rf"{PREFIX}\d+", subscription.id)
    }
    if people:
        ended = people - {f"{PREFIX}{number}" for number in s.scalars(select(UserSubscription.id))}
        beginning = [subscription for subscription in beginning if subscription.id not in ended]
    for fresh in beginning:
        start = known.get(fresh.id) or SubscriptionStarts(
            fresh.id, "", first_seen_at=now, wants_since_at=now, link_key=token_urlsafe(_KEY_BYTES)
        )
        changed = replace(start, wants=_wanted(fresh), wants_since_at=now)
        sql.put(s, SubscriptionStarts, **asdict(changed))
        moments[fresh.id] = now
    return moments


def link_key(s: Session, subscription_id: str) -> str | None:
    """Return what signs the links that a subscription sends; None if it has not begun."""
    keys = select(SubscriptionStarts.link_key)
    return s.scalar(keys.where(SubscriptionStarts.subscription_id == subscription_id))


def first_seen_at(s: Session, subscription_id: str) -> datetime | None:
    """Return when a subscription was first seen; None if it has not begun."""
    starts = select(SubscriptionStarts.first_seen_at)
    return s.scalar(starts.where(SubscriptionStarts.subscription_id == subscription_id))


def _known(s: Session, subscriptions: Iterable[Subscription]) -> dict[str, SubscriptionStarts]:
    rows = sql.rows_of(s, _STARTS_OF, [subscription.id for subscription in subscriptions])
    return {row.subscription_id: SubscriptionStarts(*row) for row in rows}


_STARTS_OF = select(sql.plain(SubscriptionStarts)).where(
    SubscriptionStarts.subscription_id.in_(sql.IDS)
)


# An agreement that is merged into another gets a second id here: nothing begins anew with that.
_NEVER_HASHED = {"agreements"}


def _wanted(subscription: Subscription) -> str:
    """Return a hash of what the subscription wants: its filter and its kinds of news. A field that
    filters got later counts only where it is set, so that an upgrade begins none anew.
    """
    fields = subscription.filter.model_dump(
        mode="json", exclude_defaults=True, exclude=_NEVER_HASHED
    )
    wanted = {"filter": fields, "news": sorted(subscription.news)}
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
