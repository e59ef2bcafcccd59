"""The daemon: crawls, digests and the watch over itself, on a schedule.

It only ticks: what is due stands in the tables, which it shares with `run`, and a lock keeps the
two apart. Whatever happens in a tick, the next one comes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from structlog.contextvars import bound_contextvars

from scheduler.configuration.config import Configuration
from scheduler.exchange.known_list import sync_known_list
from scheduler.jobs import passes as jobs
from scheduler.jobs.daemon.host_system import (
    Reloader,
    Signals,
    give_memory_back,
    notify_systemd,
    set_up_log,
    share_pools,
    watchdog_s,
)
from scheduler.jobs.health.findings import Finding, problem
from scheduler.jobs.health.report import CONFIRM, IncidentBook, look_around
from scheduler.jobs.locks import alone
from scheduler.schedule.sources_due import Turn, due_turns
from scheduler.schedule.ticks import Ticks
from scheduler.schedule.triggers import ClockWatch
from scheduler.web.server import Listen, serving
from spiders.catalog.intervals import steady_s
from storage.database.session import Database, check_not_upgraded, open_database
from storage.errors import AccordwatchError, DatabaseError, OtherSchemaError, our_fault
from storage.sources.frontier import release
from storage.sources.states import start_run

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log


# With these, a source is polled in time even if it is due each minute, a digest is late by a few
# seconds, and an idle tick costs two reads.
TICKS_S = {"crawl": 15, "read": 10, "send": 10, "watch": 60}

# Sources that become due join the crawl that is at work, so it might never end. After half an hour
# it begins nothing new. The next crawl uses changed rules and fresh workers, asks for each
# robots.txt again, and writes a report.
CRAWL_LENGTH_S = 1800.0

# Alerts may wait a day for their second reader. The next pass uses a changed configuration, and a
# pass of this length is over, with its last text (`reader.timeout_s`: an hour at most), before the
# job counts as stuck.
READ_LENGTH_S = 1800.0

# Far longer than any crawl takes: at the default politeness, 200 pages of one host take seven
# minutes. A crawl that makes no progress is ended long before (`scheduler.jobs.crawl_process`).
CRAWL_DEADLINE_S = 2 * 3600.0

# A job that has not come back after this time is stuck, and systemd, or whoever asks /healthz, may
# end us.
PATIENCE_S = {
    "crawl": CRAWL_DEADLINE_S + 600,
    "read": CRAWL_DEADLINE_S,
    "send": 1800.0,
    "watch": 600.0,
}

# From SIGTERM to the end. A crawl is given 8 s of it (`scheduler.jobs.crawl_process`).
# systemd kills after 90 s, Docker after 10 s.
_END_WITHIN_S = 9.0
_LOOK_S = 0.5

_LOST = "the lock on the database is lost; ending, so that no two daemons work"

# While nothing can be written, each job looks again so often whether it is over.
_LOOK_AGAIN_S = 15.0


class Rhythm(NamedTuple):
    """How often each job is called, by name; `work` replaces jobs."""

    ticks_s: Mapping[str, int]
    work: Mapping[str, Callable[[], None]] = MappingProxyType({})


USUAL = Rhythm(TICKS_S)


class Daemon:
    """Works until a signal ends it. To be made, and then `run` in the main thread. `held` returns
    whether the lock on the database is still ours.
    """

    def __init__(
        self,
        database: Database,
        reloader: Reloader,
        held: Callable[[], bool],
        log: Log,
        rhythm: Rhythm = USUAL,
    ) -> None:
        self._database, self._reloader, self._held, self._log = database, reloader, held, log
        self._stop, self._reload_requested = threading.Event(), False
        self._signals = Signals()
        self._clock = ClockWatch(time.time(), steady_s())
        self._cut_short = ("", 0.0)  # why the last crawl was ended early, and when
        self._busy_since: dict[str, float] = {}
        self._failures, self.crashes = Failures(), Crashes()
        self._book = IncidentBook()
        # Why nothing could be written at the last look, and when that was.
        self._unwritable: str | None = None
        self._looked_at = 0.0
        self._reader_problems: list[str] = []
        self._over: str | None = None  # why the database is another process's now
        self._ticks_s = rhythm.ticks_s
        # What is called at each tick; a leader of workers has jobs put in the queue instead.
        self._work = {
            "crawl": self._crawl,
            "read": self._read_configuration,
            "send": self._send,
            "watch": self._watch,
        }
        self._work |= rhythm.work

    def run(self, listen: Listen | None = None) -> int:
        """Work until a signal. Returns 0, or 1 if another process has the database now."""
        ticks = Ticks(self._ticks_s, self.tick)
        with self._signals.received(), self._web(listen):
            ticks.start()
            notify_systemd(f"READY=1\nMAINPID={os.getpid()}")
            self._log.info("started", sources=len(self._reloader.chosen.sources))
            self._wait(ticks)
            notify_systemd("STOPPING=1")
            self._log.info("ending")
            ticks.stop()
            end_at = time.monotonic() + _END_WITHIN_S
            while self._busy_since and time.monotonic() < end_at:
                time.sleep(0.05)
        self._log.info("ended", unfinished=sorted(self._busy_since))
        return 1 if self._over else 0

    @property
    def is_busy(self) -> bool:
        """Whether a job is still at work after `run`: its thread would keep the process alive."""
        return bool(self._busy_since)

    def stuck(self) -> list[str]:
        now = time.monotonic()
        busy = dict(self._busy_since)
        return [name for name, since in busy.items() if now - since > PATIENCE_S[name]]

    def failing(self) -> dict[str, str]:
        """Jobs that keep failing, each with the last reason; without a database, at once."""
        why = self._over or self._unwritable
        unusable = {} if why is None else {"watch": why}
        return self._failures.lasting() | self.crashes.lasting() | unusable

    # --- the main thread ------------------------------------------------------------------------

    def _wait(self, ticks: Ticks) -> None:
        every_s = watchdog_s()
        notified_at = -float("inf")
        while self._goes_on():
            is_time = every_s is not None and time.monotonic() - notified_at > every_s / 2
            if is_time and not self.stuck():
                notify_systemd("WATCHDOG=1")
                notified_at = time.monotonic()
            if self._reload_requested or self._reloader.has_changed():
                self._reload()
            if self._unwritable is not None and time.monotonic() - self._looked_at > _LOOK_AGAIN_S:
                self._looked_at = time.monotonic()
                ticks.tick_now()
            moved = self._clock.jump(time.time(), steady_s())
            if moved is not None:
                self._log.warning("the clock jumped", by_s=moved.total_seconds())
                ticks.tick_now()

    def _goes_on(self) -> bool:
        """Wait a moment, or until a signal comes. Returns False once we are to end."""
        came = self._signals.next(_LOOK_S)
        if came == signal.SIGHUP:
            self._reload_requested = True
        elif came is not None:
            self._stop.set()
        return not self._stop.is_set()

    def _reload(self) -> None:
        self._reload_requested = False
        notify_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        self.crashes.end_rest()
        # A thread of its own reads: rules take seconds, and a signal to end does not wait for them.
        reading = threading.Thread(target=self._reloader.reload, name="reload", daemon=True)
        reading.start()
        while reading.is_alive():
            if not self._goes_on():
                return
        if self._reloader.refusal is None:
            self._log.info("configuration read again", sources=len(self._reloader.chosen.sources))
        else:
            self._log.error("configuration refused", why=self._reloader.refusal)
        notify_systemd("READY=1")

    @contextlib.contextmanager
    def _web(self, listen: Listen | None) -> Iterator[None]:
        if listen is None:
            yield
            return
        from scheduler.web.operations import Operated  # not needed by who does not listen

        def at_work() -> tuple[list[str], dict[str, str]]:
            return self.stuck(), self.failing()

        operated = Operated(self._database, lambda: self._reloader.chosen, at_work)
        with serving(listen, operated) as address:
            self._log.info("listening", address=address)
            yield

    # --- the jobs -------------------------------------------------------------------------------

    def tick(self, name: str) -> None:
        """Run a job, of which this is the edge: what goes wrong is logged and counted."""
        if self._stop.is_set():
            return
        self._busy_since[name] = time.monotonic()
        try:
            self._work[name]()
        except OtherSchemaError as error:
            self._give_up(str(error))
        except AccordwatchError as error:
            self._log.error(f"{name} failed", why=str(error))
            self._failures.failed(name, error.line)
        except Exception as error:
            self._log.exception(f"{name} failed by a fault of ours")
            self._failures.failed(name, our_fault(type(error).__name__))
        else:
            self._failures.went_well(name)
        finally:
            self._busy_since.pop(name, None)

    def _crawl(self) -> None:
        chosen, now = self._reloader.chosen, datetime.now(UTC)
        if not chosen.sources or self.crashes.rests:
            return
        turns = due_turns(self._database, chosen.enabled, now)
        is_pressing = any(turn.presses(now) for turn in turns)
        if not is_pressing and not jobs.left_over(self._database, chosen, now):
            return
        with self._database.begin() as s:
            run_id = start_run(s, now)
        with bound_contextvars(run=run_id):
            self._crawl_turns(chosen, turns, run_id)
        if self._stop.is_set():
            return
        jobs.settle_aloud(self._database, chosen, self._log)
        give_memory_back(self._database)

    def _crawl_turns(self, chosen: Configuration, turns: list[Turn], run_id: int) -> None:
        ended = jobs.crawl_turns(
            self._database,
            chosen,
            chosen.enabled,
            turns,
            self._log,
            deadline_s=CRAWL_DEADLINE_S,
            stop=self._stop,
            goes_on=lambda: self._reloader.chosen is chosen,
            run_id=run_id,
            length_s=CRAWL_LENGTH_S,
        )
        if ended.why is not None:
            self._log.error("crawl cut short", why=ended.why)
            self._cut_short = (ended.why, time.monotonic())
        elif ended.fault is not None:
            self._log.error("crawl failed", why=ended.fault)
        if not self._stop.is_set():
            if ended.fault is None:
                self.crashes.went_well("crawl")
            else:
                self.crashes.failed("crawl", ended.fault)
            jobs.note_fault(self._database, ended, datetime.now(UTC), run_id)
        if ended.report is None:
            # It was killed: the documents that it had claimed need not wait until its leases end.
            with self._database.begin() as s:
                release(s, datetime.now(UTC))

    def _read_configuration(self) -> None:
        chosen = self._reloader.chosen
        lines = jobs.read_again(self._database, chosen, self._stop.is_set, READ_LENGTH_S)
        for line in lines:
            if line not in self._reader_problems:  # a budget that is used up is so all day
                self._log.warning("second reader", why=line)
        self._reader_problems = lines or self._reader_problems

    def _send(self) -> None:
        jobs.send_aloud(self._database, self._reloader.chosen, self._stop.is_set, self._log)

    def _watch(self) -> None:
        if not self._held():
            self._give_up(_LOST)
            return
        check_not_upgraded(self._database)
        chosen, now = self._reloader.chosen, datetime.now(UTC)
        own = self.own_findings()
        lines, undelivered = look_around(self._database, chosen, self._book, own, now)
        for line in lines:
            self._log.warning("trouble", line=line)
        for why in undelivered:
            self._log.warning("not delivered", why=why)
        was_unwritable, self._unwritable = self._unwritable, self._book.unwritable
        self._looked_at = time.monotonic()
        if self._unwritable is not None:
            raise DatabaseError(self._unwritable)
        if was_unwritable is not None:
            self.crashes.end_rest()  # what crashed for want of a database need not wait longer

    def _give_up(self, why: str) -> None:
        """End, so that another process may have the database."""
        self._log.error("gives up", why=why)
        self._over = why
        self._stop.set()

    def own_findings(self) -> Iterator[Finding]:
        """What only the daemon knows to be wrong: its jobs, its configuration, its last crawl."""
        for job, why in self.failing().items():
            # the watch reports its own failures, and crawls that crash stand in the table of runs
            if job != "watch" and job not in self.crashes.lasting():
                yield problem(
                    f"job:{job}:fails",
                    "the daemon's job {job} keeps failing: {why}",
                    job=job,
                    why=why,
                )
        if (refusal := self._reloader.refusal) is not None:
            yield Finding("problem", "configuration", refusal)
        why, at_s = self._cut_short
        # once confirmed it has been reported
        if why and time.monotonic() - at_s < 1.5 * CONFIRM.total_seconds():
            yield Finding("problem", "crawl:cut-short", why)


def serve(path: Path | None, listen: Listen | None = None) -> int:
    """Load the configuration, open and lock the database, and work. Returns the exit code. Raises
    AccordwatchError if it cannot begin. Ends the process itself if a job does not come back in
    time.
    """
    share_pools()
    log = set_up_log()
    reloader = Reloader.begin(path)
    chosen = reloader.chosen
    with closing(open_database(chosen.database)) as database:
        if database.why_read_only is not None:
            raise DatabaseError(database.why_read_only)
        with alone(database) as held:
            jobs.note_gap(database, chosen, datetime.now(UTC))
            sync_known_list(database, chosen.settings.known_agreements, datetime.now(UTC))
            daemon = Daemon(database, reloader, held, log)
            code = daemon.run(listen)
            if daemon.is_busy:
                # Its work is leased, or in an open transaction: nothing stays half done, and all of
                # it will be done again.
                sys.stderr.flush()
                os._exit(code)
            return code


# --- what goes wrong again and again --------------------------------------------------------------

# One failure, or two, may be a lock that another process held for half a minute, or a server that
# was restarted. Jobs run every 10 to 60 s, so three failures in a row are at least half a minute of
# trouble.
IN_A_ROW = 3

# What crashes at once would crash again at each tick, and asks the same sites for the same pages
# each time. Each crash in a row doubles the rest after it.
_FIRST_REST_S, _LONGEST_REST_S = 60.0, 1800.0


class Failures:
    """How often each job has failed since it last succeeded, and why it failed last: in memory, so
    that it can be reported even if nothing can be written to the database.
    """

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, str]] = {}

    def went_well(self, job: str) -> None:
        self._rows.pop(job, None)

    def failed(self, job: str, why: str) -> None:
        self._rows[job] = (self._rows.get(job, (0, ""))[0] + 1, why)

    def lasting(self) -> dict[str, str]:
        """The jobs that failed three times in a row or more, with the last reason."""
        return {job: why for job, (times, why) in dict(self._rows).items() if times >= IN_A_ROW}


class Crashes(Failures):
    """Crawls in a row that ended without a report, and the rest before the next one. They are
    counted apart from other failures of the job: a tick with nothing to crawl is no success.
    """

    _rest_until_s = 0.0

    def failed(self, job: str, why: str) -> None:
        super().failed(job, why)
        rest_s = min(_FIRST_REST_S * 2 ** (self._rows[job][0] - 1), _LONGEST_REST_S)
        self._rest_until_s = time.monotonic() + rest_s

    def end_rest(self) -> None:
        """Let the next crawl begin at once: something has changed."""
        self._rest_until_s = 0.0

    @property
    def rests(self) -> bool:
        return time.monotonic() < self._rest_until_s
