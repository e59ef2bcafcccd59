"""When reports came into the register, and when subscriptions began.

A subscription is notified of a step if one of its reports was fresh when it came in, and came in
after the subscription began. Both times are kept, so that one can find out later why somebody was
not notified.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from storage.database.session import Session
from storage.database.statements import IDS, plain, put, put_all, rows_of
from storage.documents.tables import Documents
from storage.notifications.tables import Arrivals, SubscriptionStarts
from storage.subscription import Subscription

_KEY_BYTES = 32


def note_arrivals(
    s: Session, document_ids: Iterable[int], oldest: date | None, now: datetime
) -> None:
    """Record that reports have come into the register, or have come back to it.

    They are fresh if they are dated `oldest` or later, or if `oldest` is None.
    """
    found = rows_of(s, _DATED, set(document_ids))
    fresh = {row.id: oldest is None or row.dated_on >= oldest for row in found}
    if fresh:
        rows = [{"document_id": one, "arrived_at": now, "fresh": fresh[one]} for one in fresh]
        put_all(s, Arrivals, "document_id", rows)


_DATED = select(Documents.id, Documents.dated_on).where(Documents.id.in_(IDS))


def fresh_arrivals(s: Session, since: datetime) -> list[int]:
    """Return the documents that came into the register since then, and were fresh."""
    fresh = select(Arrivals.document_id).where(
        Arrivals.fresh.is_(True), Arrivals.arrived_at >= since
    )
    return list(s.scalars(fresh.order_by(Arrivals.document_id)))


def was_fresh(s: Session, document_id: int) -> bool | None:
    """Return whether a report was fresh when it came in, so that it led to alerts; None if the
    document never was a report.
    """
    return s.scalar(select(Arrivals.fresh).where(Arrivals.document_id == document_id))


def running(s: Session, subscriptions: Sequence[Subscription]) -> dict[str, datetime]:
    """Return, of each subscription that is known and has not changed since, since when it has its
    present filter and news.
    """
    known = _known(s, subscriptions)
    return {
        one.id: known[one.id].wants_since_at
        for one in subscriptions
        if one.id in known and known[one.id].wants == _wanted(one)
    }


def begin(s: Session, subscriptions: Sequence[Subscription], now: datetime) -> dict[str, datetime]:
    """Return the same of each subscription. New and changed ones begin now."""
    found = running(s, subscriptions)
    beginning = [subscription for subscription in subscriptions if subscription.id not in found]
    known = _known(s, beginning)
    for subscription in beginning:
        earlier = known.get(subscription.id)
        kept = {
            "first_seen_at": now if earlier is None else earlier.first_seen_at,
            "wants_since_at": now,
            "wants": _wanted(subscription),
            "link_key": secrets.token_urlsafe(_KEY_BYTES) if earlier is None else earlier.link_key,
        }
        put(s, SubscriptionStarts, "subscription_id", {"subscription_id": subscription.id} | kept)
        found[subscription.id] = now
    return found


def link_key(s: Session, subscription_id: str) -> str | None:
    """Return what signs the links that a subscription sends; None if it has not begun."""
    keys = select(SubscriptionStarts.link_key)
    return s.scalar(keys.where(SubscriptionStarts.subscription_id == subscription_id))


def first_seen_at(s: Session, subscription_id: str) -> datetime | None:
    """Return when a subscription was first seen; None if it has not begun."""
    starts = select(SubscriptionStarts.first_seen_at)
    return s.scalar(starts.where(SubscriptionStarts.subscription_id == subscription_id))


def _known(s: Session, subscriptions: Iterable[Subscription]) -> dict[str, Any]:
    rows = rows_of(s, _STARTS_OF, [subscription.id for subscription in subscriptions])
    return {row.subscription_id: row for row in rows}


_STARTS_OF = select(plain(SubscriptionStarts)).where(SubscriptionStarts.subscription_id.in_(IDS))


# An agreement that is merged into another gets a second id here: nothing begins anew with that.
_NEVER_HASHED = {"agreements"}


def _wanted(subscription: Subscription) -> str:
    """Return a hash of what the subscription wants: its filter and its kinds of news. A field that
    filters got later counts only where it says something, so that an upgrade begins none anew.
    """
    said = subscription.filter.model_dump(mode="json", exclude_defaults=True, exclude=_NEVER_HASHED)
    wanted = {"filter": said, "news": sorted(subscription.news)}
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
