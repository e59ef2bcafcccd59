"""Where several workers crawl, a host is asked only while it is ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.utils.test import get_crawler
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings, scrapy_settings
from spiders.fetch.slots import HostDownloader, LeaseMiddleware

HOST = "a.org:443"
LATER = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@dataclass
class GivenLeases:
    """Leases as a table would give them."""

    ours: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def holds(self, host: str) -> bool:
        return host in self.ours

    async def hold(self, host: str) -> datetime | None:
        self.asked.append(host)
        if host not in self.free:
            return LATER
        self.ours.add(host)
        return None


def asking(leases: GivenLeases | None) -> LeaseMiddleware:
    crawler = get_crawler(settings_dict=scrapy_settings(CrawlSettings()))
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace(leases=leases))  # type: ignore[assignment]  # all that is asked of it
    return LeaseMiddleware(crawler)


def test_alone_nothing_is_asked() -> None:
    asyncio.run(asking(None).process_request(Request("https://a.org/page")))


def test_the_first_request_to_a_host_takes_its_lease_over_http_and_https() -> None:
    leases = GivenLeases(free={HOST})
    middleware = asking(leases)
    for url in ("http://a.org/robots.txt", "https://a.org/page", "https://A.org/other"):
        asyncio.run(middleware.process_request(Request(url)))
    assert leases.asked == [HOST]


def test_a_host_of_another_worker_is_asked_later() -> None:
    with pytest.raises(Refusal, match="another worker is there") as refused:
        asyncio.run(asking(GivenLeases()).process_request(Request("https://a.org/page")))
    why = refused.value
    assert (why.reason, why.transient, why.until_at) == ("paused", True, LATER)


def test_a_request_that_waited_for_its_turn_is_not_sent_once_the_lease_is_lost() -> None:
    crawler = get_crawler(settings_dict=scrapy_settings(CrawlSettings(delay_s=1)))
    downloader = HostDownloader(crawler)
    downloader.leases = GivenLeases()
    request = Request("https://a.org/page", meta={"download_slot": HOST})
    slot, waiting = Slot(1, 1.0, 0.0), Deferred[Response]()
    failures: list[Failure] = []
    waiting.addErrback(failures.append)
    asyncio.run(downloader._wait_for_download(slot, request, waiting))
    assert [type(one.value) for one in failures] == [Refusal]
    assert not slot.transferring
