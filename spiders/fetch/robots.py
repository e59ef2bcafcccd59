"""Obeying robots.txt (RFC 9309), which is requested once a day for each scheme, host and port.

A 2xx answer has rules (see `our_lines`). After 4xx, everything may be fetched. After 5xx or 429,
or if the host cannot be reached or the file is too large, nothing may be fetched for half a day.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from spiders.fetch.refusals import Refusal
from spiders.fetch.responses import Failure, explain
from spiders.fetch.settings import ROBOTSTXT_USER_AGENT
from spiders.fetch.slots import obey_crawl_delay
from storage.addresses import host_and_port
from storage.errors import FetchError
from storage.sources.tables import CachedRobots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

PRIORITY = 1000  # before all documents of the host, which have to wait for it
OWN_REQUEST = "own_robots_request"
# A file that cannot be read is requested again within a long run, though not by each request.
FAILURE_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Robots:
    """What a host allows. `rules` are those that it sent, if any, made from `lines`. `unreachable`
    is why nothing may be fetched. All of this ends at `until_at`. `sitemaps` are named in the file,
    if it was requested just now.
    """

    lines: str | None = None
    rules: Protego | None = None
    unreachable: Failure | None = None
    until_at: datetime | None = None
    sitemaps: tuple[str, ...] = ()

    def check(self, url: str) -> None:
        if (why := self.unreachable) is not None:
            raise Refusal(why.reason, why.line, transient=why.transient, until_at=why.until_at)
        if self.rules is not None and not self.rules.can_fetch(url, ROBOTSTXT_USER_AGENT):
            raise Refusal("robots", f"{url}: the site's robots.txt forbids fetching it")


def read_robots(status: int, body: bytes, url: str) -> Robots:
    """Return the rules in an answer to /robots.txt. A file that makes no sense has no rules."""
    if status == 429 or status >= 500:
        line = f"{url} answers {status}, which means: fetch nothing for now"
        return Robots(unreachable=Failure("robots_unreachable", line, transient=True))
    if not 200 <= status < 300:
        return Robots()
    try:
        robots = _with_rules(our_lines(body, ROBOTSTXT_USER_AGENT))
        return replace(robots, sitemaps=named_sitemaps(body))
    except TooManyRules as error:
        line = f"{url} {error}, so nothing is fetched there"
        return Robots(unreachable=Failure("robots_unreachable", line, transient=True))


def _with_rules(lines: str | None, until_at: datetime | None = None) -> Robots:
    if lines is None:
        return Robots(until_at=until_at)
    return Robots(lines, Protego.parse(lines), until_at=until_at)


class RobotsMiddleware:
    """Refuses requests that the robots.txt of the host forbids. `load` gives what earlier runs
    learned of an origin ("https://host:port"), and `save` stores what this one does. Without them,
    each run requests all files.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.load: Callable[[str], Awaitable[CachedRobots]] | None = None
        self.save: Callable[[CachedRobots], object] | None = None
        self.robots: dict[str, asyncio.Task[Robots]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get(OWN_REQUEST):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{host_and_port(request.url)}"
        if origin not in self.robots or _is_over(self.robots[origin]):
            url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
            coroutine = self._find(origin, url, request.meta.get("delay_s"))
            self.robots[origin] = asyncio.ensure_future(coroutine)
        # Shielded, so that cancelling one document does not cancel this for all the others.
        (await asyncio.shield(self.robots[origin])).check(request.url)

    def sitemaps_at(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of an address names, if it was read already."""
        task = self.robots.get(f"{urlsplit(url).scheme}://{host_and_port(url)}")
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return ()
        return task.result().sitemaps

    async def _find(self, origin: str, url: str, delay_s: float | None) -> Robots:
        """Return what an origin allows, as an earlier run learned it, or else as it answers now."""
        cached = CachedRobots(origin) if self.load is None else await self.load(origin)
        if is_fresh(cached, datetime.now(UTC)):
            robots = _with_rules(cached.rules, cached.fresh_until_at)
        else:
            robots = await self._request(url, delay_s, cached)
        if robots.rules is not None and (delay := robots.rules.crawl_delay(ROBOTSTXT_USER_AGENT)):
            obey_crawl_delay(self.crawler.engine.downloader, host_and_port(url), float(delay))
        return robots

    async def _request(self, url: str, delay_s: float | None, before: CachedRobots) -> Robots:
        meta = {OWN_REQUEST: True, "delay_s": delay_s}
        request = Request(url, priority=PRIORITY, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        cache_control = ""
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except Exception as error:  # without the file, for whatever reason, nothing is fetched
            robots = Robots(unreachable=_unreachable(explain(error, url), url))
        else:
            robots = read_robots(response.status, response.body, url)
            cache_control = (response.headers.get("Cache-Control") or b"").decode("latin-1")
        return self._learned(robots, before, cache_control)

    def _learned(self, robots: Robots, before: CachedRobots, cache_control: str) -> Robots:
        """Save what was learned of an origin. Return what it allows now."""
        now = datetime.now(UTC)
        if robots.unreachable is None:
            cached = learned(before.origin, robots.lines, now, cache_control)
            robots = replace(robots, until_at=cached.fresh_until_at)
        else:
            cached = failing(before, now)
            robots = replace(robots, until_at=now + FAILURE_LASTS)
            if holds_while_failing(cached, now):
                robots = _with_rules(cached.rules, now + FAILURE_LASTS)
        if self.save is not None:
            self.save(cached)
        return robots


def _is_over(task: asyncio.Task[Robots]) -> bool:
    """Whether what was learned has to be learned again."""
    if not task.done() or task.cancelled() or task.exception() is not None:
        return task.done()
    until_at = task.result().until_at
    return until_at is not None and datetime.now(UTC) >= until_at


def _unreachable(why: Failure, url: str) -> Failure:
    """Return why nothing may be fetched: the host is unreachable, or the file cannot be read."""
    if why.reason not in ("redirect_loop", "consent_wall", "too_large", "truncated"):
        return why
    line = f"{url} cannot be read ({why.reason}), so nothing is fetched there"
    return Failure("robots_unreachable", line, transient=True)


# --- reading the rules of a robots.txt that concern us --------------------------------------------

MAX_BYTES = 500 * 1024  # a crawler has to read at least this much (RFC 9309, section 2.5)
MAX_RULES = 10_000  # each URL is compared with all of them; news sites have a few hundred

MAX_SITEMAPS = 100  # sites name a handful

_SITEMAP = re.compile(r"site-?maps?\s*:\s*(\S+)", re.IGNORECASE)
_AGENT = re.compile(r"user[- ]?agent\s*(?::|\s)\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.IGNORECASE)
# Rules, and the ways in which sites misspell "disallow". Any other line, known to nobody or others
# alone, stands between names and rules as if it were not there (RFC 9309, section 2.2.4).
_RULE = re.compile(r"(?:allow|d[a-z]{3,10}w|crawl|request|visit)\b", re.IGNORECASE)
# What a name is made of (section 2.2.1); a version or further words may follow.
_TOKEN = re.compile(r"[a-z_-]+")


class TooManyRules(FetchError):
    """A robots.txt has more than MAX_RULES rules for us."""


def our_lines(body: bytes, agent: str) -> str:
    """Return the lines for `agent`: those of its own group, or else of the group for all (*). A
    file that makes no sense has none. Raises TooManyRules.
    """
    groups = list(_groups(_lines(body)))
    token = agent.lower()
    best = _best_name((_name_for(name, token) for names, _ in groups for name in names), token)
    rules = [
        rule
        for names, lines in groups
        if any(_name_for(name, token) == best for name in names)
        for rule in lines
    ]
    if len(rules) > MAX_RULES:
        raise TooManyRules(f"has {len(rules)} rules for us, more than the limit of {MAX_RULES}")
    return "\n".join([f"User-agent: {best}", *rules]) if rules else ""


def named_sitemaps(body: bytes) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names, for whichever agent; at most MAX_SITEMAPS."""
    found = (match[1] for line in _lines(body) if (match := _SITEMAP.match(line)))
    return tuple(islice(found, MAX_SITEMAPS))


def _lines(body: bytes) -> Iterator[str]:
    if len(body) > MAX_BYTES:
        # Only whole lines: a truncated path would forbid more than was meant.
        body = body[: max(body.rfind(end, 0, MAX_BYTES) for end in (b"\n", b"\r")) + 1]
    for line in body.decode("utf-8-sig", "replace").splitlines():
        if content := line.partition("#")[0].strip():
            yield content


def _groups(lines: Iterable[str]) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Yield (names, rules) of each group. Several names in a row share the rules that follow."""
    names: set[str] = set()
    rules: list[str] = []
    for line in lines:
        if match := _AGENT.match(line):
            if rules:
                yield frozenset(names), rules
                names, rules = set(), []
            names.add(match[1].strip().lower())
        elif names and _RULE.match(line) and not _SITE_WIDE.match(line):
            rules.append(line)
    yield frozenset(names), rules


def _name_for(written: str, agent: str) -> str:
    """The name in a User-agent line as it is compared with ours: "accordwatch/0.1" and "accordwatch
    news" name us. Other names are not shortened, lest "a1" become "a", with which our name begins.
    """
    token = _TOKEN.match(written)
    if written == "*" or (token is not None and token[0] == agent):
        return "*" if written == "*" else agent
    return written.replace("*", "")  # like Protego, read "bot*" as "bot"


def _best_name(names: Iterable[str], agent: str) -> str:
    """Return the longest of `names` that `agent` begins with, as Protego compares; else "*"."""
    return max((name for name in names if name and agent.startswith(name)), key=len, default="*")


# --- how long a robots.txt is good for ------------------------------------------------------------

LONGEST = timedelta(days=1)
# Many sites forbid all caching. A request at each look would make a quarter of all requests.
SHORTEST = timedelta(hours=1)
# As large search engines do it: an outage of a night stops us, a file that fails for days does not.
LEFT_ALONE = timedelta(hours=12)
OLDEST_COPY = timedelta(days=30)

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNCACHED = re.compile(r"no-cache|no-store", re.IGNORECASE)


def lifetime(cache_control: str) -> timedelta:
    """Return for how long an answer may be used that came with this Cache-Control."""
    if _UNCACHED.search(cache_control):
        return SHORTEST
    named = _MAX_AGE.search(cache_control)
    if named is None:
        return LONGEST
    return min(max(timedelta(seconds=int(named[1])), SHORTEST), LONGEST)


def is_fresh(cached: CachedRobots, now: datetime) -> bool:
    """Whether a cached file needs no request. One from the future was cached by a wrong clock."""
    if cached.read_at is None or cached.fresh_until_at is None:
        return False
    return cached.failing_since_at is None and cached.read_at <= now < cached.fresh_until_at


def learned(origin: str, rules: str | None, now: datetime, cache_control: str) -> CachedRobots:
    """Return what to store of a file that was read, or found to be missing."""
    return CachedRobots(origin, rules, now, now + lifetime(cache_control))


def failing(before: CachedRobots, now: datetime) -> CachedRobots:
    """Return what to store when the file cannot be read."""
    return replace(before, failing_since_at=before.failing_since_at or now)


def holds_while_failing(cached: CachedRobots, now: datetime) -> bool:
    """Whether the last copy holds again, as the file has failed for long."""
    if cached.read_at is None or cached.failing_since_at is None:
        return False
    has_failed_long = now - cached.failing_since_at >= LEFT_ALONE
    return has_failed_long and now - cached.read_at <= OLDEST_COPY
