"""429 and 503: the server says wait, so nobody asks that host again before the time it named (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from twisted.python.failure import Failure

from crawler.fetch.addresses import host_and_port
from crawler.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

ASKED_TO_WAIT = (429, 503)
_SECONDS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 18
DEFAULT_PAUSE_S = (
    60.0  # no Retry-After was sent: long enough for a rate limit counted by the minute
)


def parse_retry_after(value: str | None, now: datetime, max_s: float) -> float | None:
    """Seconds to wait, at least 1 and at most `max_s`, from delta-seconds or an HTTP date; None if there is neither."""
    wait_s = _delta_s(value or "", now)
    return None if wait_s is None else min(max(wait_s, 1.0), max_s)


def _delta_s(value: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(value):
        return float(value[:_MOST_DIGITS])  # of a longer number it is enough that it is too large
    try:
        until_at = parsedate_to_datetime(value)
        if until_at.tzinfo is None:
            until_at = until_at.replace(tzinfo=UTC)
        return (until_at - now).total_seconds()
    except (ValueError, OverflowError):  # a day, year or zone that no calendar has
        return None


class PauseMiddleware:
    """Keeps the pause of each host; while it lasts, requests to that host end as a transient Refusal "paused"."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.max_s = crawler.settings.getfloat("MAX_RETRY_AFTER_S")
        self.until_at: dict[str, datetime] = {}
        self.on_pause: Callable[[str, datetime], None] | None = (
            None  # told of each pause, to remember it
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        # a middleware sees an answer only after the next request to its host has been sent; this signal comes before
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    def process_request(self, request: Request) -> None:
        name = host_and_port(request.url)
        until_at = self.until_at.get(name)
        if until_at is not None and datetime.now(UTC) < until_at:
            raise _paused(name, until_at)

    def response_downloaded(self, request: Request, response: Response) -> None:
        """Notes the wish of a server that asks to be left alone."""
        if response.status in ASKED_TO_WAIT:
            now = datetime.now(UTC)
            sent = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
            wait_s = parse_retry_after(sent, now, self.max_s) or min(DEFAULT_PAUSE_S, self.max_s)
            self._pause(host_and_port(request.url), now + timedelta(seconds=wait_s))

    def _pause(self, name: str, until_at: datetime) -> None:
        self.until_at[name] = max(until_at, self.until_at.get(name, until_at))
        if self.on_pause is not None:
            self.on_pause(name, self.until_at[name])
        if (slot := self.crawler.engine.downloader.slots.get(name)) is not None:
            while slot.queue:  # these passed process_request before the server said wait
                _, waiting = slot.queue.popleft()
                waiting.errback(Failure(_paused(name, until_at)))  # type: ignore[no-untyped-call]  # Twisted: untyped

    def paused_until(self, url: str) -> datetime | None:
        """Until when the host of `url` asked us to wait; None if it did not."""
        return self.until_at.get(host_and_port(url))


def _paused(name: str, until_at: datetime) -> Refusal:
    line = f"{name}: is too busy (429 or 503) and left alone until {until_at:%Y-%m-%d %H:%M:%S} UTC"
    return Refusal("paused", line, transient=True, until_at=until_at)
