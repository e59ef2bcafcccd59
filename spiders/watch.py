"""The one spider: reads the sources of a run, puts what they offer on the frontier, and fetches what is due there.

Each source that is read and each document that is fetched is a task of its own, which asks the downloader and ends
whatever the downloader does. Scrapy's way of yielding requests is not used for them: a request that one of its
middlewares drops calls nobody back. Tasks await the worker pool: that is the back-pressure. Nothing is kept here that
a killed run would lose.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from scrapy import Request, Spider
from twisted.internet.error import ReactorNotRunning

from crawler.fetch.addresses import host_and_port
from crawler.fetch.failures import Failure, explain, impossible
from crawler.fetch.manners.retry_after import ASKED_TO_WAIT, PauseMiddleware
from crawler.fetch.manners.slots import slot_delay_s
from crawler.fetch.responses import (
    NOT_MODIFIED,
    body_hash,
    conditional_headers,
    refuse_status,
    to_fetched,
    validators_of,
)
from spiders.frontier import LEASE_S
from spiders.kinds.table import KINDS
from spiders.orders import Joining, Orders
from spiders.polls import MAX_DEPTH, AnswerValidators, SourceReading, validators_key
from spiders.run import CrawlRun
from storage.documents.parts import text_of_page
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Candidate, Fetched, Source, SourceKind
from storage.sources.frontier import FrontierRow
from storage.sources.validators import Validators, validators

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)

GRACE_S = 4.0  # for requests under way when the run is told to end; whoever starts us kills after 8
UNWIND_S = 1.0  # for what was under way to notice that it is over
SECOND_LOOK_S = 2.0  # a source that fails once is asked again in the same run: one lost packet is not a dead source
POLLS_PER_HOST = 4  # sources of one host that are read at once: forty of one slow host must not hold up the others

# The last resort: crawl.timeout_s ends a slow answer long before. A row must be settled before its lease runs out, or
# it would be claimed a second time; the rest of the lease is for judging and storing.
ANSWER_S = LEASE_S - 120


class WatchSpider(Spider):
    """See the module. `run` holds all that outlives a request."""

    name = "watch"

    def __init__(self, run: CrawlRun, orders: Orders, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run, self.orders = run, orders
        self.to_poll = deque(run.spec.sources)
        self.reading = {source.id for source in run.spec.sources}  # in the queue, or being read
        self.polling: Counter[str] = Counter()  # by host
        self.tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Works until the run is over. Yields nothing: that Scrapy's engine waits for us is all that is needed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        if self.run.spec.length_s is not None:
            loop.call_later(self.run.spec.length_s, self.wind_up)
        self.heed(self.orders.at_hand())
        if not self.orders.ended:
            with suppress(OSError):  # a file: nobody will write into it
                loop.add_reader(self.orders.descriptor, self.hear)
        self.run.frontier.delay_of = self.delay_of
        self.pauses.on_pause = self.run.pause
        self.pauses.until_at |= await self.run.recall_pauses()
        await self.work()
        if self.run.error is not None:
            self.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # what makes this the generator that Scrapy wants
            yield request

    async def work(self) -> None:
        """Begins a task for each source and document, until there is none left or the run is told to end."""
        while self.run.error is None and not self.run.report.stopped:
            for source in self.sources_with_room():
                self.begin(self.poll(source))
            rows = await self.run.claim()
            for row in rows:
                self.begin(self.fetch(row))
            busy = bool(self.polling.total() or self.to_poll)
            if not busy and not self.run.frontier.outstanding.total():
                self.run.report.progress()  # it waits for a retry, on purpose
            if not rows and not await self.run.frontier.wait(busy=busy):
                return

    def sources_with_room(self) -> list[Source]:
        """The sources to be read now, in their order, taken off the queue."""
        chosen: list[Source] = []
        left: deque[Source] = deque()
        for source in self.to_poll:
            host = host_and_port(source.url)
            room = (
                self.polling.total() < self.run.spec.crawl.concurrency
                and self.polling[host] < POLLS_PER_HOST
            )
            (chosen if room else left).append(source)
            self.polling[host] += room
        self.to_poll = left
        return chosen

    def hear(self) -> None:
        """Sources join that became due while others were crawled."""
        self.heed(self.orders.more())
        if self.orders.ended:
            asyncio.get_running_loop().remove_reader(self.orders.descriptor)

    def heed(self, lines: list[bytes]) -> None:
        """Does what each line says."""
        for line in lines:
            try:
                joining = Joining.model_validate_json(line)
            except ValidationError as error:
                log.error("an order that is none: %s", error)
                continue
            for source in joining.sources:
                self.join(source)
            if joining.last:
                self.wind_up()

    def join(self, source: Source) -> None:
        """One source more, unless it is about to be read already, or the run comes to its end: the next one has it."""
        if source.id in self.reading or self.run.frontier.closed or self.run.report.stopped:
            return
        self.run.join(source)
        self.reading.add(source.id)
        self.to_poll.append(source)
        self.run.frontier.changed.set()

    def wind_up(self) -> None:
        """Begins nothing new; what was not begun stays due for the next run."""
        self.to_poll.clear()
        self.run.frontier.close()

    def delay_of(self, host: str) -> float:
        """Seconds between two requests to a host, as far as is known."""
        engine: Any = self.crawler.engine
        return slot_delay_s(engine.downloader, host, self.run.spec.crawl.delay_s)

    @property
    def pauses(self) -> PauseMiddleware:
        """What keeps us from hosts that asked to be left alone."""
        found = self.crawler.get_downloader_middleware(PauseMiddleware)
        assert found is not None  # noqa: S101 - our settings name it
        return found

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def stop(self) -> None:
        """Ends the run: at once what has not begun, a little later what is under way."""
        if not self.run.report.stopped:
            self.run.report.stopped = True
            self.run.frontier.changed.set()
            asyncio.get_running_loop().call_later(GRACE_S, self.cancel)

    def cancel(self) -> None:
        """Ends what is under way."""
        for task in self.tasks:
            task.cancel()
        if self.run.report.stopped:  # whoever told us does not wait for ever
            asyncio.get_running_loop().call_later(UNWIND_S, _stop_reactor)

    async def ask(
        self, url: str, source: Source, headers: dict[str, str] | None = None
    ) -> Response | Failure:
        """The answer at `url`. Whatever keeps it from coming, however early, is a Failure."""
        engine: Any = self.crawler.engine
        try:
            request = Request(
                url, headers=headers, meta={"delay_s": source.delay_s}, dont_filter=True
            )
        except ValueError:
            return impossible(url)
        try:
            async with asyncio.timeout(ANSWER_S):
                response: Response = await engine.download_async(request)
        except (
            Exception
        ) as error:  # the edge: whatever ends a request, its task has to end it for us
            return explain(error, url)
        finally:
            self.run.report.progress()
        failure = (
            refuse_status(response.status, response.body, url)
            if response.status in ASKED_TO_WAIT
            else None
        )
        return (
            replace(failure, until_at=self.pauses.paused_until(response.url))
            if failure is not None
            else response
        )

    # --- sources --------------------------------------------------------------------------------

    async def poll(self, source: Source) -> None:
        """One look at a source, to its record; a run that is told to end meanwhile leaves it due."""
        reading = SourceReading(source)
        try:
            if await self.read_all(reading):
                await self.run.record(reading)
        except AccordwatchError as error:
            self.run.abort(error)
        except Exception:  # the edge: one source must not end the run
            log.exception("%s: what it offered could not be recorded", source.id)
        finally:
            self.polling[host_and_port(source.url)] -= 1
            self.reading.discard(source.id)
            self.run.frontier.changed.set()

    async def read_all(self, reading: SourceReading) -> bool:
        """Reads a source and, level by level, what its answers name to be read next; whether it came to the end.

        One by one: the parts of an index would fill the queue of their host, and those behind would wait too long.
        """
        urls = KINDS[reading.source.kind].requests(reading.source)
        for depth in range(MAX_DEPTH + 1):
            reading.asked.update(urls)
            found: list[str] = []
            for url in urls:
                if self.run.report.stopped:
                    return False
                found += await self.look(reading, url, depth)
            urls = reading.not_yet_asked(found)
        return True

    async def look(self, reading: SourceReading, url: str, depth: int) -> list[str]:
        """Asks for one address of a source, a second time if that may help; the addresses to be read next."""
        known = await self.run.writer.call(
            lambda s: validators(s, validators_key(reading.source, url))
        )
        more, failure = await self.look_once(reading, url, depth, known)
        if failure is not None and failure.transient and failure.until_at is None:
            await asyncio.sleep(SECOND_LOOK_S)
            more, failure = await self.look_once(reading, url, depth, known)
        reading.failure = reading.failure or failure
        return more

    async def look_once(
        self, reading: SourceReading, url: str, depth: int, known: Validators
    ) -> tuple[list[str], Failure | None]:
        """(addresses to be read next, what went wrong)."""
        answer = await self.ask(
            url, reading.source, conditional_headers(known.etag, known.last_modified)
        )
        if isinstance(answer, Failure):
            return [], answer
        if answer.status == NOT_MODIFIED:
            return [], None
        if (failure := refuse_status(answer.status, answer.body, url)) is not None:
            return [], failure
        try:
            return await self.read(answer, reading, url, depth, known), None
        except UnreadableError as error:
            return [], Failure(error.reason, f"{url}: {error}", transient=False)
        except AccordwatchError:  # nothing can be read at all
            raise
        except Exception as error:  # the edge: one source must not end the run
            log.exception("%s: reading failed", url)
            return [], Failure("failed", f"{url}: {error}"[:300], transient=False)

    async def read(
        self, response: Response, reading: SourceReading, url: str, depth: int, known: Validators
    ) -> list[str]:
        """Reads an answer of a source; the addresses to be read next."""
        fetched = to_fetched(response, url)
        found = AnswerValidators(
            validators_key(reading.source, url), *validators_of(response), body_hash(fetched.body)
        )
        if reading.source.kind is SourceKind.PAGE and found.body_hash == known.body_hash:
            return []
        offer = await self.run.workers.read(fetched, reading.source)
        more = reading.take(offer, found, depth)
        if reading.source.kind is SourceKind.PAGE and offer.candidates:
            await self.keep_page(fetched, offer.candidates[0], reading.source, found)
        return more

    async def keep_page(
        self, fetched: Fetched, page: Candidate, source: Source, found: AnswerValidators
    ) -> None:
        """Judges a watched page that is another one than at the last look."""
        before = await self.run.writer.call(lambda s: text_of_page(s, source.id, source.url))
        judged = await self.run.workers.judge_page(fetched, page, source, before)
        await self.run.keep_page(judged, source, found)

    # --- documents ------------------------------------------------------------------------------

    async def fetch(self, row: FrontierRow) -> None:
        """One claimed row, to its end."""
        try:
            failure = await self.document(row)
            if failure is not None:
                await self.run.fail(row, failure)
        except AccordwatchError as error:
            self.run.abort(error)
        except Exception:  # the edge: it is given back when the run ends
            log.exception("%s: what became of it could not be recorded", row.url)
        finally:
            self.run.frontier.settled(row)

    async def document(self, row: FrontierRow) -> Failure | None:
        """Asks for, judges and hands over one document; why that was not possible, if so."""
        answer = await self.ask(row.url, self.run.sources[row.source_id])
        if isinstance(answer, Failure):
            return answer
        return refuse_status(answer.status, answer.body, row.url) or await self.judge(answer, row)

    async def judge(self, response: Response, row: FrontierRow) -> Failure | None:
        """Extracts, judges and hands over an answer; why that was not possible, if so."""
        source = self.run.sources[row.source_id]
        try:
            judged = await self.run.workers.judge(
                to_fetched(response, row.url), row.candidate, source
            )
        except UnreadableError as error:
            return Failure(error.reason, f"{row.url}: {error}", transient=False)
        except AccordwatchError:  # no document can be judged
            raise
        except Exception as error:  # the edge: one document must not end the run
            log.exception("%s: judging failed", row.url)
            return Failure("failed", f"{row.url}: {error}"[:300], transient=True)
        await self.run.keep_document(judged, row)
        return None


def _stop_reactor() -> None:
    from twisted.internet import (
        reactor,  # the reactor is chosen when the crawl starts, not at import
    )

    running: Any = reactor  # to type checkers it is a module
    with suppress(ReactorNotRunning):
        running.stop()
