"""Which documents are fetched next. The queue itself is the database's; here is the choice: each host gets its share,
so that one slow host with a thousand documents does not keep the others waiting.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from crawler.fetch.addresses import host_and_port
from crawler.fetch.settings import CrawlSettings
from spiders.writer import Writer
from storage.database.session import Session
from storage.records import Source
from storage.sources.frontier import FrontierRow, claim, next_due_at

AHEAD = 2  # rows a host beyond those being fetched: enough that its slot never waits for us
# A row of a slow host is claimed this long before its turn comes, which is far longer than a claim takes. One that
# waited longer would hold another host's place: eight hosts with a Crawl-delay would fill all 32 and stop the others.
LEAD_S = 0.5
LEASE_S = 900.0  # far longer than a document takes, waiting included; a run that is alone ends old leases at its start
TICK_S = 5.0  # nothing should be missed without it; it bounds the harm if something is


class FetchQueue:
    """Claims rows for the sources of a run, and knows when none is left that is worth waiting for."""

    def __init__(self, writer: Writer, sources: Iterable[Source], crawl: CrawlSettings) -> None:
        self.writer, self.crawl = writer, crawl
        self.delay_of: Callable[[str], float] = lambda host: crawl.delay_s
        self.host_of: dict[str, str] = {}
        self.sources_at: dict[str, list[str]] = defaultdict(list)
        self.outstanding: Counter[str] = Counter()
        self.in_hand: dict[int, FrontierRow] = {}  # claimed, and not yet handed to the writer
        self.ready_at: dict[str, datetime | None] = {}  # None: nothing to come
        self.turn_at: dict[
            str, datetime
        ] = {}  # when a host may have rows again; the longest without any comes first
        self.paused_until: dict[str, datetime] = {}  # hosts that asked to be left alone
        self.closed = False
        self.changed = asyncio.Event()
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """A source whose documents may be claimed, if it is not known by this id."""
        if source.id in self.host_of:
            return
        self.host_of[source.id] = host = host_and_port(source.url)
        self.sources_at[host].append(source.id)
        self.turn_at.setdefault(host, datetime.now(UTC))
        self.ready_at[host] = datetime.now(UTC)

    def pause(self, host: str, until_at: datetime) -> None:
        """Rows of a host that asked to be left alone stay where they are until then."""
        self.paused_until[host] = until_at
        self.changed.set()

    def close(self) -> None:
        """Nothing more is claimed; what is left is the next run's."""
        self.closed = True
        self.changed.set()

    async def claim(self) -> list[FrontierRow]:
        """Rows to fetch now, leased; empty where nothing is due or all hosts are busy."""
        now = datetime.now(UTC)
        wanted = {} if self.closed else self._wanted(now)
        if not wanted:
            return []
        for host in wanted:
            self.ready_at[host] = None  # what is offered while we ask sets it again
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
        """How many rows each host may have now."""
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
        """(rows that a host may have at once, rows that it may have unsettled)."""
        share, delay_s = self.crawl.per_host + AHEAD, self.delay_of(host)
        at_once = share if delay_s == 0 else min(share, math.ceil(LEAD_S / delay_s))
        return at_once, min(share, self.crawl.per_host - 1 + at_once)

    def _claim(
        self, s: Session, wanted: dict[str, int], now: datetime
    ) -> tuple[list[FrontierRow], dict[str, datetime | None]]:
        """(rows, when each host may have its next one); runs in the writer's thread."""
        rows: list[FrontierRow] = []
        next_at: dict[str, datetime | None] = {}
        for host, free in wanted.items():
            found = claim(s, free, now, LEASE_S, self.sources_at[host])
            # noted here, not where the rows are awaited: that may be cancelled when the run is told to end
            self.in_hand |= {row.id: row for row in found}
            rows.extend(found)
            next_at[host] = now if len(found) == free else next_due_at(s, self.sources_at[host])
        return rows, next_at

    def settled(self, row: FrontierRow) -> None:
        """A claimed row is no longer being fetched, whatever came of it."""
        self.outstanding[self.host_of[row.source_id]] -= 1
        self.changed.set()

    def offered(self, source_id: str, ready_at: datetime | None = None) -> None:
        """There is a new row of a source, or one that waits until `ready_at`."""
        self._ready(self.host_of[source_id], ready_at or datetime.now(UTC))
        self.changed.set()

    def _ready_at(self, host: str) -> datetime | None:
        """From when rows of a host may be claimed; None where there are none."""
        ready_at = self.ready_at[host]
        return None if ready_at is None else max(ready_at, self.paused_until.get(host, ready_at))

    def _ready(self, host: str, when: datetime) -> None:
        known = self.ready_at[host]
        self.ready_at[host] = when if known is None else min(known, when)

    async def wait(self, *, busy: bool) -> bool:
        """Waits until something may be claimed; False when the run is over. `busy`: sources are still being read."""
        now = datetime.now(UTC)
        hosts = () if self.closed else tuple(self.ready_at)
        ready = {host: when for host in hosts if (when := self._ready_at(host)) is not None}
        coming = min(ready.values(), default=None)
        idle = not busy and self.outstanding.total() == 0
        if idle and (coming is None or coming > now + timedelta(seconds=self.crawl.patience_s)):
            return False
        turns = (max(when, self.turn_at[host]) for host, when in ready.items())
        # a host whose turn has come and that was given nothing has its hands full: it says when that changes
        wait_s = min(
            [TICK_S, *((turn_at - now).total_seconds() for turn_at in turns if turn_at > now)]
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), wait_s)
        self.changed.clear()
        return True
