"""The one spider: reads the sources of a run, puts what they offer on the frontier, and fetches what is due there.

`start` ends when no source is being read, nothing is being fetched, and nothing is due soon. Callbacks await the worker
pool: that is the back-pressure. Nothing is kept here that a killed run would lose.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from twisted.internet.error import ReactorNotRunning

from crawler.fetch.answers import NOT_MODIFIED, body_hash, conditional_headers, refuse_status, to_fetched, validators_of
from crawler.fetch.failures import Failure, explain
from spiders.kinds import KINDS
from spiders.polls import Poll, Seen, validators_key
from spiders.run import CrawlRun
from storage.errors import AccordwatchError, UnreadableError
from storage.records import SourceKind
from storage.sources import FrontierRow, Validators, validators

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure as TwistedFailure

log = logging.getLogger(__name__)

GRACE_S = 4.0  # for requests under way when the run is told to end; whoever starts us kills after 8
SECOND_LOOK_S = 2.0  # a source that fails once is asked again in the same run: one lost packet is not a dead source


@dataclass(frozen=True, slots=True)
class Look:
    """One request of a poll."""

    poll: Poll
    url: str
    depth: int
    known: Validators
    second: bool = False


class WatchSpider(Spider):
    """See the module. `run` holds all that outlives a request."""

    name = "watch"

    def __init__(self, run: CrawlRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.to_poll = deque(run.spec.sources)
        self.polling = 0
        self.stopping: asyncio.Future[None] | None = None

    async def start(self) -> AsyncIterator[Request]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        while True:
            if self.run.error is not None:
                raise CloseSpider("error")
            while self.to_poll and self.polling < self.run.spec.crawl.concurrency:
                poll = Poll(self.to_poll.popleft())
                self.polling += 1
                for url in KINDS[poll.source.kind].requests(poll.source):
                    yield await self.look(poll, url, depth=0)
            rows = await self.run.claim()
            for row in rows:
                yield self.document(row)
            if not rows and not await self.run.frontier.wait(busy=bool(self.polling or self.to_poll)):
                return

    def stop(self) -> None:
        """Ends the run: at once what has not begun, a little later what is under way."""
        if not self.run.report.stopped:
            self.run.report.stopped = True
            self.stopping = asyncio.ensure_future(self.crawler.stop_async())
            asyncio.get_running_loop().call_later(GRACE_S, _stop_reactor)

    # --- sources --------------------------------------------------------------------------------

    async def look(self, poll: Poll, url: str, *, depth: int) -> Request:
        """The request for one address of a source, conditional where an earlier answer allows it."""
        poll.under_way += 1
        poll.looks.add(url)
        known = await self.run.writer.call(lambda s: validators(s, validators_key(poll.source, url)))
        return self.request_look(Look(poll, url, depth, known))

    def request_look(self, look: Look) -> Request:
        return Request(
            look.url,
            callback=self.on_source,
            errback=self.on_source_error,
            headers=conditional_headers(look.known.etag, look.known.last_modified),
            meta={"look": look, "delay_s": look.poll.source.delay_s},
            priority=10,  # a source that is read late offers its documents late
            dont_filter=True,
        )

    async def on_source(self, response: Response) -> AsyncIterator[Request]:
        look: Look = response.meta["look"]
        more: list[str] = []
        failure: Failure | None = None
        try:
            if response.status != NOT_MODIFIED:
                failure = refuse_status(response.status, response.body, look.url)
                if failure is None:
                    more = await self.read(response, look)
        except UnreadableError as error:
            failure = Failure(error.reason, f"{look.url}: {error}", transient=False)
        except AccordwatchError as error:
            self.run.abort(error)
            return
        except Exception as error:  # the edge: one source must not end the run
            log.exception("%s: reading failed", look.url)
            failure = Failure("failed", f"{look.url}: {error}"[:300], transient=False)
        for url in more:
            yield await self.look(look.poll, url, depth=look.depth + 1)
        if (again := await self.answered(look, failure)) is not None:
            yield again

    async def on_source_error(self, error: TwistedFailure) -> AsyncIterator[Request]:
        look: Look = error.request.meta["look"]  # type: ignore[attr-defined]  # Scrapy adds it
        if (again := await self.answered(look, explain(_value(error), look.url))) is not None:
            yield again

    async def read(self, response: Response, look: Look) -> list[str]:
        """Reads an answer of a source; the addresses to be read next."""
        poll, fetched = look.poll, to_fetched(response, look.url)
        seen = Seen(validators_key(poll.source, look.url), *validators_of(response), body_hash(fetched.body))
        if poll.source.kind is SourceKind.PAGE and seen.body_hash == look.known.body_hash:
            return []
        offer = await self.run.workers.read(fetched, poll.source)
        more = poll.take(offer, seen, look.depth)
        if poll.source.kind is SourceKind.PAGE and offer.candidates:
            judged = await self.run.workers.judge(fetched, offer.candidates[0], poll.source)
            await self.run.keep(judged, poll.source.id, seen=seen)
        return more

    async def answered(self, look: Look, failure: Failure | None) -> Request | None:
        """Counts an answer; the same request again if it failed for the first time and may pass."""
        poll = look.poll
        if failure is not None:
            if failure.transient and failure.until_at is None and not look.second:
                await asyncio.sleep(SECOND_LOOK_S)
                return self.request_look(replace(look, second=True))
            poll.failure = poll.failure or failure
        poll.under_way -= 1
        if poll.under_way == 0:
            await self.close_poll(poll)
        return None

    async def close_poll(self, poll: Poll) -> None:
        try:
            await self.run.record(poll)
        finally:
            self.polling -= 1
            self.run.frontier.changed.set()

    # --- documents ------------------------------------------------------------------------------

    def document(self, row: FrontierRow) -> Request:
        """The request for one document."""
        source = self.run.sources[row.source_id]
        return Request(
            row.url,
            callback=self.on_document,
            errback=self.on_document_error,
            meta={"row": row, "delay_s": source.delay_s},
            dont_filter=True,
        )

    async def on_document(self, response: Response) -> None:
        row: FrontierRow = response.meta["row"]
        try:
            if (failure := refuse_status(response.status, response.body, row.url)) is None:
                failure = await self.judge(response, row)
            if failure is not None:
                await self.run.fail(row, failure)
        except AccordwatchError as error:
            self.run.abort(error)
        finally:
            self.run.frontier.settled(row)

    async def on_document_error(self, error: TwistedFailure) -> None:
        row: FrontierRow = error.request.meta["row"]  # type: ignore[attr-defined]  # Scrapy adds it
        try:
            await self.run.fail(row, explain(_value(error), row.url))
        finally:
            self.run.frontier.settled(row)

    async def judge(self, response: Response, row: FrontierRow) -> Failure | None:
        """Extracts, judges and hands over one document; why that was not possible, if so."""
        source = self.run.sources[row.source_id]
        try:
            judged = await self.run.workers.judge(to_fetched(response, row.url), row.candidate, source)
        except UnreadableError as error:
            return Failure(error.reason, f"{row.url}: {error}", transient=False)
        except AccordwatchError:  # no document can be judged
            raise
        except Exception as error:  # the edge: one document must not end the run
            log.exception("%s: judging failed", row.url)
            return Failure("failed", f"{row.url}: {error}"[:300], transient=True)
        await self.run.keep(judged, row.source_id, row=row)
        return None


def _stop_reactor() -> None:
    from twisted.internet import reactor  # the reactor is chosen when the crawl starts, not at import

    running: Any = reactor  # to type checkers it is a module
    with suppress(ReactorNotRunning):
        running.stop()


def _value(error: TwistedFailure) -> BaseException:
    return error.value or RuntimeError("a failure without a cause")
