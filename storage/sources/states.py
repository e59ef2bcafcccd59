"""What is known of each source, and when it is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage.database.session import Session
from storage.database.statements import upsert
from storage.sources.tables import SourceStates


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source. All fields are empty before its first poll.

    `due_at` was computed from `schedule`. It is None if no poll was planned since the last one.
    `failures` counts the failures since the last success.
    """

    source_id: str
    due_at: datetime | None = None
    schedule: str | None = None
    not_before_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    failures: int = 0
    last_offered: int = 0
    last_new: int = 0
    moved_from: str | None = None
    moved_to: str | None = None
    moved_at: datetime | None = None
    strikes: int | None = None
    recovered_at: datetime | None = None

    def moved(self, url: str) -> str | None:
        """Where the source answers now that is configured to be at `url`; None if it is there."""
        return self.moved_to if self.moved_from == url else None


_COLUMNS = (
    SourceStates.source_id,
    SourceStates.due_at,
    SourceStates.schedule,
    SourceStates.not_before_at,
    SourceStates.last_poll_at,
    SourceStates.last_success_at,
    SourceStates.last_error,
    SourceStates.failures,
    SourceStates.last_offered,
    SourceStates.last_new,
    SourceStates.moved_from,
    SourceStates.moved_to,
    SourceStates.moved_at,
    SourceStates.strikes,
    SourceStates.recovered_at,
)


def source_state(s: Session, source_id: str) -> SourceState:
    """Return the state of one source; an empty one for a source that was never polled."""
    row = s.execute(select(*_COLUMNS).where(SourceStates.source_id == source_id)).one_or_none()
    return SourceState(source_id) if row is None else SourceState(**row._asdict())


def source_states(s: Session) -> dict[str, SourceState]:
    """Return, by id, the state of every source that was ever polled or planned."""
    return {row.source_id: SourceState(**row._asdict()) for row in s.execute(select(*_COLUMNS))}


def note_address(s: Session, source_id: str, url: str, moved_to: str | None, now: datetime) -> None:
    """Record where a source answered that was polled: at `url`, or for good at another address."""
    values: dict[str, Any] = {"moved_from": None, "moved_to": None, "moved_at": None}
    if moved_to is not None:
        values = {"moved_from": url, "moved_to": moved_to, "moved_at": now}
    s.execute(update(SourceStates).where(SourceStates.source_id == source_id).values(values))


def plan_poll(s: Session, source_id: str, due_at: datetime, schedule: str) -> None:
    """Record when a source is due, and the schedule from which that time was computed."""
    values: dict[str, Any] = {"due_at": due_at, "schedule": schedule}
    initial: dict[str, Any] = {"failures": 0, "last_offered": 0, "last_new": 0}
    statement = upsert(s, SourceStates).values(source_id=source_id, **values, **initial)
    s.execute(statement.on_conflict_do_update(index_elements=["source_id"], set_=values))
