"""Which documents are fetched next.

The frontier itself is a table of the database. Here rows are chosen from it: each host gets its
share, so that one slow host with a thousand documents does not make the others wait.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from spiders.fetch.settings import CrawlSettings
from spiders.writer import Writer
from storage.addresses import host_and_port
from storage.database.session import Session
from storage.source import Source
from storage.sources.frontier import FrontierRow, claim, next_due_at

AHEAD = 2  # rows of a host beyond those being fetched: enough that its slot never waits for us
# A row of a slow host is claimed this long before its turn comes, which is far longer than a claim
# takes. A row that was claimed earlier would occupy the place of another host: eight hosts with a
# Crawl-delay would fill all 32 places and stop the others.
LEAD_S = 0.5
# Far longer than a document takes, waiting included. A run that is alone ends old leases at once.
LEASE_S = 900.0
# Documents that end within this time make room for others together, which are claimed in one
# transaction. Meanwhile a host has rows that were claimed ahead. As long as every host that has
# more to claim has some in hand, and half of all places are taken, more documents are waited for.
GATHERED_S, MOST_GATHERED_S = 0.05, 0.3
TICK_S = 5.0  # a wake-up call should never be missed; if one is, this bounds the harm


class FetchQueue:
    """Claims rows for the sources of a run, and knows when none is left to wait for."""

    def __init__(self, writer: Writer, sources: Iterable[Source], crawl: CrawlSettings) -> None:
        self.writer, self.crawl = writer, crawl
        self.delay_of: Callable[[str], float] = lambda host: crawl.delay_s
        self.host_of: dict[str, str] = {}
        self.sources_at: dict[str, list[str]] = defaultdict(list)
        self.outstanding: Counter[str] = Counter()
        self.in_hand: dict[int, FrontierRow] = {}  # claimed, and not yet handed to the writer
        # From when on a host may have rows that are due; None: nothing is to come.
        self.ready_at: dict[str, datetime | None] = {}
        # When a host may be given rows again: those that it was given last take so long, with its
        # delay. The host that has waited longest comes first.
        self.turn_at: dict[str, datetime] = {}
        self.paused_until: dict[str, datetime] = {}  # hosts that asked us to wait
        self.closed = False
        self.changed = asyncio.Event()
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """Adds a source whose documents may be claimed, unless its id is known already."""
        if source.id in self.host_of:
            return
        self.host_of[source.id] = host = host_and_port(source.url)
        self.sources_at[host].append(source.id)
        self.turn_at.setdefault(host, datetime.now(UTC))
        self.ready_at[host] = datetime.now(UTC)

    def pause(self, host: str, until_at: datetime) -> None:
        """Claims nothing of a host until then: it asked us to wait."""
        self.paused_until[host] = until_at
        self.changed.set()

    def close(self) -> None:
        """Claims nothing more; what is left is for the next run."""
        self.closed = True
        self.changed.set()

    async def claim(self) -> list[FrontierRow]:
        """Rows to fetch now, leased to us. Empty if nothing is due or all hosts are busy."""
        now = datetime.now(UTC)
        wanted = {} if self.closed else self._wanted(now)
        if not wanted:
            return []
        for host in wanted:
            self.ready_at[host] = None  # what is offered during the claim sets it again
        rows, next_at = await self.writer.call(lambda s: self._claim(s, wanted, now))
        for host, when in next_at.items():
            if when is not None:
                self._ready(host, when)
        given = Counter(self.host_of[row.source_id] for row in rows)
        self.outstanding.update(given)
        for host, count in given.items():
            ahead_s = max(0.0, count * self.delay_of(host) - LEAD_S)
            self.turn_at[host] = datetime.now(UTC) + timedelta(seconds=ahead_s)
        return rows

    def _wanted(self, now: datetime) -> dict[str, int]:
        room = self.crawl.concurrency - self.outstanding.total()
        wanted: dict[str, int] = {}
        for host in sorted(self.turn_at, key=self.turn_at.__getitem__):
            ready_at = self._ready_at(host)
            at_once, most = self._share(host)
            free = min(at_once, most - self.outstanding[host], room)
            if free > 0 and ready_at is not None and max(ready_at, self.turn_at[host]) <= now:
                wanted[host] = free
                room -= free
        return wanted

    def _share(self, host: str) -> tuple[int, int]:
        """(rows that a host may be given at once, rows that it may have unsettled)."""
        share, delay_s = self.crawl.per_host + AHEAD, self.delay_of(host)
        at_once = share if delay_s == 0 else min(share, math.ceil(LEAD_S / delay_s))
        return at_once, min(share, self.crawl.per_host - 1 + at_once)

    def _claim(
        self, s: Session, wanted: dict[str, int], now: datetime
    ) -> tuple[list[FrontierRow], dict[str, datetime | None]]:
        """(rows, when each host may have its next one). Runs in the writer's thread."""
        shares = [(free, self.sources_at[host]) for host, free in wanted.items()]
        found = claim(s, shares, now, LEASE_S)
        rows = [row for of_host in found for row in of_host]
        # noted here because whoever awaits the rows may be cancelled when the run is stopped
        self.in_hand |= {row.id: row for row in rows}
        next_at = {
            host: now if len(of_host) == free else next_due_at(s, self.sources_at[host])
            for (host, free), of_host in zip(wanted.items(), found, strict=True)
        }
        return rows, next_at

    def settled(self, row: FrontierRow) -> None:
        """Notes that a claimed row is no longer being fetched, whatever came of it."""
        self.outstanding[self.host_of[row.source_id]] -= 1
        self.changed.set()

    def offered(self, source_id: str, ready_at: datetime | None = None) -> None:
        """Notes that there is a new row of a source, or one that waits until `ready_at`."""
        self._ready(self.host_of[source_id], ready_at or datetime.now(UTC))
        self.changed.set()

    def _ready_at(self, host: str) -> datetime | None:
        """From when on rows of a host may be claimed; None if there are none."""
        ready_at = self.ready_at[host]
        return None if ready_at is None else max(ready_at, self.paused_until.get(host, ready_at))

    def _ready(self, host: str, when: datetime) -> None:
        known = self.ready_at[host]
        self.ready_at[host] = when if known is None else min(known, when)

    def _ready_hosts(self) -> dict[str, datetime]:
        """The hosts that have rows to be claimed, with the time from which they may be."""
        if self.closed:
            return {}
        ready = {host: self._ready_at(host) for host in self.ready_at}
        return {host: when for host, when in ready.items() if when is not None}

    async def wait(self, *, busy: bool) -> bool:
        """Waits until something may be claimed (`busy`: or offered). False when the run is over."""
        now = datetime.now(UTC)
        ready = self._ready_hosts()
        coming = min(ready.values(), default=None)
        idle = not busy and self.outstanding.total() == 0
        latest = now + timedelta(seconds=self.crawl.patience_s)
        if idle and (coming is None or coming > latest):
            return False
        turns = (max(when, self.turn_at[host]) for host, when in ready.items())
        # A host whose turn has come, and that was given nothing, has as many rows as it may have.
        # `settled` wakes us when that changes.
        waits_s = [(turn_at - now).total_seconds() for turn_at in turns if turn_at > now]
        wait_s = min([TICK_S, *waits_s])
        with suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), wait_s)
            await self._gather()
        self.changed.clear()
        return True

    async def _gather(self) -> None:
        """Waits for more documents to end, so that what they make room for is claimed at once."""
        waited_s = 0.0
        while self.outstanding.total() and waited_s < MOST_GATHERED_S:
            await asyncio.sleep(GATHERED_S)
            waited_s += GATHERED_S
            if self.closed or not self._has_enough():
                return

    def _has_enough(self) -> bool:
        """Whether neither a host nor the workers run out of rows for now."""
        is_busy = all(self.outstanding[host] for host in self._ready_hosts())
        return is_busy and self.outstanding.total() * 2 > self.crawl.concurrency
