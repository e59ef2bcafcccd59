"""Politeness: delays between requests to the same host and port, leases and pauses of hosts.

Scrapy has one slot for each host; we have one for each host and port, since these are different
servers. The delay is that of the source (in `meta["delay_s"]` of a request), or else the configured
one. If several delays are requested for a host, the longest applies. Where several workers crawl, a
host gets requests only while its lease is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self

from scrapy import signals
from scrapy.core.downloader import Downloader, Slot
from twisted.python.failure import Failure

from spiders.fetch.refusals import Refusal
from spiders.fetch.retry_after import parse_retry_after
from storage.addresses import host_and_port

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred


log = logging.getLogger(__name__)

# Some robots.txt ask for 3,600 seconds, which would be a handful of documents a day.
MAX_CRAWL_DELAY_S = 30.0
# By which one request may take less time to its server than the one before: in a simulated month
# requests arrived up to 0.18 s too close to each other.
ON_THE_WAY_S = 0.25
# Without any delay Scrapy 2.19 begins all that waits for a host before the first of it counts as
# under way, so that crawl.per_host would not hold.
SHORTEST_DELAY_S = 0.01


class SlotMiddleware:
    """Assigns each request to the slot of its host and port, and sets the delay of the slot."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.delay_s = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # A redirected request still has the slot of the host that it came from.
        request.meta["download_slot"] = name = host_and_port(request.url)
        given_s = request.meta.get("delay_s")
        delay_s = max(SHORTEST_DELAY_S, self.delay_s if given_s is None else given_s)
        slow_down(self.crawler.engine.downloader, name, as_sent(delay_s))


def as_sent(delay_s: float) -> float:
    """The seconds between sending two requests, so that they reach the server `delay_s` apart."""
    return delay_s + min(ON_THE_WAY_S, delay_s / 4)


def slot_delay_s(downloader: Downloader, slot_name: str, default_s: float) -> float:
    """Return the seconds between requests of a slot; `default_s` if no delay was requested yet."""
    return float(downloader.per_slot_settings.get(slot_name, {}).get("delay", default_s))


def obey_crawl_delay(downloader: Downloader, slot_name: str, given_s: float) -> None:
    """Apply a Crawl-delay: one request at a time, with this delay but at most MAX_CRAWL_DELAY_S."""
    if given_s > MAX_CRAWL_DELAY_S:
        line = "%s: its robots.txt asks for %.0f s between requests; %.0f s are kept"
        log.info(line, slot_name, given_s, MAX_CRAWL_DELAY_S)
    slow_down(downloader, slot_name, as_sent(min(given_s, MAX_CRAWL_DELAY_S)))
    downloader.per_slot_settings[slot_name]["concurrency"] = 1
    if (slot := downloader.slots.get(slot_name)) is not None:
        slot.concurrency = 1


def slow_down(downloader: Downloader, slot_name: str, delay_s: float) -> None:
    """Let a slot wait at least `delay_s` seconds between requests."""
    settings = downloader.per_slot_settings.setdefault(slot_name, {"delay": delay_s})
    settings["delay"] = max(settings["delay"], delay_s)
    if (slot := downloader.slots.get(slot_name)) is not None:
        slot.delay = max(slot.delay, delay_s)


# --- whether this process may send requests to a host ---------------------------------------------


class Leases(Protocol):
    """The hosts that are ours; `spiders.leases.HostLeases` has them in the database."""

    def holds(self, host: str) -> bool:
        """Whether a request may be sent to this host now."""

    async def hold(self, host: str) -> datetime | None:
        """Wait a while for the host. Returns None when it is ours, or when to try again."""


class LeaseMiddleware:
    """Takes the lease of a host before the first request to it, whatever led there."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        downloader: Any = self.crawler.engine.downloader
        leases: Leases | None = downloader.leases
        if leases is None or leases.holds(host := host_and_port(request.url)):
            return
        if (until_at := await leases.hold(host)) is not None:
            raise elsewhere(host, until_at)


def elsewhere(host: str, until_at: datetime) -> Refusal:
    line = f"{host}: another worker is there; asked again at {until_at:%H:%M:%S} UTC"
    return Refusal("paused", line, transient=True, until_at=until_at)


# --- Scrapy's downloader --------------------------------------------------------------------------

_LOST_FOR = timedelta(seconds=30)  # until a lost lease is tried again


class HostDownloader(Downloader):
    """Counts a request from the moment in which it is taken off the queue of its slot. Scrapy
    counts it when its task begins to run. Without a delay all requests that are queued until then
    go out together, whatever the limit of the slot is.
    """

    # Which hosts are ours; None where no other worker crawls.
    leases: Leases | None = None

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self._on_headers, signals.headers_received)

    def _on_headers(self, request: Request) -> None:
        """Let the next request wait for its delay after this answer began: when this one
        reached its server is not known, after a slow connection or on a busy machine.
        """
        if (slot := self.slots.get(self.get_slot_key(request))) is not None:
            slot.lastseen = max(slot.lastseen, monotonic() - min(ON_THE_WAY_S, slot.delay / 5))

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        name = self.get_slot_key(request)
        if self.leases is not None and not self.leases.holds(name):
            return _refused(name, queue_dfd)
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)


async def _refused(host: str, queue_dfd: Deferred[Response]) -> None:
    """End a request that waited for its turn while the lease of its host was lost."""
    refusal = elsewhere(host, datetime.now(UTC) + _LOST_FOR)
    queue_dfd.errback(Failure(refusal))  # type: ignore[no-untyped-call]  # Twisted


# --- pauses that servers ask for: Retry-After (RFC 9110, section 10.2.3) --------------------------

WAIT_STATUSES = (429, 503)
ACCEPTED = 202  # how some sites turn programs away
DEFAULT_PAUSE_S = 60.0  # without a Retry-After: long enough for a rate limit by the minute


def wants_pause(response: Response) -> bool:
    """Whether an answer asks us to wait: by its status, or a failure by Retry-After."""
    if response.status in WAIT_STATUSES:
        return True
    is_failure = response.status >= 400 or response.status == ACCEPTED
    return is_failure and b"Retry-After" in response.headers


class PauseMiddleware:
    """Refuses requests to a host until its pause is over, with a transient Refusal "paused"."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.max_s = crawler.settings.getfloat("MAX_RETRY_AFTER_S")
        self.until_at: dict[str, datetime] = {}
        # Called with each pause (host and end), so that it can be stored.
        self.on_pause: Callable[[str, datetime], None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        # A middleware sees an answer only after the next request to its host was sent. The signal
        # comes before that.
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    def process_request(self, request: Request) -> None:
        name = host_and_port(request.url)
        until_at = self.until_at.get(name)
        if until_at is not None and datetime.now(UTC) < until_at:
            raise _paused(name, until_at)

    def response_downloaded(self, request: Request, response: Response) -> None:
        if wants_pause(response):
            now = datetime.now(UTC)
            sent = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
            wait_s = parse_retry_after(sent, now, self.max_s) or min(DEFAULT_PAUSE_S, self.max_s)
            name = host_and_port(request.url)
            until_at = now + timedelta(seconds=wait_s)
            self.until_at[name] = max(until_at, self.until_at.get(name, until_at))
            if self.on_pause is not None:
                self.on_pause(name, self.until_at[name])
            if (slot := self.crawler.engine.downloader.slots.get(name)) is not None:
                while slot.queue:  # requests that passed process_request before the pause began
                    _, waiting = slot.queue.popleft()
                    refusal = _paused(name, until_at)
                    waiting.errback(Failure(refusal))  # type: ignore[no-untyped-call]  # Twisted

    def paused_until(self, url: str) -> datetime | None:
        """Return until when the host of `url` is paused; None if it was never paused."""
        return self.until_at.get(host_and_port(url))


def _paused(name: str, until_at: datetime) -> Refusal:
    line = f"{name}: asked to be left alone, paused until {until_at:%Y-%m-%d %H:%M:%S} UTC"
    return Refusal("paused", line, transient=True, until_at=until_at)
