"""Asks whether this process may stand at a host, where several work at the same time.

Without workers on several machines nobody sets the leases of the downloader, and nothing is asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, Self

from spiders.fetch.refusals import Refusal
from storage.addresses.hosts import host_and_port

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class Leases(Protocol):
    """The hosts that are ours; `spiders.leases.HostLeases` keeps them in the database."""

    def holds(self, host: str) -> bool:
        """Whether a request may be sent to this host now."""

    async def hold(self, host: str) -> datetime | None:
        """Wait a while for the host. Returns None when it is ours, or when to ask again."""


class LeaseMiddleware:
    """Takes the lease of a host before the first request to it, whatever led there: a source, a
    redirect, a link to another site or its robots.txt.
    """

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
    """Return why a host is not asked at which another worker stands."""
    line = f"{host}: another worker is there; asked again at {until_at:%H:%M:%S} UTC"
    return Refusal("paused", line, transient=True, until_at=until_at)
