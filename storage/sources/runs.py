"""Runs: one pass over the sources that were due, with its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage.database.session import Session
from storage.errors import unpacked
from storage.sources.tables import Runs

# The key under which a report says why the crawl wrote none: it crashed, or was killed.
FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over the due sources. `finished_at` is None while it runs, or if it was killed."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    report: dict[str, Any]

    @property
    def fault(self) -> str | None:
        """Why the crawl ended without a report of its own; None if it did not."""
        line: str | None = unpacked(self.report.get(FAULT))
        return line


def start_run(s: Session, now: datetime) -> int:
    """Record that a run begins, and return its id."""
    return s.execute(insert(Runs).values(started_at=now, report={}).returning(Runs.id)).scalar_one()


def finish_run(s: Session, run_id: int, now: datetime, report: dict[str, Any]) -> None:
    """Record that a run ended. `report` holds its counts as a JSON object."""
    values = {"finished_at": now, "report": report}
    s.execute(update(Runs).where(Runs.id == run_id).values(values))


def last_runs(s: Session, n: int, before: int | None = None) -> list[Run]:
    """Return the last `n` runs, the newest first; of those before the run `before` if it is
    given.
    """
    newest = _RUNS.order_by(Runs.id.desc()).limit(n)
    if before is not None:
        newest = newest.where(Runs.id < before)
    return [Run(*row) for row in s.execute(newest)]


def find_run(s: Session, run_id: int) -> Run | None:
    """Return a run; None if there is none with this number, or it was forgotten."""
    row = s.execute(_RUNS.where(Runs.id == run_id)).one_or_none()
    return None if row is None else Run(*row)


_RUNS = select(Runs.id, Runs.started_at, Runs.finished_at, Runs.report)
