"""The processes that take jobs, and the one that leads them, each with a row that says how it is.

PostgreSQL only, in transactions `Database.beside`; moments are those of the database's clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text

from storage.database.session import Session
from storage.database.statements import is_sqlite, upsert
from storage.workers.tables import WorkerRows

# A worker is heard of every ten seconds. After this long its row says nothing any more.
FORGOTTEN_S = 600.0
LEADER = "leader"  # what stands in the place of its queues


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as it says of itself. `configuration` is a hash of what it works with,
    `waits_because` why it takes no jobs; None if it does.
    """

    name: str
    machine: str
    version: str
    queues: tuple[str, ...]
    concurrency: int
    configuration: str
    begun_at: datetime
    jobs: int = 0
    documents_a_minute: float = 0.0
    memory_mb: int | None = None
    waits_because: str | None = None

    @property
    def leads(self) -> bool:
        return self.queues == (LEADER,)


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker, and how many seconds ago it was heard of."""

    state: WorkerState
    seen_s: float


def note_worker(s: Session, state: WorkerState) -> None:
    """Record how a worker is; rows of those that were not heard of for long are deleted."""
    values = asdict(state) | {"queues": [*state.queues], "seen_at": func.now()}
    statement = upsert(s, WorkerRows).values(**values)
    s.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    is_old = WorkerRows.seen_at < func.now() - text(f"interval '{FORGOTTEN_S} seconds'")
    s.execute(delete(WorkerRows).where(is_old))


def forget_worker(s: Session, name: str) -> None:
    """Delete the row of a worker that ends."""
    s.execute(delete(WorkerRows).where(WorkerRows.name == name))


def seen_workers(s: Session) -> list[SeenWorker]:
    """Return the workers that were heard of lately, by name; none on SQLite."""
    return [] if is_sqlite(s) else [*_read(s)]


def _read(s: Session) -> Iterable[SeenWorker]:
    names = list(WorkerState.__dataclass_fields__)
    columns = [getattr(WorkerRows, name) for name in names]
    age = func.extract("epoch", func.now() - WorkerRows.seen_at).label("seen_s")
    for *values, seen_s in s.execute(select(*columns, age).order_by(WorkerRows.name)):
        given = dict(zip(names, values, strict=True))
        state = WorkerState(**given | {"queues": tuple(given["queues"])})
        yield SeenWorker(state, max(0.0, float(seen_s)))


def clock_ahead_s(s: Session, now: datetime) -> float:
    """Return by how many seconds `now` is ahead of the database's clock."""
    theirs: datetime = s.execute(select(func.clock_timestamp())).scalar_one()
    return (now - theirs).total_seconds()
