"""The one spider: has the sources of a run read and the documents on the frontier fetched.

Each source that is read and each document that is fetched is a task of its own. The task asks
Scrapy's downloader and ends whatever the downloader does. Scrapy's own way, yielding requests, is
not used: a request that one of its middlewares drops calls nobody back. Tasks await the worker
pool, which is the back-pressure. Nothing is stored here that a killed run would lose.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from scrapy import Request, Spider
from twisted.internet.error import ReactorNotRunning

from spiders.crawl_run import CrawlRun
from spiders.document_fetcher import DocumentFetcher
from spiders.fetch.browser import Renderer
from spiders.fetch.redirects import CookiesMiddleware
from spiders.fetch.responses import Failure, answer_at, explain, refuse_status
from spiders.fetch.robots import RobotsMiddleware
from spiders.fetch.slots import PauseMiddleware, slot_delay_s, wants_pause
from spiders.frontier import LEASE_S
from spiders.kinds.table import KINDS, bytes_of
from spiders.local.reader import LocalReader
from spiders.local.table import is_local
from spiders.mail.reader import MailReader
from spiders.reading.source_reader import SourceReader
from spiders.reading.source_reading import Arrival
from spiders.spec import Joining, Orders
from storage.addresses import host_and_port
from storage.documents.quarantine import Untried, of_other_programs
from storage.errors import AccordwatchError, UnreadableError
from storage.source import Source, SourceKind
from storage.sources.frontier import FrontierRow, row_of

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)
T = TypeVar("T")

GRACE_S = 4.0  # for requests under way when the run is stopped; our parent kills us after 8
UNWIND_S = 1.0  # for tasks under way to notice that they are cancelled
POLLS_PER_HOST = 4  # sources of one host read at once: forty of a slow host must not delay others

# The last resort: crawl.timeout_s ends a slow answer long before. A row must be settled before its
# lease runs out, or it would be claimed a second time; the rest of the lease is for judging and
# storing.
ANSWER_S = LEASE_S - 120


class WatchSpider(Spider):
    """Begins and ends the tasks of a run. `run` holds all that outlives a request."""

    name = "watch"

    def __init__(self, run: CrawlRun, orders: Orders, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run, self.orders = run, orders
        self.source_reader = SourceReader(run, self.answer_of_source)
        self.local_reader = LocalReader(run)
        self.mail_reader = MailReader(run)
        self.document_fetcher = DocumentFetcher(run, self.answer_at, self.open_in_browser)
        self.renderer = Renderer(self.download, run.spec.crawl)
        self.to_poll = deque(run.spec.sources)
        self.reading = {source.id for source in run.spec.sources}  # in the queue, or being read
        self.polling: Counter[str] = Counter()  # sources that are being read, by host
        self.tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Works until the run is over. Yields nothing: it is enough that Scrapy's engine waits."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        if self.run.spec.length_s is not None:
            loop.call_later(self.run.spec.length_s, self.wind_up)
        self.carry_out(self.orders.at_hand())
        if not self.orders.ended:
            with suppress(OSError):  # it is a file, into which nobody will write
                loop.add_reader(self.orders.descriptor, self.on_orders)
        self.run.frontier.delay_of = self.delay_of
        self.pauses.on_pause = self.run.pause
        self.pauses.until_at |= await self.run.load_pauses()
        self.share_hosts()
        robots, cookies = self.middleware(RobotsMiddleware), self.middleware(CookiesMiddleware)
        robots.load, robots.save = self.run.load_robots, self.run.save_robots
        cookies.load(await self.run.load_cookies())
        cookies.on_filled = self.run.save_cookies
        self.begin(try_again(self.run))
        await self.work()
        if self.run.error is not None:
            self.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self.renderer.close()
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # makes this function the generator that Scrapy wants
            yield request

    def share_hosts(self) -> None:
        """Sends requests only to hosts that are ours, if other workers crawl at the same time."""
        engine: Any = self.crawler.engine
        if (leases := self.run.leases) is None:
            return
        downloader, configured_s = engine.downloader, leases.delay_of
        # The delays are read once more when the engine is gone.
        leases.delay_of = lambda host: max(configured_s(host), slot_delay_s(downloader, host, 0.0))
        leases.on_pause = self.adopt_pause
        downloader.leases = leases

    def adopt_pause(self, host: str, until_at: datetime) -> None:
        """Obeys a pause that a host asked another worker for. Called from another thread."""
        self.pauses.until_at[host] = until_at

    async def work(self) -> None:
        """Begins a task for each source and document until none is left or the run is stopped."""
        while self.run.error is None and not self.run.report.stopped:
            for source in self.sources_with_room():
                self.begin(self.poll(source))
            rows = await self.run.claim()
            for row in rows:
                self.begin(self.document_fetcher.fetch(row))
            busy = bool(self.polling.total() or self.to_poll)
            if not busy and not self.run.frontier.outstanding.total():
                self.run.report.progress()  # it waits for a retry, on purpose
            if not rows and not await self.run.frontier.wait(busy=busy):
                return

    def sources_with_room(self) -> list[Source]:
        """Takes off the queue the sources that may be read now, in their order."""
        chosen: list[Source] = []
        left: deque[Source] = deque()
        for source in self.to_poll:
            host = host_and_port(source.url)
            has_room = self.polling.total() < self.run.spec.crawl.concurrency
            if has_room and self.polling[host] < POLLS_PER_HOST:
                chosen.append(source)
                self.polling[host] += 1
            else:
                left.append(source)
        self.to_poll = left
        return chosen

    async def poll(self, source: Source) -> None:
        try:
            await self.reader_of(source).poll(source)
        except AccordwatchError as error:
            self.run.abort(error)
        except Exception:  # the edge: one source must not end the run
            log.exception("%s: what it offers could not be read or recorded", source.id)
        finally:
            self.polling[host_and_port(source.url)] -= 1
            self.reading.discard(source.id)
            self.run.frontier.changed.set()

    def reader_of(self, source: Source) -> SourceReader | LocalReader | MailReader:
        if source.kind is SourceKind.IMAP:
            return self.mail_reader
        return self.local_reader if is_local(source) else self.source_reader

    # --- orders ---------------------------------------------------------------------------------

    def on_orders(self) -> None:
        self.carry_out(self.orders.more())
        if self.orders.ended:
            asyncio.get_running_loop().remove_reader(self.orders.descriptor)

    def carry_out(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                joining = Joining.model_validate_json(line)
            except ValidationError as error:
                log.error("a line on stdin is not an order: %s", error)
                continue
            for source in joining.sources:
                self.join(source)
            if joining.last:
                self.wind_up()

    def join(self, source: Source) -> None:
        """Adds a source to the queue. One that is waiting there or being read is not added again,
        and a run that is ending leaves all sources to the next run.
        """
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

    # --- tasks ----------------------------------------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def stop(self) -> None:
        """Begins nothing more at once, and cancels what is under way a little later."""
        if not self.run.report.stopped:
            self.run.report.stopped = True
            self.run.frontier.changed.set()
            asyncio.get_running_loop().call_later(GRACE_S, self.cancel)

    def cancel(self) -> None:
        for task in self.tasks:
            task.cancel()
        if self.run.report.stopped:  # whoever stopped us does not wait for ever
            asyncio.get_running_loop().call_later(UNWIND_S, _stop_reactor)

    # --- the downloader -------------------------------------------------------------------------

    async def answer_of_source(
        self, url: str, source: Source, headers: dict[str, str] | None
    ) -> Response | Failure:
        """The answer of a source, which may be larger than a document if it is a sitemap. A page
        that scripts build is opened in a browser; that it is the same without them means nothing.
        """
        most = bytes_of(source.kind, self.run.spec.crawl)
        if not (source.javascript and KINDS[source.kind].is_page):
            return await self.answer_at(url, source, headers, most)
        answer = await self.answer_at(url, source, None, most)
        return answer if isinstance(answer, Failure) else await self.open_in_browser(answer, source)

    async def open_in_browser(self, answer: Response, source: Source) -> Response | Failure:
        meta = {"delay_s": source.delay_s}
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self.renderer.render(answer, meta)
        except Exception as error:  # the edge: whatever ends it, its task must go on
            return explain(error, answer.url)
        finally:
            self.run.report.progress()

    async def download(self, request: Request) -> Response:
        engine: Any = self.crawler.engine
        response: Response = await engine.download_async(request)
        self.run.report.progress()
        return response

    async def answer_at(
        self,
        url: str,
        source: Source,
        headers: dict[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Response | Failure:
        """The answer at `url`, or a Failure for whatever prevents it, however early."""
        most = max_bytes or self.run.spec.crawl.max_bytes
        meta = {"delay_s": source.delay_s, "download_maxsize": most}
        engine: Any = self.crawler.engine
        response = await answer_at(engine, url, meta, headers=headers, within_s=ANSWER_S)
        self.run.report.progress()
        if isinstance(response, Failure) or not wants_pause(response):
            return response
        failure = refuse_status(response.status, response.body, url)
        if failure is None:
            return response
        return replace(failure, until_at=self.pauses.paused_until(response.url))

    def delay_of(self, host: str) -> float:
        engine: Any = self.crawler.engine
        return slot_delay_s(engine.downloader, host, self.run.spec.crawl.delay_s)

    @property
    def pauses(self) -> PauseMiddleware:
        """What refuses requests to hosts that asked us to wait."""
        return self.middleware(PauseMiddleware)

    def middleware(self, kind: type[T]) -> T:
        found = self.crawler.get_downloader_middleware(kind)
        assert found is not None  # noqa: S101 - our settings name it
        return found


def _stop_reactor() -> None:
    # Which reactor it is was chosen when the crawl started, so it cannot be imported earlier.
    from twisted.internet import reactor

    running: Any = reactor  # to type checkers it is a module
    with suppress(ReactorNotRunning):
        running.stop()


# --- documents that an older Accordwatch could not store ------------------------------------------


async def try_again(run: CrawlRun) -> None:
    try:
        pairs = await run.writer.call(
            lambda s: [(program, row_of(s, program.url)) for program in of_other_programs(s)]
        )
        for untried, row in pairs:
            if run.report.stopped:
                return
            await _try(run, untried, row)
    except AccordwatchError as error:
        run.abort(error)
    except Exception:  # the edge: what is set aside must not end the run
        log.exception("what was set aside could not be tried again")


async def _try(run: CrawlRun, untried: Untried, row: FrontierRow | None) -> None:
    url, source_id, document = untried
    if document is None:  # a watched page, which is read again with its source
        return
    try:
        judged = await run.workers.judge(document, "judge_article")
    except UnreadableError as error:  # the next run tries it again
        log.warning("%s: still set aside: %s", url, error)
        return
    run.report.add(source_id)
    run.report.fetched(source_id)
    await run.writer.add(Arrival(judged, source_id, row=row, was_set_aside=True))
