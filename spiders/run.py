"""The parts of one run, and what they do together: count, store, postpone, give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.fetch.failures import Failure
from crawler.ingest import ingest
from spiders.frontier import Frontier
from spiders.polls import Poll, Seen, record
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from spiders.workers import Workers
from spiders.writer import Writer
from storage.database.session import Database, Session
from storage.documents.documents import Stored
from storage.errors import AccordwatchError
from storage.pauses import pause, pauses
from storage.records import Judged, Source
from storage.sources import FrontierRow, done, give_up, retry, save_validators

# seconds before a document is tried again, by attempts made: a hiccup, a restart, an outage, a bad day
BACK_OFF_S = (5, 600, 7200, 43_200)

UNSTORABLE = "unstorable"  # the database does not take it, whatever the reason


@dataclass(frozen=True, slots=True)
class Kept:
    """A judged document on its way to the database: `row` is its place on the frontier; a watched page has none, but
    validators that must not be kept before it is.
    """

    judged: Judged
    source_id: str
    row: FrontierRow | None = None
    seen: Seen | None = None


class CrawlRun:
    """Everything a run shares. Made before the engine starts; `finish` ends it."""

    def __init__(self, spec: CrawlSpec, run_id: int, database: Database, workers: Workers) -> None:
        self.spec, self.run_id, self.workers = spec, run_id, workers
        known = {source.id: source for source in (*spec.others, *spec.sources)}
        self.sources: dict[str, Source] = known
        self.report = RunReport(known.values())
        self.writer = Writer(database, self._store)
        self.frontier = Frontier(self.writer, known.values(), spec.crawl)
        self.aborted: AccordwatchError | None = None

    def join(self, source: Source) -> None:
        """A source that became due while the run was at work."""
        self.sources[source.id] = source
        self.frontier.add(source)
        self.report.add(source.id)

    async def recall_pauses(self) -> dict[str, datetime]:
        """Until when each host is to be left alone that asked an earlier run for it."""
        known = await self.writer.call(lambda s: pauses(s, datetime.now(UTC)))
        for host, until_at in known.items():
            self.frontier.pause(host, until_at)
        return known

    def pause(self, host: str, until_at: datetime) -> None:
        """A host asked to be left alone: this run and the next ones remember it."""
        self.frontier.pause(host, until_at)
        self.writer.submit(lambda s: pause(s, host, until_at))

    async def claim(self) -> list[FrontierRow]:
        """Rows to be fetched now."""
        rows = await self.frontier.claim()
        for row in rows:
            self.report.taken_up(row.id)
        return rows

    async def keep(
        self,
        judged: Judged,
        source_id: str,
        *,
        row: FrontierRow | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Hands a document to the writer."""
        self.report.fetched(source_id)
        if row is not None:
            self.frontier.in_hand.pop(row.id, None)
        await self.writer.keep(Kept(judged, source_id, row, seen))

    async def fail(self, row: FrontierRow, failure: Failure) -> None:
        """A document that did not come: later again if that may help, else given up."""
        now = datetime.now(UTC)
        self.frontier.in_hand.pop(row.id, None)
        if failure.transient and (
            row.attempts < self.spec.crawl.attempts or failure.reason == "paused"
        ):
            later_at = again_at(row, failure, now)
            await self.writer.call(lambda s: retry(s, row.id, later_at, failure.reason))
            self.report.postponed(row.id, row.source_id, failure.reason, failure.line)
            self.frontier.offered(row.source_id, later_at)
        else:
            await self.writer.call(lambda s: give_up(s, row.id, failure.reason))
            self.report.skipped(row.source_id, row.url, failure.reason, failure.line)

    def abort(self, error: AccordwatchError) -> None:
        """No document can be judged: the run ends, and what was claimed is given back."""
        self.aborted = error
        self.frontier.changed.set()

    async def record(self, poll: Poll) -> None:
        """A source was read to its end."""
        now = datetime.now(UTC)
        offered, new = await self.writer.call(lambda s: record(s, poll, now))
        self.report.polled(poll.source.id, offered, new, poll.line, failed=poll.failed)
        if new:
            self.frontier.offered(poll.source.id)

    def _store(self, s: Session, items: Sequence[Kept]) -> Callable[[], None]:
        """Documents, their register and what is owed, their frontier rows: one transaction."""
        now = datetime.now(UTC)
        ingested = ingest(
            s,
            [item.judged for item in items],
            self.spec.subscriptions,
            now=now,
            run_id=self.run_id,
            crawl=True,
            max_age_days=self.spec.max_age_days,
        )
        why = {problem.index: problem.message for problem in ingested.problems}
        told = [
            (item, stored, why.get(i, ""))
            for i, (item, stored) in enumerate(zip(items, ingested.stored, strict=True))
        ]
        for item, stored, _ in told:
            _settle(s, item, stored, now)
        return lambda: self._tell(told)

    def _tell(self, told: Sequence[tuple[Kept, Stored | None, str]]) -> None:
        for item, stored, why in told:
            document = item.judged.document
            url = item.row.url if item.row is not None else document.url or ""
            if stored is None:
                self.report.skipped(item.source_id, url, UNSTORABLE, f"{url}: {why}")
            else:
                relevant = item.judged.verdict.relevant
                self.report.kept(
                    item.source_id, url, document.title, _outcome(stored), relevant=relevant
                )

    @property
    def error(self) -> BaseException | None:
        """What ended the run before its time: the database, rules that cannot be used, workers that cannot start."""
        return self.writer.failed or self.aborted

    def finish(self) -> None:
        """Writes what waits and gives back what was claimed; the database stays open."""
        now = datetime.now(UTC)
        self.writer.submit(lambda s: _give_back(s, list(self.frontier.in_hand.values()), now))
        self.writer.close()


def again_at(row: FrontierRow, failure: Failure, now: datetime) -> datetime:
    """When a document is tried again: never before the server's wish. A short wish does not use up all attempts within
    a minute.
    """
    back_off_at = now + timedelta(seconds=BACK_OFF_S[min(row.attempts, len(BACK_OFF_S)) - 1])
    if failure.until_at is None:
        return back_off_at
    asked_once = (
        row.attempts == 1 or failure.reason == "paused"
    )  # who was paused was not asked at all
    return failure.until_at if asked_once else max(failure.until_at, back_off_at)


def _outcome(stored: Stored) -> str:
    if stored.created:
        return "stored"
    return "changed" if stored.changed else "duplicate"


def _settle(s: Session, item: Kept, stored: Stored | None, now: datetime) -> None:
    """The frontier row of a document, or the validators of a watched page, with the document itself."""
    if item.row is not None and stored is not None:
        done(s, item.row.id, _outcome(stored), stored.document_id)
    elif item.row is not None:
        give_up(s, item.row.id, UNSTORABLE)
    if item.seen is not None:
        save_validators(
            s, item.seen.key, item.seen.etag, item.seen.last_modified, item.seen.body_hash, now=now
        )


def _give_back(s: Session, rows: Sequence[FrontierRow], now: datetime) -> None:
    for row in rows:
        retry(s, row.id, now, "stopped")
