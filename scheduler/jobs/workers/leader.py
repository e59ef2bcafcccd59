"""The leader: a daemon that does not crawl and send itself, but puts jobs in the queue for workers.

One leads at a time; others stand by, and one of them takes over when the lock is free.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from scheduler.exchange.known_list import sync_known_list
from scheduler.jobs import passes as jobs
from scheduler.jobs.daemon.daemon import Daemon, Rhythm
from scheduler.jobs.daemon.host_system import (
    Reloader,
    notify_systemd,
    set_up_log,
    share_pools,
    worker_name,
    worker_state,
)
from scheduler.jobs.job import Job, check_available
from scheduler.schedule.sources_due import due_turns
from scheduler.web.server import Listen
from storage.addresses import host_and_port
from storage.database.session import Database, check_version, open_database
from storage.errors import AccordwatchError, DatabaseError
from storage.source import Source
from storage.sources.states import finish_run, last_runs
from storage.sources.tables import FAULT, LEADER
from storage.workers.queue import dead_runs, forget_worker, note_worker, open_keys

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log
    from scheduler.jobs.queue import JobQueue

TICKS_S = {"crawl": 5, "read": 10, "send": 10, "watch": 60}
STAND_BY_S = 2.0  # between two looks whether the leader is gone
SETTLE_S = 60.0  # between two looks for what crawls left to be done
SEND = Job("send", "notify", "send")
SETTLE = Job("settle", "judge", "settle")


class Leader:
    """Puts in the queue what is due. Its methods are the jobs of a Daemon."""

    def __init__(self, database: Database, reloader: Reloader, queue: JobQueue, log: Log) -> None:
        self._database, self._reloader, self._queue, self._log = database, reloader, queue, log
        self._begun_at, self._name = datetime.now(UTC), worker_name()
        self._settled_s, self._settled_at = -SETTLE_S, datetime.min.replace(tzinfo=UTC)

    def lead(self, held: Callable[[], bool], listen: Listen | None) -> tuple[int, bool]:
        """Lead until a signal, or until the lock is lost: (exit code, whether a job hangs)."""
        self._log.info("leads")
        jobs.note_gap(self._database, self._reloader.chosen, datetime.now(UTC))
        rhythm = Rhythm(TICKS_S, {"crawl": self.crawl, "send": self.send})
        daemon = Daemon(self._database, self._reloader, held, self._log, rhythm)
        code = daemon.run(listen)
        self.leave()
        return code, daemon.is_busy

    def crawl(self) -> None:
        """Take care of the dead, then have sources crawled that are due."""
        if dead := self._queue.clear_up():
            self._log.warning("a worker died; its jobs are put in anew", jobs=dead)
        with self._database.beside() as s:
            dead_run_ids = dead_runs(s)
        for run_id in dead_run_ids:
            with self._database.begin() as s:
                report = {FAULT: "its worker died; another one goes on from there"}
                finish_run(s, run_id, datetime.now(UTC), report)
        with self._database.read() as s:
            check_version(s)
            in_work = open_keys(s)
        put = self._queue.put([*self._due(in_work), *self._to_settle(in_work)])
        if put:
            self._log.info("jobs put in", keys=[job.key for job in put])

    def send(self) -> None:
        """Have digests sent, and note that there is a leader: `crawl` may take minutes."""
        with self._database.beside() as s:
            note_worker(s, worker_state([LEADER], 1, self._reloader.chosen, self._begun_at))
        with self._database.read() as s:
            in_work = open_keys(s)
        if SEND.key not in in_work:
            self._queue.put([SEND])

    def leave(self) -> None:
        """Take the leader's name off the list."""
        with suppress(DatabaseError), self._database.beside() as s:
            forget_worker(s, self._name)

    def _due(self, in_work: Collection[str]) -> Iterator[Job]:
        chosen, now = self._reloader.chosen, datetime.now(UTC)
        enabled = chosen.enabled
        wanted = set(jobs.waiting_documents(self._database, enabled, now))
        wanted |= {
            turn.source.id for turn in due_turns(self._database, enabled, now) if turn.presses(now)
        }
        for key, bundle in bundles(enabled).items():
            ids = [source.id for source in bundle]
            if key not in in_work and not wanted.isdisjoint(ids):
                yield Job("crawl", "crawl", key, {"sources": ids})

    def _to_settle(self, in_work: Collection[str]) -> Iterator[Job]:
        if SETTLE.key in in_work or time.monotonic() - self._settled_s < SETTLE_S:
            return
        self._settled_s = time.monotonic()
        with self._database.read() as s:
            newest_at = max(
                (run.finished_at for run in last_runs(s, 50) if run.finished_at), default=None
            )
        # Not by number: a run that began earlier may end later.
        if newest_at is not None and newest_at > self._settled_at:
            self._settled_at = newest_at
            yield SETTLE


def lead(path: Path | None, listen: Listen | None = None) -> int:
    """Lead the workers, or stand by until nobody else does. Returns the exit code. Raises
    AccordwatchError if it cannot begin.
    """
    share_pools()
    log = set_up_log()
    reloader = Reloader.begin(path)
    check_available(reloader.chosen.database)
    from scheduler.jobs.queue import JobQueue  # its library is an extra

    queue = JobQueue(reloader.chosen.database)
    with closing(open_database(reloader.chosen.database)) as database:
        queue.prepare()
        sync_known_list(database, reloader.chosen.settings.known_agreements, datetime.now(UTC))
    notify_systemd(f"READY=1\nMAINPID={os.getpid()}")
    logged_why = ""
    while True:
        try:
            opened = closing(open_database(reloader.chosen.database))
            with opened as database, database.hold() as held:
                if held is not None:
                    leader = Leader(database, reloader, queue, log)
                    code, is_busy = leader.lead(held, listen)
                    if is_busy:
                        sys.stderr.flush()
                        os._exit(code)
                    if code == 0:
                        return 0
                    continue  # the reason is logged, or will be when it cannot begin again
            why = "another one leads; standing by"
        except AccordwatchError as error:
            why = str(error)
        if why != logged_why:
            log.info("waits", why=why)
            logged_why = why
        time.sleep(STAND_BY_S)


# A crawl costs 3 to 6 s of a core to begin with, and at the usual delay a host keeps it busy for
# seconds to minutes. With more hosts in a bundle, few bundles would be left for many workers.
HANDFUL = 5


def bundles(sources: Iterable[Source]) -> dict[str, list[Source]]:
    """Sources by the key of their bundle, which lasts as long as there are about as many hosts."""
    by_host: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_host[host_and_port(source.url)].append(source)
    count = ceil(len(by_host) / HANDFUL)
    bundled: dict[str, list[Source]] = defaultdict(list)
    for host, of_host in by_host.items():
        bundled[f"crawl:{crc32(host.encode()) % count}/{count}"] += of_host
    return dict(bundled)
