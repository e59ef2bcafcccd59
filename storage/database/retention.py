"""What is forgotten of the history of collecting, so that a database of years stays small and quick.

Documents, the register, decisions and what was told are kept for good. The polls of a source are cut where they are
recorded (`storage.sources.record_poll`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.database.base import Base
from storage.sources.tables import Frontier, Runs, ValidatorRows

# Rows of a table that go at once: some tens of milliseconds for which other writers wait. The rest goes the next time.
MOST = 5000

# Runs that stay however old they are, two days of an hourly cron: what the watch compares, and the last one says since
# when nothing has run.
RUNS_KEPT = 50


def forget_history(s: Session, before: datetime) -> int:
    """Remove what was of no use since `before`; how many rows.

    Settled addresses that no source has offered since: one that turns up again is fetched again, and found to be
    stored. What servers gave for conditional requests: the next request is a full one. Runs with their reports.
    """
    settled = Frontier.state.in_(("done", "given_up"))
    newest_run = select(func.max(Runs.id)).scalar_subquery()
    return (
        _forget(s, Frontier, Frontier.id, (Frontier.last_offered_at < before) & settled)
        + _forget(s, ValidatorRows, ValidatorRows.url_hash, ValidatorRows.saved_at < before)
        + _forget(
            s, Runs, Runs.id, (Runs.started_at < before) & (Runs.id <= newest_run - RUNS_KEPT)
        )
    )


def _forget(
    s: Session, table: type[Base], key: InstrumentedAttribute[Any], condition: ColumnElement[bool]
) -> int:
    result = s.execute(delete(table).where(key.in_(select(key).where(condition).limit(MOST))))
    return result.rowcount if isinstance(result, CursorResult) else 0
