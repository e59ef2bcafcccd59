"""Obeying robots.txt (RFC 9309), which is fetched once a run for each scheme, host and port.

A 2xx answer has rules (see `robots_rules`). After 4xx, everything may be fetched. After 5xx or 429,
or if the host cannot be reached or the file is too large, nothing may be fetched.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from crawler.fetch.addresses import host_and_port
from crawler.fetch.failures import Failure, explain
from crawler.fetch.manners.robots_rules import Protego, TooManyRules, read_rules
from crawler.fetch.manners.slots import obey_crawl_delay
from crawler.fetch.refusals import Refusal
from crawler.fetch.settings import ROBOTSTXT_USER_AGENT

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

PRIORITY = 1000  # before all documents of the host, which have to wait for it
OWN_REQUEST = "own_robots_request"


@dataclass(frozen=True, slots=True)
class Robots:
    """What a host allows.

    `rules` are those that it sent, if any. `unreachable` says why nothing may be fetched.
    """

    rules: Protego | None = None
    unreachable: Failure | None = None

    def check(self, url: str) -> None:
        """Raises Refusal if `url` may not be fetched."""
        if (why := self.unreachable) is not None:
            raise Refusal(why.reason, why.line, transient=why.transient, until_at=why.until_at)
        if self.rules is not None and not self.rules.can_fetch(url, ROBOTSTXT_USER_AGENT):
            raise Refusal("robots", f"{url}: the site's robots.txt forbids to fetch it")


def read_robots(status: int, body: bytes, url: str) -> Robots:
    """Return the rules in an answer to /robots.txt. A file that makes no sense has no rules."""
    if status == 429 or status >= 500:
        line = f"{url} answers {status}, which means: fetch nothing for now"
        return Robots(unreachable=Failure("robots_unreachable", line, transient=True))
    if not 200 <= status < 300:
        return Robots()
    try:
        return Robots(rules=read_rules(body, ROBOTSTXT_USER_AGENT))
    except TooManyRules as error:
        line = f"{url} {error}, so nothing is fetched there"
        return Robots(unreachable=Failure("robots_unreachable", line, transient=True))


class RobotsMiddleware:
    """Refuses requests that the robots.txt of the host forbids."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.robots: dict[str, asyncio.Task[Robots]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get(OWN_REQUEST):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{host_and_port(request.url)}"
        if origin not in self.robots:
            url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
            self.robots[origin] = asyncio.ensure_future(self._ask(url, request.meta.get("delay_s")))
        # Shielded, so that cancelling one document does not cancel this for all the others.
        (await asyncio.shield(self.robots[origin])).check(request.url)

    async def _ask(self, url: str, delay_s: float | None) -> Robots:
        meta = {OWN_REQUEST: True, "delay_s": delay_s}
        request = Request(url, priority=PRIORITY, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except Exception as error:  # without the file, for whatever reason, nothing is fetched
            return Robots(unreachable=_unreachable(explain(error, url), url))
        robots = read_robots(response.status, response.body, url)
        if robots.rules is not None and (asked_s := robots.rules.crawl_delay(ROBOTSTXT_USER_AGENT)):
            obey_crawl_delay(self.crawler.engine.downloader, host_and_port(url), float(asked_s))
        return robots


def _unreachable(why: Failure, url: str) -> Failure:
    """Return why nothing may be fetched: the host is unreachable, or the file cannot be read."""
    if why.reason not in ("redirect_loop", "consent_wall", "too_large", "truncated"):
        return why
    line = f"{url} cannot be read ({why.reason}), so nothing is fetched there"
    return Failure("robots_unreachable", line, transient=True)
