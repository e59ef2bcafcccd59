"""Deliveries: a digest on its way to one recipient, from waiting to delivered or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.database.statements import chunks
from storage.telling.tables import Deliveries, Digests


@dataclass(frozen=True, slots=True)
class Delivery:
    """A page of a digest for one recipient. `attempts` counts those made, this one among them once it is leased."""

    id: int
    digest_id: int
    subscription_id: str
    channel: str
    recipient: str
    message_id: str
    attempts: int
    last_error: str | None = None
    page: int = 1
    pages: int = 1
    page_size: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is on its way by one channel: how many deliveries, since when, and how many of them failed at least once.

    `last_error` is that of the newest failure.
    """

    channel: str
    deliveries: int
    since_at: datetime
    failed: int
    next_try_at: datetime
    last_error: str | None = None


def deliveries_due(
    s: Session, now: datetime, *, limit: int = 100, lease_s: float = 300
) -> list[Delivery]:
    """Lease up to `limit` deliveries that are due; one whose sender died is due again when its lease ends.

    A page is due once those before it arrived, or were given up.
    """
    due = select(Deliveries.id).where(_is_next(), Deliveries.next_try_at <= now)
    ids = s.scalars(due.order_by(Deliveries.next_try_at, Deliveries.id).limit(limit)).all()
    lease = {
        "state": "leased",
        "next_try_at": now + timedelta(seconds=lease_s),
        "attempts": Deliveries.attempts + 1,
    }
    for chunk in chunks(ids):
        s.execute(update(Deliveries).where(Deliveries.id.in_(chunk)).values(lease))
    return [
        delivery for chunk in chunks(ids) for delivery in _deliveries(s, Deliveries.id.in_(chunk))
    ]


def keep_body(s: Session, delivery_id: int, body: str) -> str:
    """Keep what is about to be sent, until it is accepted; what was kept before, if anything was."""
    s.execute(
        update(Deliveries)
        .where(Deliveries.id == delivery_id, Deliveries.body.is_(None))
        .values(body=body)
    )
    return (
        s.execute(select(Deliveries.body).where(Deliveries.id == delivery_id)).scalar_one() or body
    )


def delivered(s: Session, delivery_id: int, now: datetime) -> None:
    """The receiver accepted it."""
    _settle(s, delivery_id, state="accepted", settled_at=now, last_error=None, body=None)


def failed(
    s: Session, delivery_id: int, now: datetime, error: str, next_try_at: datetime | None
) -> None:
    """It could not be handed over; tried again at `next_try_at`, or given up where that is None."""
    if next_try_at is None:
        _settle(s, delivery_id, state="failed", settled_at=now, last_error=error)
    else:
        _settle(s, delivery_id, state="waiting", next_try_at=next_try_at, last_error=error)


def undelivered(s: Session) -> list[Delivery]:
    """Deliveries that were given up, or failed at least once and wait; oldest first."""
    return _deliveries(s, _undelivered())


def count_undelivered(s: Session) -> int:
    """How many those are."""
    return s.execute(
        select(func.count()).select_from(Deliveries).where(_undelivered())
    ).scalar_one()


def not_arriving(s: Session, since: datetime, tries: int) -> list[Delivery]:
    """Deliveries that were given up since then, or failed so many times and wait; oldest first."""
    lost = (Deliveries.state == "failed") & (Deliveries.settled_at >= since)
    late = (
        Deliveries.state.in_(_OPEN)
        & (Deliveries.attempts >= tries)
        & Deliveries.last_error.is_not(None)
    )
    return _deliveries(s, or_(lost, late))


def waiting(s: Session) -> list[Waiting]:
    """What is on its way and has not arrived, a channel each."""
    counted = (
        Deliveries.channel,
        func.count().label("deliveries"),
        func.min(Digests.claimed_at).label("since_at"),
        func.count(Deliveries.last_error).label("failed"),
        func.min(Deliveries.next_try_at).label("next_try_at"),
    )
    rows = (
        select(*counted)
        .join(Digests, Digests.id == Deliveries.digest_id)
        .where(Deliveries.state.in_(_OPEN))
    )
    by_channel = rows.group_by(Deliveries.channel).order_by(Deliveries.channel)
    return [
        Waiting(*row, last_error=_newest_error(s, row.channel))
        for row in s.execute(by_channel).all()
    ]


def _newest_error(s: Session, channel: str) -> str | None:
    failing = (
        (Deliveries.channel == channel)
        & Deliveries.state.in_(_OPEN)
        & Deliveries.last_error.is_not(None)
    )
    return s.scalar(
        select(Deliveries.last_error).where(failing).order_by(Deliveries.id.desc()).limit(1)
    )


_OPEN = ("waiting", "leased")


def _undelivered() -> Any:
    return or_(
        Deliveries.state == "failed",
        Deliveries.state.in_(_OPEN) & Deliveries.last_error.is_not(None),
    )


def resend(s: Session, delivery_id: int, now: datetime) -> None:
    """Let a delivery that was given up or waits be tried again now, under its message id; one on its way is left."""
    values = {"state": "waiting", "next_try_at": now, "settled_at": None}
    resting = Deliveries.state.in_(("waiting", "failed"))
    s.execute(update(Deliveries).where(Deliveries.id == delivery_id, resting).values(values))


def next_try_at(s: Session) -> datetime | None:
    """When the next delivery is due; None where none is on its way."""
    return s.scalar(select(func.min(Deliveries.next_try_at)).where(_is_next()))


def _is_next() -> Any:
    """On its way, and no earlier page of the same digest to the same recipient is."""
    before = aliased(Deliveries)
    same = (before.digest_id == Deliveries.digest_id) & (before.channel == Deliveries.channel)
    earlier = same & (before.recipient == Deliveries.recipient) & (before.page < Deliveries.page)
    held_up = exists().where(earlier, before.state.in_(_OPEN))
    return Deliveries.state.in_(_OPEN) & or_(Deliveries.page == 1, ~held_up)


def _settle(s: Session, delivery_id: int, **values: Any) -> None:
    s.execute(update(Deliveries).where(Deliveries.id == delivery_id).values(**values))


def _deliveries(s: Session, condition: Any) -> list[Delivery]:
    columns = (
        Deliveries.id,
        Deliveries.digest_id,
        Digests.subscription_id,
        Deliveries.channel,
        Deliveries.recipient,
        Deliveries.message_id,
        Deliveries.attempts,
        Deliveries.last_error,
        Deliveries.page,
        Deliveries.pages,
        Deliveries.page_size,
    )
    rows = select(*columns).join(Digests, Digests.id == Deliveries.digest_id).where(condition)
    return [Delivery(*row) for row in s.execute(rows.order_by(Deliveries.id))]
