"""Pages that scripts build: an answer goes in, and what a browser shows of it comes out."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import HtmlResponse

from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings
from storage.addresses import host_and_port

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Route
    from playwright.async_api import Request as PageRequest
    from scrapy.http import Response


RENDERED = "rendered"  # a flag of responses
PAGE_S = 60.0  # for a page, from the last answer on that it got: its scripts have to end
# In all. What they request comes one by one, with our delay between.
MOST_S = 300.0
# A page is taken as it is when it sent no request for half a second (as Playwright advises), or
# after this long: some never stop.
QUIET_S = 20.0
SHARES = 5  # of crawl.max_bytes, which all that a page requests may have together


class Renderer:
    """Opens pages in a browser, one at a time of a host; `download` gets what scripts request."""

    def __init__(self, download: Download, crawl: CrawlSettings) -> None:
        self.download, self.crawl = download, crawl
        self.chromium = Chromium(crawl.browser, crawl.user_agent())
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def render(self, first: Response, meta: Mapping[str, Any]) -> Response:
        """The page in this answer after its scripts have run. What is no web page is returned as it
        is. `meta` goes along with the requests of the page. Raises Refusal: "browser_missing",
        "browser" (it crashed, or was busy with the page for too long), "too_large".
        """
        if not 200 <= first.status < 300 or not isinstance(first, HtmlResponse):
            return first
        async with self._turns[host_and_port(first.url)], self.chromium.context() as context:
            answers = PageRequests(self.download, first, meta, SHARES * self.crawl.max_bytes)
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

    async def _opened(self, context: BrowserContext, answers: PageRequests) -> tuple[str, bytes]:
        """Return the address at which the page ended, and its tree as HTML."""
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
        except _playwright().Error as error:
            message = error.message.partition("\n")[0][:200]
            line = f"{url}: the browser fails: {message}"
            raise Refusal("browser", line, transient=True) from error
        finally:
            answers.on_answer = _nothing  # what comes now is no longer for the page
            await _unrouted(context)

    async def close(self) -> None:
        await self.chromium.close()


def _nothing() -> None:
    pass


def _refuse_error_page(url: str, answers: PageRequests) -> None:
    """Raise Refusal if the page has sent itself to an address that is not fetched."""
    if url.startswith(("http://", "https://")):
        return
    if answers.page_refused is not None:
        raise answers.page_refused
    raise Refusal("browser", f"{answers.first.url}: its scripts lead to a page that is none: {url}")


def _extend_with_answers(limit: asyncio.Timeout, answers: PageRequests) -> None:
    """Give a page PAGE_S more seconds for each answer that it gets, but at most MOST_S in all."""
    loop = asyncio.get_running_loop()
    end = loop.time() + MOST_S

    def extend() -> None:
        if not limit.expired():
            limit.reschedule(min(loop.time() + PAGE_S, end))

    answers.on_answer = extend


async def _quiet(page: Page, answers: PageRequests) -> None:
    """Wait until the page asks for nothing more, but only for a limited time."""
    end = asyncio.get_running_loop().time() + MOST_S - PAGE_S
    while True:
        try:
            return await page.wait_for_load_state("networkidle", timeout=QUIET_S * 1000)
        except _playwright().TimeoutError:
            if not answers.under_way or asyncio.get_running_loop().time() > end:
                return None


async def _unrouted(context: BrowserContext) -> None:
    """Stop answering requests before the page is closed."""
    try:
        async with asyncio.timeout(2.0):
            await context.unroute_all(behavior="ignoreErrors")
    except (_playwright().Error, TimeoutError):
        return


# --- the requests of a page, answered by our own downloader ---------------------------------------

Download = Callable[[Request], Awaitable["Response"]]

MOST_REQUESTS = 60  # of a page; pages of news send a dozen, without pictures and styles
MOST_PAGES = 3  # to which a page may lead on by itself
MOST_SENT = 100_000  # bytes of a request to an API

_SCRIPTS = ("script", "xhr", "fetch")
# Headers of an answer about how it was sent. We pass it on unpacked.
_OF_THE_CONNECTION = ("connection", "content-encoding", "content-length", "set-cookie")
# Headers of a request that our downloader sets itself, or that name where a reader comes from.
_OURS = ("accept-encoding", "connection", "cookie", "host", "referer", "user-agent")


class PageRequests:
    """Answers the requests of one page, which was answered with `first`. `left` bytes may still
    come. `refused` counts what was not fetched; `page_refused` is why the last page to which
    this one led on is not shown.
    """

    def __init__(
        self, download: Download, first: Response, meta: Mapping[str, Any], left: int
    ) -> None:
        self.download, self.first, self.meta, self.left = download, first, dict(meta), left
        self.sent = self.pages = self.refused = self.under_way = 0
        self.page_refused: Refusal | None = None
        self.on_answer: Callable[[], None] = lambda: None  # called with each answer that has come

    async def answer(self, route: Route) -> None:
        request = route.request
        if request.resource_type == "stylesheet":  # some scripts wait for it, none looks into it
            await route.fulfill(status=200, content_type="text/css", body="")
            return
        if request.resource_type == "document":
            response = await self._page(request)
        else:
            response = await self._resource(request)
        if response is None:
            self.refused += 1
            await route.abort("blockedbyclient")
            return
        await route.fulfill(status=response.status, headers=_headers(response), body=response.body)

    async def _page(self, request: PageRequest) -> Response | None:
        """Return the page for the window itself. Pages in frames are left out."""
        if request.method != "GET" or request.frame.parent_frame is not None:
            return None
        self.pages += 1
        if self.pages == 1:
            return self.first
        if self.pages > MOST_PAGES:
            line = f"{request.url}: the page leads on and on by itself"
            self.page_refused = Refusal("redirect_loop", line)
            return None
        return await self._got(request)

    async def _resource(self, request: PageRequest) -> Response | None:
        """A script, or what one requests; no pictures, fonts, films and beacons."""
        if request.resource_type not in _SCRIPTS or request.method not in ("GET", "POST"):
            return None
        if len(request.post_data_buffer or b"") > MOST_SENT:
            return None
        return await self._got(request)

    async def _got(self, request: PageRequest) -> Response | None:
        self.sent += 1
        if self.sent > MOST_REQUESTS or self.left <= 0:
            return None
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in _OURS and not name.startswith((":", "sec-"))
        }
        self.under_way += 1
        try:
            ours = Request(
                request.url,
                method=request.method,
                headers=headers,
                body=request.post_data_buffer,
                meta=dict(self.meta),
                dont_filter=True,
            )
            response = await self.download(ours)
        except Exception as error:  # the edge: to a page, whatever ends a request is no answer
            if request.resource_type == "document":
                self.page_refused = _refusal_of(error, request.url)
            return None
        finally:
            self.under_way -= 1
            self.on_answer()
        self.left -= len(response.body)
        return response


def _refusal_of(error: Exception, url: str) -> Refusal:
    if isinstance(error, Refusal):
        return error
    line = f"{url}: its scripts lead to this address, which does not answer: {error}"
    return Refusal("browser", line[:300], transient=True)


def _headers(response: Response) -> dict[str, str]:
    """Return those headers of an answer that describe its content."""
    named = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return {name: value for name, value in named.items() if name not in _OF_THE_CONNECTION}


# --- Chromium, started with the first page that needs it ------------------------------------------
#
# The browser has no network: its proxy is a port on which nobody listens, for loopback too. What it
# needs is brought by our own downloader (`answers`).

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_PAGES_AT_ONCE = 2  # at the same time: each is a process of some hundred megabytes
HEAP_MB = 512  # of a page's scripts
# Of each process of the browser, whatever takes it: pictures in memory, buffers, the tree.
PROCESS_MB = 2048
_ROOM_MB = 512  # for this process, while the browser starts
START_S, CLOSE_S = 30.0, 5.0

_NOWHERE = "http://127.0.0.1:1"  # TCP port 1 is not in use
_FLAGS = (
    "--proxy-bypass-list=<-loopback>",  # not even addresses of this machine go past the proxy
    "--disable-quic",
    "--disable-background-networking",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-dev-shm-usage",  # containers have 64 MB of it
    "--disable-gpu",
    f"--js-flags=--max-old-space-size={HEAP_MB}",
    f"--renderer-process-limit={MOST_PAGES_AT_ONCE}",
)

_NO_PACKAGE = (
    "a browser is needed (javascript: true): pip install 'accordwatch[javascript]', and chromium"
)
_NO_CHROMIUM = (
    "no chromium was found (javascript: true): install it (apt install chromium), or name its "
    "program as crawl.browser"
)


def _playwright() -> Any:
    """The library, which is an extra: few crawls need it."""
    from playwright import async_api

    return async_api


def missing(chosen: Path | None) -> str | None:
    """Return what has to be installed before pages can be opened in a browser, or None."""
    try:
        _playwright()
    except ImportError:
        return _NO_PACKAGE
    return None if program(chosen) is not None else _NO_CHROMIUM


def program(chosen: Path | None) -> str | None:
    """Return the path of the browser, the `chosen` one or else the first on the PATH, or None."""
    if chosen is not None:
        return str(chosen) if os.access(chosen, os.X_OK) else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """The browser of a process. One that has crashed, or does not close a page, is replaced."""

    def __init__(self, chosen: Path | None, user_agent: str) -> None:
        self.chosen, self.user_agent = chosen, user_agent
        self._starting = asyncio.Lock()
        self._room = asyncio.Semaphore(MOST_PAGES_AT_ONCE)
        self._driver: Any = None
        self._browser: Browser | None = None

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """Open a browser with nothing stored. Raises Refusal ("browser_missing", "browser")."""
        async with self._room:
            browser = await self._started()
            context = await browser.new_context(
                user_agent=self.user_agent,
                accept_downloads=False,
                service_workers="block",
                locale="en-US",
            )
            try:
                yield context
            finally:
                await self._close_context(context)

    async def _started(self) -> Browser:
        async with self._starting:
            if self._browser is not None and self._browser.is_connected():
                return self._browser
            await self.close()
            if (why := missing(self.chosen)) is not None:
                raise Refusal("browser_missing", why, transient=True)
            try:
                async with asyncio.timeout(START_S):
                    self._browser = await self._start()
            except (_playwright().Error, OSError, TimeoutError) as error:
                message = " ".join(str(error).split())[:300]
                raise Refusal(
                    "browser", f"chromium does not start: {message}", transient=True
                ) from error
            return self._browser

    async def _start(self) -> Browser:
        with _limited_memory():
            self._driver = await _playwright().async_playwright().start()
        return await self._driver.chromium.launch(  # type: ignore[no-any-return]  # see _driver
            executable_path=program(self.chosen),
            args=list(_FLAGS),
            proxy={"server": _NOWHERE},
            # Chromium refuses to run its sandbox as root.
            chromium_sandbox=hasattr(os, "geteuid") and os.geteuid() != 0,
        )

    async def _close_context(self, context: BrowserContext) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await context.close()
        except (_playwright().Error, TimeoutError):
            await self.close()

    async def close(self) -> None:
        """End the browser. The next page starts another one."""
        browser, driver = self._browser, self._driver
        self._browser = self._driver = None
        for stop in (browser.close if browser else None, driver.stop if driver else None):
            if stop is not None:
                with suppress(Exception):  # it is given up, whatever state it is in
                    async with asyncio.timeout(CLOSE_S):
                        await stop()


@contextmanager
def _limited_memory() -> Iterator[None]:
    """Limit processes that are started inside to PROCESS_MB each. This works on Linux only. They
    inherit the limit from this process, whose other tasks go on meanwhile: it is left room for what
    it holds, which thread stacks and libraries that reserve memory bring to a gigabyte.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = max(PROCESS_MB, _held_mb() + _ROOM_MB) * 2**20
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (now, most))


def _held_mb() -> int:
    """Return what the kernel counts against this process's limit, whether it is in use or not."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmData:")) // 1024
