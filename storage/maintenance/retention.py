"""Deleting old records of collecting, so that the database stays small and quick over years.

Documents, the register, decisions and what was notified are kept for good. Old polls of a source
are deleted when a new one is recorded (`storage.sources.states.record_poll`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, func, select

from storage.database.declared import Base
from storage.database.session import Session
from storage.database.statements import rows_changed
from storage.sources.tables import Frontier, RobotsFiles, Runs, ValidatorRows

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
