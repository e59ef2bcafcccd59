"""Moving stored times along when the system clock is set, so that waits keep their length.

This concerns everything that waits for a time, and incidents, which are reported only after they
have lasted for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.statements import chunks
from storage.sources.tables import Frontier, Pauses
from storage.telling.tables import Deliveries, Incidents

_OPEN = ("waiting", "leased")


def move_waits(s: Session, before: datetime, by: timedelta) -> int:
    """Move by `by` everything that was still waiting at `before`, by the clock as it was then.

    Returns the number of documents and deliveries that were moved.
    """
    documents = _move_documents(s, before, by)
    deliveries = _move_deliveries(s, before, by)
    _move_pauses(s, before, by)
    _move_incidents(s, by)
    return documents + deliveries


def _move_documents(s: Session, before: datetime, by: timedelta) -> int:
    is_waiting = Frontier.state.in_(_OPEN) & (Frontier.not_before_at > before)
    rows = s.execute(select(Frontier.id, Frontier.not_before_at).where(is_waiting)).all()
    moved = [{"id": row.id, "not_before_at": row.not_before_at + by} for row in rows]
    for chunk in chunks(moved):
        s.execute(update(Frontier), chunk)
    return len(moved)


def _move_deliveries(s: Session, before: datetime, by: timedelta) -> int:
    is_waiting = Deliveries.state.in_(_OPEN) & (Deliveries.next_try_at > before)
    rows = s.execute(select(Deliveries.id, Deliveries.next_try_at).where(is_waiting)).all()
    moved = [{"id": row.id, "next_try_at": row.next_try_at + by} for row in rows]
    for chunk in chunks(moved):
        s.execute(update(Deliveries), chunk)
    return len(moved)


def _move_pauses(s: Session, before: datetime, by: timedelta) -> None:
    paused = select(Pauses.host, Pauses.until_at).where(Pauses.until_at > before)
    for host, until_at in s.execute(paused).all():
        s.execute(update(Pauses).where(Pauses.host == host).values(until_at=until_at + by))


def _move_incidents(s: Session, by: timedelta) -> None:
    columns = (Incidents.name, Incidents.began_at, Incidents.seen_at, Incidents.told_at)
    for name, began_at, seen_at, told_at in s.execute(select(*columns)).all():
        moved = {
            "began_at": began_at + by,
            "seen_at": seen_at + by,
            "told_at": told_at and told_at + by,
        }
        s.execute(update(Incidents).where(Incidents.name == name).values(moved))
