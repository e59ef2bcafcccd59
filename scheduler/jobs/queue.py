"""The queue of jobs on PostgreSQL. procrastinate's one home.

The queue has a schema of its own, and is made anew where another version of procrastinate made it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from psycopg import Error, connect, sql
from psycopg_pool import PoolTimeout

from scheduler.jobs.job import Job, Work
from storage.database.engines import for_libpq
from storage.errors import DatabaseError
from storage.workers.queue import QUEUE_SCHEMA

# A worker reports this often, and counts as dead after DEAD_S without a report: it gives up itself
# when it cannot reach the database.
HEARTBEAT_S, DEAD_S = 5.0, 25.0
_FAILED_JOBS_H = 7 * 24  # hours in which failed jobs can be looked at
_WITHIN_S = 10.0  # in which the database answers


class JobQueue:
    """The queue of a database. Raises DatabaseError if it does not answer."""

    def __init__(self, database_url: str) -> None:
        self._url = for_libpq(database_url)
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # our own errors say it in one line

    def prepare(self) -> None:
        """Make the tables of the queue, if they are not there or are those of another version."""

        version = _newest_migration(SchemaManager.get_migrations_path())
        known = f"COMMENT ON SCHEMA {QUEUE_SCHEMA} IS {{}}"
        try:
            with connect(self._url, connect_timeout=int(_WITHIN_S)) as connection:
                connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [QUEUE_SCHEMA])
                query = "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')"
                (found,) = connection.execute(query, [QUEUE_SCHEMA]).fetchone() or (None,)
                if found == version:
                    return
                connection.execute(f"DROP SCHEMA IF EXISTS {QUEUE_SCHEMA} CASCADE")
                connection.execute(f"CREATE SCHEMA {QUEUE_SCHEMA}")
                connection.execute(f"SET LOCAL search_path = {QUEUE_SCHEMA}, public")
                connection.execute(SchemaManager.get_schema())
                connection.execute(sql.SQL(known).format(sql.Literal(version)))
        except Error as error:
            raise _lost(error) from error

    def put(self, jobs: Sequence[Job]) -> list[Job]:
        """Put jobs in; those whose key waits already are left out. Returns those that were."""
        return asyncio.run(self._put(jobs))

    def clear_up(self) -> int:
        """Delete jobs of dead workers, and old failures. Returns how many the dead had."""
        return asyncio.run(self._clear_up())

    async def work(
        self,
        works: Mapping[str, Work],
        queues: Sequence[str],
        concurrency: int,
        begun: Callable[[Callable[[], None]], None],
    ) -> None:
        """Take jobs until the function that `begun` is given is called, or the database is lost.
        What is being done then is done to its end. `works` are by kind.
        """
        async with self._opened() as app:
            for kind, work in works.items():
                app.task(name=kind)(_named(work))
            worker = self._worker(app, queues, concurrency)
            running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            await asyncio.sleep(0)  # its first step forgets a stop that came before it
            begun(worker.stop)
            await running

    @staticmethod
    def _worker(app: App, queues: Sequence[str], concurrency: int) -> Worker:

        return Worker(
            app,
            queues=[*queues],  # a tuple would be a row to the driver
            concurrency=concurrency,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=DEAD_S,
        )

    @contextlib.asynccontextmanager
    async def _opened(self) -> Any:

        options = {"options": f"-c search_path={QUEUE_SCHEMA},public"}
        connector = PsycopgConnector(
            conninfo=self._url, kwargs=options, min_size=1, max_size=4, timeout=_WITHIN_S
        )
        app = App(connector=connector)
        try:
            async with app.open_async():
                yield app
        except (ConnectorException, PoolTimeout, Error) as error:
            raise _lost(error) from error

    async def _put(self, jobs: Sequence[Job]) -> list[Job]:

        put: list[Job] = []
        async with self._opened() as app:
            for job in jobs:
                order = app.configure_task(
                    job.kind, queue=job.queue, lock=job.key, queueing_lock=job.key
                )
                with contextlib.suppress(AlreadyEnqueued):
                    await order.defer_async(**job.args)
                    put.append(job)
        return put

    async def _clear_up(self) -> int:

        async with self._opened() as app:
            manager = app.job_manager
            stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_S))
            for job in stalled:
                with contextlib.suppress(ConnectorException):  # it has ended after all
                    await manager.finish_job(job, Status.FAILED, delete_job=True)
            await manager.prune_stalled_workers(DEAD_S)
            await manager.delete_old_jobs(_FAILED_JOBS_H, include_failed=True)
        return len(stalled)


def _named(work: Work) -> Callable[..., Awaitable[None]]:
    async def call(**args: Any) -> None:
        await work(args)

    return call


def _newest_migration(folder: str) -> str:
    return max(path.name for path in Path(folder).glob("*.sql"))


def _lost(error: Exception) -> DatabaseError:
    text = " ".join(str(error.__cause__ or error).split())
    return DatabaseError(f"the queue cannot be reached: {text or type(error).__name__}")
