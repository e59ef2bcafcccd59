"""Which documents are fetched next. The queue itself is the database's; here is the choice: each host gets its share,
so that one slow host with a thousand documents does not keep the others waiting.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from crawler.fetch.addresses import host_and_port
from crawler.fetch.settings import CrawlSettings
from spiders.writer import Writer
from storage.records import Source
from storage.session import Session
from storage.sources import FrontierRow, claim, next_due_at

AHEAD = 2  # rows a host beyond those being fetched: enough that its slot never waits for us
LEASE_S = 900.0  # far longer than a document takes, waiting included; a run that is alone ends old leases at its start
TICK_S = 5.0  # nothing should be missed without it; it bounds the harm if something is


class Frontier:
    """Claims rows for the sources of a run, and knows when none is left that is worth waiting for."""

    def __init__(self, writer: Writer, sources: Iterable[Source], crawl: CrawlSettings) -> None:
        self.writer, self.crawl = writer, crawl
        self.host_of = {source.id: host_and_port(source.url) for source in sources}
        self.sources_at: dict[str, list[str]] = defaultdict(list)
        for source_id, host in self.host_of.items():
            self.sources_at[host].append(source_id)
        self.outstanding: Counter[str] = Counter()
        self.in_hand: dict[int, FrontierRow] = {}  # claimed, and not yet handed to the writer
        now = datetime.now(UTC)
        self.ready_at: dict[str, datetime | None] = dict.fromkeys(self.sources_at, now)  # None: nothing to come
        self.changed = asyncio.Event()

    async def claim(self) -> list[FrontierRow]:
        """Rows to fetch now, leased; empty where nothing is due or all hosts are busy."""
        now = datetime.now(UTC)
        share, room = self.crawl.per_host + AHEAD, self.crawl.concurrency - self.outstanding.total()
        wanted: dict[str, int] = {}
        for host, ready_at in self.ready_at.items():
            free = min(share - self.outstanding[host], room)
            if free > 0 and ready_at is not None and ready_at <= now:
                wanted[host] = free
                room -= free
        if not wanted:
            return []
        for host in wanted:
            self.ready_at[host] = None  # what is offered while we ask sets it again
        rows, next_at = await self.writer.call(lambda s: self._claim(s, wanted, now))
        for host, when in next_at.items():
            if when is not None:
                self._ready(host, when)
        for row in rows:
            self.outstanding[self.host_of[row.source_id]] += 1
        return rows

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

    def _ready(self, host: str, when: datetime) -> None:
        known = self.ready_at[host]
        self.ready_at[host] = when if known is None else min(known, when)

    async def wait(self, *, busy: bool) -> bool:
        """Waits until something may be claimed; False when the run is over. `busy`: sources are still being read."""
        now = datetime.now(UTC)
        coming = min((when for when in self.ready_at.values() if when is not None), default=None)
        idle = not busy and self.outstanding.total() == 0
        if idle and (coming is None or coming > now + timedelta(seconds=self.crawl.patience_s)):
            return False
        wait_s = TICK_S if coming is None or coming <= now else min(TICK_S, (coming - now).total_seconds())
        with suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), wait_s)
        self.changed.clear()
        return True
