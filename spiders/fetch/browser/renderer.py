"""Pages that scripts build: an answer goes in, and what a browser shows of it comes out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scrapy.http import HtmlResponse

from spiders.fetch.browser.answers import Answers, Download
from spiders.fetch.browser.chromium import Chromium
from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings
from storage.addresses import host_and_port

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page
    from scrapy.http import Response

RENDERED = "rendered"  # a flag of responses
PAGE_S = 60.0  # for a page, from the last answer on that it got: its scripts have to end
# In all. What they ask for comes one by one, with our delay between.
MOST_S = 300.0
# A page is taken as it is when nothing was asked for half a second (so says Playwright), or after
# this long: some ask for ever.
QUIET_S = 20.0
SHARES = 5  # of crawl.max_bytes, which all that a page asks for may have together


class Renderer:
    """Opens pages in a browser, one at a time of a host. `download` is how their scripts get
    anything.
    """

    def __init__(self, download: Download, crawl: CrawlSettings) -> None:
        self.download, self.crawl = download, crawl
        self.chromium = Chromium(crawl.browser, crawl.user_agent())
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def render(self, first: Response, meta: Mapping[str, Any]) -> Response:
        """The page in this answer after its scripts have run. What is no web page is returned as it
        is. `meta` goes along with the requests of the page.

        Raises Refusal: "browser_missing", "browser" (it crashed, or the page kept it busy for too
        long), "too_large".
        """
        if not 200 <= first.status < 300 or not isinstance(first, HtmlResponse):
            return first
        async with self._turns[host_and_port(first.url)], self.chromium.context() as context:
            answers = Answers(self.download, first, meta, SHARES * self.crawl.max_bytes)
            url, body = await self._opened(context, answers)
        if len(body) > self.crawl.max_bytes:
            raise Refusal("too_large", f"{url}: the page is larger than crawl.max_bytes")
        headers = {"Content-Type": "text/html; charset=utf-8"}
        return HtmlResponse(
            url,
            first.status,
            headers,
            body,
            [*first.flags, RENDERED],
            first.request,
            encoding="utf-8",
        )

    async def _opened(self, context: BrowserContext, answers: Answers) -> tuple[str, bytes]:
        """Return the address at which the page ended, and its tree as HTML."""
        from playwright.async_api import Error

        url = answers.first.url
        await context.route("**/*", answers.answer)
        await context.route_web_socket("**/*", lambda socket: None)  # it is answered by nobody
        try:
            async with asyncio.timeout(PAGE_S) as limit:
                _extend_with_answers(limit, answers)
                page = await context.new_page()
                context.on("page", lambda other: asyncio.ensure_future(other.close()))
                await page.goto(url, wait_until="domcontentloaded", timeout=MOST_S * 1000)
                await _quiet(page, answers)
                _refuse_error_page(page.url, answers)
                return page.url, (await page.content()).encode("utf-8", "replace")
        except TimeoutError as error:
            busy = "its scripts keep the browser busy, or what they ask for does not come"
            line = f"{url}: the page was not ready after {PAGE_S:.0f} s: {busy}"
            raise Refusal("browser", line, transient=True) from error
        except Error as error:
            said = error.message.partition("\n")[0][:200]
            raise Refusal("browser", f"{url}: the browser fails: {said}", transient=True) from error
        finally:
            answers.on_answer = _nothing  # of what comes now the page knows no more
            await _unrouted(context)

    async def close(self) -> None:
        """End the browser."""
        await self.chromium.close()


def _nothing() -> None:
    pass


def _refuse_error_page(url: str, answers: Answers) -> None:
    """Raise Refusal if the browser shows a page of its own, because the page has sent itself to an
    address that is not fetched.
    """
    if url.startswith(("http://", "https://")):
        return
    if answers.page_refused is not None:
        raise answers.page_refused
    raise Refusal("browser", f"{answers.first.url}: its scripts lead to a page that is none: {url}")


def _extend_with_answers(limit: asyncio.Timeout, answers: Answers) -> None:
    """Give a page PAGE_S more seconds for each answer that it gets, but at most MOST_S in all."""
    loop = asyncio.get_running_loop()
    end = loop.time() + MOST_S

    def extend() -> None:
        if not limit.expired():
            limit.reschedule(min(loop.time() + PAGE_S, end))

    answers.on_answer = extend


async def _quiet(page: Page, answers: Answers) -> None:
    """Wait until the page asks for nothing more, but only for a limited time."""
    from playwright.async_api import TimeoutError as TooLong

    end = asyncio.get_running_loop().time() + MOST_S - PAGE_S
    while True:
        try:
            return await page.wait_for_load_state("networkidle", timeout=QUIET_S * 1000)
        except TooLong:
            if not answers.under_way or asyncio.get_running_loop().time() > end:
                return None


async def _unrouted(context: BrowserContext) -> None:
    """Stop answering requests before the page is closed."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(2.0):
            await context.unroute_all(behavior="ignoreErrors")
    except (Error, TimeoutError):
        return
