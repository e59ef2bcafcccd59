"""Tables of the workers: which hosts they stand at, and how they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage.database.declared import Base, Mapped, mapped_column


class Hosts(Base):
    """Hosts ("host:port") that workers stand at: see `storage.workers.queue`."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(primary_key=True)
    # The run that stands there, and the worker that does it; None: nobody.
    run_id: Mapped[int | None]
    worker: Mapped[str | None]
    held_until_at: Mapped[datetime | None]
    # From when on another run may ask: the end of the lease, or the last request, and the delay.
    free_at: Mapped[datetime]
    delay_s: Mapped[float]


class WorkerRows(Base):
    """The processes that take jobs, and the one that leads them: see `storage.workers.queue`."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(primary_key=True)
    machine: Mapped[str]
    version: Mapped[str]
    queues: Mapped[list[Any]]
    concurrency: Mapped[int]
    # What its sources, subscriptions and rules are, as a hash.
    configuration: Mapped[str]
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    jobs: Mapped[int]
    waits_because: Mapped[str | None]
