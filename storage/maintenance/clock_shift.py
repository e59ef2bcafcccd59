"""Moving stored times along when the system clock is set, so that waits keep their length.

This concerns everything that waits for a time, and incidents, which are reported only after they
have lasted for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Table, bindparam, select, update

from storage.database.session import Session
from storage.database.statements import chunks, plain
from storage.sources.tables import Frontier, Pauses
from storage.telling.tables import Deliveries, Incidents

_OPEN = ("waiting", "leased")


def move_waits(s: Session, before: datetime, by: timedelta) -> int:
    """Move by `by` everything that was still waiting at `before`, by the clock as it was then.

    Returns the number of documents and deliveries that were moved.
    """
    documents = _move(s, plain(Frontier), "not_before_at", before, by)
    deliveries = _move(s, plain(Deliveries), "next_try_at", before, by)
    _move_pauses(s, before, by)
    _move_incidents(s, by)
    return documents + deliveries


def _move(s: Session, table: Table, name: str, before: datetime, by: timedelta) -> int:
    """Move what is open and due after `before`, and return how many rows these were. `name` is that
    of the column that says when a row is due.
    """
    due_at = table.c[name]
    is_waiting = table.c.state.in_(_OPEN) & (due_at > before)
    rows = s.execute(select(table.c.id, due_at.label("due_at")).where(is_waiting)).all()
    of_row = table.c.id == bindparam("row_id")
    move = update(table).where(of_row).values({due_at: bindparam("moved_to")})
    for chunk in chunks(rows):
        s.execute(move, [{"row_id": row.id, "moved_to": row.due_at + by} for row in chunk])
    return len(rows)


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
