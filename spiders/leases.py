"""The hosts that a crawl may use while other workers crawl, too: leases in the database.

A thread of its own renews them beside the writer, which may have to wait for other writers. What
was not renewed in time gets no more requests, long before another worker may take it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from spiders.catalog.intervals import steady_s
from spiders.fetch.slots import as_sent
from spiders.spec import CrawlSpec
from storage.addresses import host_and_port
from storage.database.session import Database
from storage.errors import DatabaseError
from storage.source import Source
from storage.workers.queue import claim, leave, renew

LEASE_S = 30.0
# A request that is sent now may reach its server seconds later; so it is sent only in the first
# half of a lease.
SEND_S = 15.0
RENEW_S = 5.0
# A host at which a killed worker stood is free after its lease and its delay.
PATIENCE_S = LEASE_S + 10.0
# A host of no source of ours is left after this time without a request: far longer than an answer.
IDLE_S = 120.0
_LOOK_S = 0.5


class HostLeases:
    """The hosts that a run holds. Methods may be called from any thread; `delay_of` gives the
    seconds between two requests to a host, as far as is known, `on_pause` is called with hosts that
    asked us to wait.
    """

    def __init__(
        self, database: Database, run_id: int, worker: str, delay_of: Callable[[str], float]
    ) -> None:
        self._database, self._run_id, self._worker = database, run_id, worker
        self.delay_of = delay_of
        self.on_pause: Callable[[str, datetime], None] = lambda host, until_at: None
        self._send_until: dict[str, float] = {}  # on the clock of `steady_s`
        self._used_at: dict[str, float] = {}
        self._held: set[str] = set()  # hosts of our sources, held to the end of the run
        # One statement about our hosts at a time: a host that is being left could be taken again
        # before it is, and would then be held by us alone.
        self._lock, self._done = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def begin(self, hosts: Collection[str]) -> set[str]:
        """Take these hosts for the run, waiting for those that another worker leaves soon."""
        self._held = set(hosts)
        self._thread.start()
        end_s = steady_s() + PATIENCE_S
        while (missing := self._held - self._send_until.keys()) and steady_s() < end_s:
            if self._claim(missing):
                time.sleep(_LOOK_S)
        return self._held & self._send_until.keys()

    def holds(self, host: str) -> bool:
        now = steady_s()
        self._used_at[host] = now
        return self._send_until.get(host, 0.0) > now

    async def hold(self, host: str) -> datetime | None:
        """Wait a while for the host. Returns None when it is ours, or when to try again."""
        end_s = steady_s() + PATIENCE_S
        while not self.holds(host):
            busy_s = await asyncio.to_thread(self._claim, {host})
            if not busy_s:
                continue
            if steady_s() + busy_s[host] > end_s:
                return datetime.now(UTC) + timedelta(seconds=busy_s[host])
            await asyncio.sleep(min(busy_s[host], 1.0))
        return None

    def close(self) -> None:
        """Leave all hosts; others may use them after their delays."""
        self._done.set()
        self._thread.join()
        with self._lock:
            held = {host: self.delay_of(host) for host in self._send_until}
            with self._database.beside() as s:
                leave(s, held, self._run_id)

    def _claim(self, hosts: Collection[str]) -> dict[str, float]:
        """Take those that are free; for how long the others are not."""
        with self._lock:
            delays_s = {host: self.delay_of(host) for host in hosts}
            began_s = steady_s()
            with self._database.beside() as s:
                ours, busy_s, paused = claim(s, delays_s, self._run_id, self._worker, LEASE_S)
            for host, until_at in paused.items():
                self.on_pause(host, until_at)
            self._send_until |= dict.fromkeys(ours, began_s + SEND_S)
            self._used_at |= dict.fromkeys(ours, began_s)
        return busy_s

    def _run(self) -> None:
        while not self._done.wait(RENEW_S):
            # The leases run out by themselves if this lasts.
            with suppress(DatabaseError):
                self._leave_idle()
                self._renew()

    def _renew(self) -> None:
        with self._lock:
            delays_s = {host: self.delay_of(host) for host in self._send_until}
            if not delays_s:
                return
            began_s = steady_s()
            with self._database.beside() as s:
                ours = renew(s, delays_s, self._run_id, LEASE_S)
            for host in delays_s:
                self._send_until[host] = began_s + SEND_S if host in ours else 0.0

    def _leave_idle(self) -> None:
        before_s = steady_s() - IDLE_S
        with self._lock:
            idle = [host for host in self._send_until if self._used_at[host] < before_s]
            left = {host: self.delay_of(host) for host in idle if host not in self._held}
            for host in left:
                del self._send_until[host]
            if left:
                with self._database.beside() as s:
                    leave(s, left, self._run_id)


@contextmanager
def leased(database: Database, spec: CrawlSpec) -> Iterator[tuple[CrawlSpec, HostLeases | None]]:
    """Hold the hosts of the sources of a run while the block lasts, if other workers crawl, too.
    The value is the run without the sources at whose hosts others stand.
    """
    if spec.worker is None or spec.run_id is None:
        yield spec, None
        return
    leases = HostLeases(database, spec.run_id, spec.worker, _delay_of(spec))
    try:
        # Files on a disk have no host: they count as one host together.
        wanted = {host_and_port(source.url) for source in (*spec.sources, *spec.others)}
        ours = leases.begin(wanted)
        yield (
            spec.model_copy(
                update={"sources": _at(ours, spec.sources), "others": _at(ours, spec.others)}
            ),
            leases,
        )
    finally:
        with suppress(DatabaseError):
            leases.close()


def _delay_of(spec: CrawlSpec) -> Callable[[str], float]:
    """The configured seconds between requests to a host: the longest delay of its sources."""
    default_s = as_sent(spec.crawl.delay_s)
    delays: dict[str, float] = {}
    for source in (*spec.sources, *spec.others):
        host = host_and_port(source.url)
        delay_s = default_s if source.delay_s is None else as_sent(source.delay_s)
        delays[host] = max(delays.get(host, 0.0), delay_s)
    return lambda host: delays.get(host, default_s)


def _at(hosts: Collection[str], sources: Collection[Source]) -> tuple[Source, ...]:
    return tuple(source for source in sources if host_and_port(source.url) in hosts)
