"""The parts of one run, and what it does with the documents and sources that the spider brings.

A document goes one way: to the writer, whose thread has the document store put it into the database
and count it in the report. The frontier reads the rows to fetch through the same writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from spiders.fetch.responses import Failure
from spiders.frontier import FetchQueue
from spiders.leases import HostLeases
from spiders.reading.polls import record
from spiders.reading.source_reading import Arrival, SourceAnswer, SourceReading
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from spiders.workers import Workers
from spiders.writer import DocumentStore, Writer
from storage.database.session import Database, Session
from storage.errors import AccordwatchError
from storage.records import Judged
from storage.source import Source
from storage.sources.frontier import FrontierRow, document_of, give_back, give_up, put_off, retry
from storage.sources.ledger import Tally, write
from storage.sources.manners import (
    cached_cookies,
    cached_robots,
    pause,
    pauses,
    save_cookies,
    save_robots,
)
from storage.sources.revisits import note_gone
from storage.sources.tables import CachedRobots

# Seconds before a document is tried again, by attempts made: a hiccup, a restart, an outage, a bad
# day.
BACK_OFF_S = (5, 600, 7200, 43_200)
PAUSED = "paused"  # the document was not requested, because its host asked us to wait
GONE = ("http_404", "http_410", "soft_404")  # reasons for which there is no page any more


class CrawlRun:
    """Everything a run shares. It is made before the engine starts; `finish` ends it."""

    def __init__(
        self,
        spec: CrawlSpec,
        run_id: int,
        database: Database,
        workers: Workers,
        leases: HostLeases | None = None,
    ) -> None:
        self.spec, self.run_id, self.workers, self.leases = spec, run_id, workers, leases
        self.sources = {source.id: source for source in (*spec.others, *spec.sources)}
        self.report = RunReport(self.sources.values())
        documents = DocumentStore(spec, run_id, self.report)
        self.writer = Writer(database, documents.store, documents.report_on)
        self.frontier = FetchQueue(self.writer, self.sources.values(), spec.crawl)
        self.aborted: AccordwatchError | None = None

    def join(self, source: Source) -> None:
        self.sources[source.id] = source
        self.frontier.add(source)
        self.report.add(source.id)

    async def load_pauses(self) -> dict[str, datetime]:
        """The hosts that asked an earlier run to wait, and until when."""
        known = await self.writer.call(lambda s: pauses(s, datetime.now(UTC)))
        for host, until_at in known.items():
            self.frontier.pause(host, until_at)
        return known

    def pause(self, host: str, until_at: datetime) -> None:
        """Notes, for this run and the next ones, that a host asked us to wait."""
        self.frontier.pause(host, until_at)
        self.writer.submit(lambda s: pause(s, host, until_at))

    async def load_cookies(self) -> dict[str, list[dict[str, Any]]]:
        """The cookies that earlier runs saved, by host."""
        return await self.writer.call(lambda s: cached_cookies(s, datetime.now(UTC)))

    def save_cookies(self, host: str, cookies: Sequence[dict[str, Any]]) -> None:
        self.writer.submit(lambda s: save_cookies(s, host, cookies, datetime.now(UTC)))

    async def load_robots(self, origin: str) -> CachedRobots:
        return await self.writer.call(lambda s: cached_robots(s, origin))

    def save_robots(self, robots: CachedRobots) -> None:
        self.writer.submit(lambda s: save_robots(s, robots))

    async def claim(self) -> list[FrontierRow]:
        rows = await self.frontier.claim()
        for row in rows:
            self.report.taken_up(row.id)
        return rows

    async def store_document(self, judged: Judged, row: FrontierRow) -> None:
        self.report.fetched(row.source_id)
        self.frontier.in_hand.pop(row.id, None)
        await self.writer.add(Arrival(judged, row.source_id, row=row))

    async def store_page(self, judged: Judged, source: Source, answer: SourceAnswer) -> None:
        """Hands a watched page to the writer, with its answer, whose validators are saved then."""
        self.report.fetched(source.id)
        await self.writer.add(Arrival(judged, source.id, answer=answer))

    async def fail(self, row: FrontierRow, failure: Failure) -> None:
        """Has a document that did not come tried again if that may help, else given up."""
        now = datetime.now(UTC)
        self.frontier.in_hand.pop(row.id, None)
        has_attempts_left = row.attempts < self.spec.crawl.attempts or failure.reason == PAUSED
        if failure.transient and has_attempts_left:
            later_at = again_at(row, failure, now)
            later = put_off if failure.reason == PAUSED else retry
            await self.writer.call(lambda s: later(s, row.id, later_at, failure.reason))
            self.report.postponed(row.id, row.source_id, failure.reason, failure.line)
            self.frontier.offered(row.source_id, later_at)
        else:
            await self.writer.call(lambda s: _give_up(s, row, failure, now))
            self.report.skipped(row.source_id, row.url, failure.reason, failure.line)

    def abort(self, error: AccordwatchError) -> None:
        """Ends the run because no document can be judged; what was claimed is given back."""
        self.aborted = error
        self.frontier.changed.set()

    async def record(self, reading: SourceReading) -> None:
        now = datetime.now(UTC)
        offered, new = await self.writer.call(lambda s: record(s, reading, now))
        source_id = reading.source.id
        self.report.polled(source_id, offered, new, reading.line, failed=reading.failed)
        if new:
            self.frontier.offered(source_id)

    @property
    def error(self) -> BaseException | None:
        """What ended the run early: the database, the rules, or that no worker starts."""
        return self.writer.failed or self.aborted

    def finish(self) -> None:
        """Writes what waits and gives back what was claimed; the database stays open."""
        now = datetime.now(UTC)
        # Listed in the writer's thread: a claim may stand before this in its queue.
        self.writer.submit(lambda s: _give_back(s, list(self.frontier.in_hand.values()), now))
        self.writer.close()


def again_at(row: FrontierRow, failure: Failure, now: datetime) -> datetime:
    """When a document is tried again: never before the time that the server named. A server may
    name a short wait time and again, which would use up all attempts within a minute. So our own
    back-off counts too, from the second attempt on.
    """
    back_off_s = BACK_OFF_S[min(row.attempts, len(BACK_OFF_S)) - 1]
    back_off_at = now + timedelta(seconds=back_off_s)
    if failure.until_at is None:
        return back_off_at
    # a document that was held back by a pause was not requested at all
    is_first = row.attempts == 1 or failure.reason == PAUSED
    return failure.until_at if is_first else max(failure.until_at, back_off_at)


def _give_up(s: Session, row: FrontierRow, failure: Failure, now: datetime) -> None:
    give_up(s, row.id, failure.reason)
    write(s, now, [(row.source_id, Tally(outcomes={failure.reason: 1}))])
    document_id = document_of(s, row.id) if failure.reason in GONE else None
    if document_id is not None:
        note_gone(s, document_id, now)


def _give_back(s: Session, rows: Sequence[FrontierRow], now: datetime) -> None:
    for row in rows:
        give_back(s, row.id, now, "stopped")
