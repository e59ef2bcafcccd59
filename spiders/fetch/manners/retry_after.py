"""Pauses: after an answer 429 or 503, or any failure with Retry-After, the host is not asked again
before the time it named.

See RFC 9110, section 10.2.3, for Retry-After.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy import signals
from twisted.python.failure import Failure

from spiders.fetch.refusals import Refusal
from storage.addresses import host_and_port

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

ASKED_TO_WAIT = (429, 503)
ACCEPTED = 202  # how some sites turn programs away
_SECONDS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 18
DEFAULT_PAUSE_S = 60.0  # without a Retry-After: long enough for a rate limit by the minute


def parse_retry_after(value: str | None, now: datetime, max_s: float) -> float | None:
    """Return the seconds to wait, from 1 to `max_s`; None if the value cannot be understood.

    The value is a number of seconds or an HTTP date.
    """
    wait_s = _delta_s(value or "", now)
    return None if wait_s is None else min(max(wait_s, 1.0), max_s)


def _delta_s(value: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(value):
        return float(value[:_MOST_DIGITS])  # a longer number is too large in any case
    try:
        until_at = parsedate_to_datetime(value)
        if until_at.tzinfo is None:
            until_at = until_at.replace(tzinfo=UTC)
        return (until_at - now).total_seconds()
    except (ValueError, OverflowError):  # a day, year or time zone that does not exist
        return None


def asks_to_wait(response: Response) -> bool:
    """Whether an answer asks to be left alone: by its status, or a failure by Retry-After."""
    if response.status in ASKED_TO_WAIT:
        return True
    is_failure = response.status >= 400 or response.status == ACCEPTED
    return is_failure and b"Retry-After" in response.headers


class PauseMiddleware:
    """Keeps the pauses of hosts. Until the end of its pause, requests to a host are refused.

    They end with a transient Refusal "paused".
    """

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
        """Begin a pause if the server asked for one."""
        if asks_to_wait(response):
            now = datetime.now(UTC)
            sent = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
            wait_s = parse_retry_after(sent, now, self.max_s) or min(DEFAULT_PAUSE_S, self.max_s)
            self._pause(host_and_port(request.url), now + timedelta(seconds=wait_s))

    def _pause(self, name: str, until_at: datetime) -> None:
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
