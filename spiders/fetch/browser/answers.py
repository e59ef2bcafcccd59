"""What a page in the browser asks for, answered by our own downloader: so the address gate,
robots.txt, pauses, delays and limits hold for each request of a script as for all others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from scrapy import Request

from spiders.fetch.refusals import Refusal

if TYPE_CHECKING:
    from playwright.async_api import Request as Asked
    from playwright.async_api import Route
    from scrapy.http import Response

Download = Callable[[Request], Awaitable["Response"]]

MOST_REQUESTS = 60  # of a page; pages of news send a dozen, without pictures and styles
MOST_PAGES = 3  # to which a page may lead on by itself
MOST_SENT = 100_000  # bytes of a question to an API

_SCRIPTS = ("script", "xhr", "fetch")
# Of an answer: how it was sent. We pass it on unpacked.
_OF_THE_CONNECTION = ("connection", "content-encoding", "content-length", "set-cookie")
# Of a question: what our downloader says itself, and what tells a site where its reader comes from.
_OURS = ("accept-encoding", "connection", "cookie", "host", "referer", "user-agent")


class Answers:
    """Answers the requests of one page, which was answered with `first`. `left` bytes may still
    come. `refused` counts what was not asked for; `page_refused` is why the last page to which
    this one led on is not shown.
    """

    def __init__(
        self, download: Download, first: Response, meta: Mapping[str, Any], left: int
    ) -> None:
        self.download, self.first, self.meta, self.left = download, first, dict(meta), left
        self.asked = self.pages = self.refused = self.under_way = 0
        self.page_refused: Refusal | None = None
        self.on_answer: Callable[[], None] = lambda: None  # called with each answer that has come

    async def answer(self, route: Route) -> None:
        """Answer a request, or let it fail."""
        asked = route.request
        if asked.resource_type == "stylesheet":  # some scripts wait for it, none looks into it
            await route.fulfill(status=200, content_type="text/css", body="")
            return
        if asked.resource_type == "document":
            response = await self._page(asked)
        else:
            response = await self._resource(asked)
        if response is None:
            self.refused += 1
            await route.abort("blockedbyclient")
            return
        await route.fulfill(status=response.status, headers=_headers(response), body=response.body)

    async def _page(self, asked: Asked) -> Response | None:
        """Return the page for the window itself. Pages in frames are left out."""
        if asked.method != "GET" or asked.frame.parent_frame is not None:
            return None
        self.pages += 1
        if self.pages == 1:
            return self.first
        if self.pages > MOST_PAGES:
            line = f"{asked.url}: the page leads on and on by itself"
            self.page_refused = Refusal("redirect_loop", line)
            return None
        return await self._got(asked)

    async def _resource(self, asked: Asked) -> Response | None:
        """Return a script, or what a script asks for. Pictures, fonts, films and beacons are left
        out.
        """
        if asked.resource_type not in _SCRIPTS or asked.method not in ("GET", "POST"):
            return None
        if len(asked.post_data_buffer or b"") > MOST_SENT:
            return None
        return await self._got(asked)

    async def _got(self, asked: Asked) -> Response | None:
        self.asked += 1
        if self.asked > MOST_REQUESTS or self.left <= 0:
            return None
        sent = {
            name: value
            for name, value in asked.headers.items()
            if name not in _OURS and not name.startswith((":", "sec-"))
        }
        self.under_way += 1
        try:
            request = Request(
                asked.url,
                method=asked.method,
                headers=sent,
                body=asked.post_data_buffer,
                meta=dict(self.meta),
                dont_filter=True,
            )
            response = await self.download(request)
        except Exception as error:  # the edge: to a page, whatever ends a request is no answer
            if asked.resource_type == "document":
                self.page_refused = _refusal_of(error, asked.url)
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
