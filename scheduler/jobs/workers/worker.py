"""A worker: takes jobs from the queue until a signal ends it, or it must wait.

It waits, and logs why in one line, while the database cannot be reached or has another schema,
while its clock is wrong, and while its configuration or rules are not the leader's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bound_contextvars

from crawler.worker import RulesSpec, load_spec
from scheduler.jobs import passes as jobs
from scheduler.jobs.backfill.reading import ArchiveResult, order_of, read_archives
from scheduler.jobs.daemon.host_system import (
    Reloader,
    fingerprint,
    notify_systemd,
    set_up_log,
    worker_state,
)
from scheduler.jobs.job import Work, check_available
from scheduler.schedule.sources_due import due_turns
from storage.database.session import Database, check_version, open_database
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError, OtherSchemaError
from storage.sources.states import start_run
from storage.workers.queue import clock_ahead_s, forget_worker, has_queue, note_worker, seen_workers

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log


QUEUES = ("crawl", "judge", "notify", "backfill")
BEAT_S = 5.0
MOST_CLOCK_S = 60.0  # delays, leases and due times of several machines would mean nothing
LEADER_SEEN_S = 30.0
_BESIDE_JOBS = 4  # threads that note its state, and open and close the database


class WorkerProcess:
    """One worker. To be made, and then `run`."""

    def __init__(
        self, reloader: Reloader, queues: Sequence[str], concurrency: int, log: Log
    ) -> None:
        self._reloader, self._log = reloader, log
        self._queues, self._concurrency = queues, concurrency
        from scheduler.jobs.queue import JobQueue  # its library is an extra

        self._queue = JobQueue(reloader.chosen.database)
        self._ending = asyncio.Event()
        self._works: Works | None = None
        self._stop_taking: Callable[[], None] | None = None
        self._logged_why: str | None = None
        self._why: str | None = None  # it may not go on
        self._state = worker_state(list(queues), concurrency, reloader.chosen, datetime.now(UTC))

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        # Python's own threads are as many as processors and four: jobs could take all of them.
        loop.set_default_executor(ThreadPoolExecutor(self._concurrency + _BESIDE_JOBS))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)
        notify_systemd(f"READY=1\nMAINPID={os.getpid()}")
        while not self._ending.is_set():
            try:
                await self._session()
                why = self._why
            except AccordwatchError as error:
                why = str(error)
            if not self._ending.is_set():
                self._log_state(why)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), BEAT_S)
        self._log.info("ended")
        return 0

    def _end(self) -> None:
        self._ending.set()
        if self._works is not None:
            self._works.stop.set()
        if self._stop_taking is not None:
            self._stop_taking()

    async def _session(self) -> None:
        """Take jobs for as long as that may be. Raises AccordwatchError if it may not begin."""
        await asyncio.to_thread(self._reload)
        url = self._reloader.chosen.database
        database = await asyncio.to_thread(open_database, url, upgrade=False)
        try:
            self._why = await asyncio.to_thread(self._look, database)
            if self._why is not None:
                await asyncio.to_thread(self._note, database)
                return
            self._log_state(None)
            self._works = Works(
                self._state.name, database, self._reloader, self._concurrency, self._log
            )
            works = {kind: self._work(kind, do) for kind, do in self._works.by_kind.items()}
            beating = asyncio.create_task(self._beat(database))
            try:
                await self._queue.work(works, self._queues, self._concurrency, self._began)
            finally:
                self._stop_taking = None
                beating.cancel()
            with suppress(DatabaseError):
                await asyncio.to_thread(self._leave, database)
        finally:
            self._works = None
            database.close()

    def _began(self, stop: Callable[[], None]) -> None:
        self._stop_taking = stop
        if self._ending.is_set() or self._why is not None:  # found out before this began
            stop()

    def _work(self, kind: str, do: Callable[[Mapping[str, Any]], None]) -> Work:
        async def work(args: Mapping[str, Any]) -> None:
            try:
                await asyncio.to_thread(do, args)
            except OtherSchemaError as error:
                # Upgraded since the last look. The job is no failure, which would rest: it is put
                # in again for a worker of the new version.
                self._take_no_more(str(error))
            except AccordwatchError as error:
                self._log.error(f"{kind} failed", why=str(error))
                raise
            except Exception:
                self._log.exception(f"{kind} failed by a fault of ours")
                raise
            finally:
                self._state = replace(self._state, jobs=self._state.jobs + 1)

        return work

    # --- whether it may go on -------------------------------------------------------------------

    async def _beat(self, database: Database) -> None:
        while self._why is None:
            await asyncio.sleep(BEAT_S)
            try:
                await asyncio.to_thread(self._reload)
                self._why = await asyncio.to_thread(self._look, database)
                await asyncio.to_thread(self._note, database)
            except AccordwatchError as error:
                self._why = str(error)
        self._take_no_more(self._why)

    def _take_no_more(self, why: str) -> None:
        """What is being done goes on to its end; nothing new is begun."""
        self._why = why
        if self._works is not None:
            self._works.drain.set()
        if self._stop_taking is not None:
            self._stop_taking()

    def _reload(self) -> None:
        if self._reloader.has_changed() and not self._reloader.reload():
            self._log.error("configuration refused", why=self._reloader.refusal)
        self._state = replace(self._state, configuration=fingerprint(self._reloader.chosen))

    def _look(self, database: Database) -> str | None:
        """Why this worker may take no jobs now; None if it may."""
        with database.read() as s:
            check_version(s)
            if not has_queue(s):
                return "nobody leads yet: start `accordwatch daemon --workers`"
            ahead_s = clock_ahead_s(s, datetime.now(UTC))
            seen = seen_workers(s)
        if abs(ahead_s) > MOST_CLOCK_S:
            return f"this machine's clock is {ahead_s:+.0f} s off the database's: set it"
        leaders = [state for state, seen_s in seen if state.leads and seen_s < LEADER_SEEN_S]
        theirs = {leader.configuration for leader in leaders}
        if theirs and self._state.configuration not in theirs:
            return (
                f"the configuration or the rules of {self._reloader.chosen.path} are not those of "
                f"the leader on {leaders[0].machine}: copy them here"
            )
        return None

    def _note(self, database: Database) -> None:
        with database.beside() as s:
            note_worker(s, replace(self._state, waits_because=self._why))

    def _leave(self, database: Database) -> None:
        with database.beside() as s:
            forget_worker(s, self._state.name)

    def _log_state(self, why: str | None) -> None:
        if why is None:
            self._log.info("takes jobs", worker=self._state.name, queues=list(self._queues))
        elif why != self._logged_why:
            self._log.warning("waits", why=why)
        self._logged_why = why


def work(path: Path | None, queues: Sequence[str] = QUEUES, concurrency: int = 1) -> int:
    """Work until a signal. Raises AccordwatchError if this machine cannot be a worker."""
    unknown = [name for name in queues if name not in QUEUES]
    if unknown or not queues:
        raise ConfigurationError(f"--queues: {','.join(unknown)!r} is not of {','.join(QUEUES)}")
    log = set_up_log()
    reloader = Reloader.begin(path)
    check_available(reloader.chosen.database)

    async def run() -> int:
        return await WorkerProcess(reloader, queues, concurrency, log).run()

    code = asyncio.run(run())
    sys.stderr.flush()
    return code


# --- what a worker does for each kind of job; each function blocks until it is done ---------------

# After this a crawl begins nothing new, so that other bundles get their turn.
CRAWL_LENGTH_S = 600.0
CRAWL_DEADLINE_S = 3600.0


class Works:
    """What one worker does. `stop` ends it within seconds; `drain` lets it begin nothing new."""

    def __init__(
        self, name: str, database: Database, reloader: Reloader, concurrency: int, log: Log
    ) -> None:
        self._name, self._database, self._reloader, self._log = name, database, reloader, log
        self._processes = max(1, (os.cpu_count() or 1) // concurrency)
        self.stop, self.drain = threading.Event(), threading.Event()

    @property
    def by_kind(self) -> dict[str, Callable[[Mapping[str, Any]], None]]:
        return {"crawl": self.crawl, "settle": self.settle, "send": self.send} | {
            "backfill": self.backfill
        }

    def crawl(self, args: Mapping[str, Any]) -> None:
        """Look at those of the sources of a bundle that are still due, and fetch what waits. Raises
        OtherSchemaError if nothing can be done since the database was upgraded.
        """
        chosen, now = self._reloader.chosen, datetime.now(UTC)
        named = set(args["sources"])
        bundle = [source for source in chosen.sources if source.enabled and source.id in named]
        turns = due_turns(self._database, bundle, now)
        if not turns and not jobs.waiting_documents(self._database, bundle, now):
            return
        with self._database.begin() as s:
            check_version(s)
            run_id = start_run(s, now)
        with bound_contextvars(run=run_id):
            ended = jobs.crawl_turns(
                self._database,
                chosen,
                bundle,
                turns,
                self._log,
                deadline_s=CRAWL_DEADLINE_S,
                stop=self.stop,
                goes_on=lambda: not self.drain.is_set() and self._reloader.chosen is chosen,
                run_id=run_id,
                length_s=CRAWL_LENGTH_S,
                worker=self._name,
                workers=self._processes,
            )
        if ended.fault is not None and not self.stop.is_set():
            jobs.note_fault(self._database, ended, datetime.now(UTC), run_id)
            with self._database.read() as s:
                check_version(s)
            raise AccordwatchError(ended.fault)

    def settle(self, args: Mapping[str, Any]) -> None:
        """Do what is done after crawls: forget what is old, and queue what was overlooked."""
        jobs.settle_aloud(self._database, self._reloader.chosen, self._log)

    def send(self, args: Mapping[str, Any]) -> None:
        jobs.send_aloud(self._database, self._reloader.chosen, self.stop.is_set, self._log)

    def backfill(self, args: Mapping[str, Any]) -> None:
        """Read an archive from where it was left, and keep what came of it. Raises AccordwatchError
        if the rules here are not those of who ordered it.
        """
        chosen, (file, order) = self._reloader.chosen, order_of(args)
        spec = RulesSpec(
            tuple(chosen.settings.rules.packs),
            tuple(chosen.rule_files),
            false_alarms=order.false_alarms,
        )
        if (version := load_spec(spec).version) != order.rules:
            raise AccordwatchError(
                f"the rules here are {version}, and the backfill was ordered with {order.rules}"
            )
        read_archives([file], order, spec, self._processes, self._note_read, self.stop)

    def _note_read(self, result: ArchiveResult) -> None:
        if result.ended:
            self._log.info("archive read", name=result.name, read=result.read, found=result.found)
