"""Deleting old records of collecting, so that the database stays small and quick over years; and
moving waits along when the system clock is set, so that they keep their length.

Documents, the register, decisions and what was notified are kept for good. Old polls of a source
are deleted when a new one is recorded (`storage.sources.states.record_poll`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, select, update

from storage.database.declared import Base
from storage.database.session import Session
from storage.database.statements import chunks, plain, rows_changed
from storage.notifications.tables import Deliveries, Incidents
from storage.sources.tables import Frontier, Pauses, RobotsFiles, Runs, ValidatorRows

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

# The most rows of a table to delete at once. Other writers wait for this, some tens of
# milliseconds. The remaining rows are deleted the next time.
MOST = 5000

# Runs that are kept however old they are: two days of an hourly cron. The health checks compare
# them, and the last one says since when nothing has run.
RUNS_KEPT = 50


def forget_history(s: Session, before: datetime) -> int:
    """Delete records that have not been used since `before`, and return how many.

    These are settled URLs that no source has offered since (one that is offered again is fetched
    again, and found to be stored), validators (the next request is a full one), files of
    robots.txt, and runs.
    """
    settled = Frontier.state.in_(("done", "given_up"))
    old_url = (Frontier.last_offered_at < before) & settled
    newest_run = select(func.max(Runs.id)).scalar_subquery()
    old_run = (Runs.started_at < before) & (Runs.id <= newest_run - RUNS_KEPT)
    return (
        _forget(s, Frontier, Frontier.id, old_url)
        + _forget(s, ValidatorRows, ValidatorRows.url_hash, ValidatorRows.saved_at < before)
        + _forget(s, RobotsFiles, RobotsFiles.origin, RobotsFiles.read_at < before)
        + _forget(s, Runs, Runs.id, old_run)
    )


def _forget(
    s: Session, table: type[Base], key: InstrumentedAttribute[Any], condition: ColumnElement[bool]
) -> int:
    result = s.execute(delete(table).where(key.in_(select(key).where(condition).limit(MOST))))
    return rows_changed(result)


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
    columns = (Incidents.name, Incidents.began_at, Incidents.seen_at, Incidents.notified_at)
    for name, began_at, seen_at, notified_at in s.execute(select(*columns)).all():
        moved = {
            "began_at": began_at + by,
            "seen_at": seen_at + by,
            "notified_at": notified_at and notified_at + by,
        }
        s.execute(update(Incidents).where(Incidents.name == name).values(moved))
