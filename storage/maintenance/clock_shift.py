"""Moving stored times along when the system clock is set, so that waits keep their length.

This concerns everything that waits for a time, and incidents, which are reported only after they
have lasted for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.database.statements import chunks
from storage.sources.tables import Frontier, Pauses
from storage.telling.tables import Deliveries, Incidents

_OPEN = ("waiting", "leased")


def move_waits(s: Session, before: datetime, by: timedelta) -> int:
    """Move by `by` everything that was still waiting at `before`, by the clock as it was then.

    Returns the number of documents and deliveries that were moved.
    """
    documents = _move(s, Frontier.not_before_at, before, by)
    deliveries = _move(s, Deliveries.next_try_at, before, by)
    _move_pauses(s, before, by)
    _move_incidents(s, by)
    return documents + deliveries


def _move(s: Session, due_at: InstrumentedAttribute[Any], before: datetime, by: timedelta) -> int:
    """Move what is open and due after `before`, and return how many rows these were."""
    table = due_at.class_
    is_waiting = table.state.in_(_OPEN) & (due_at > before)
    rows = s.execute(select(table.id, due_at.label("due_at")).where(is_waiting)).all()
    moved = [{"id": row.id, due_at.key: row.due_at + by} for row in rows]
    for chunk in chunks(moved):
        s.execute(update(table), chunk)
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
