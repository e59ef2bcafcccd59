"""The gate as the crawl's settings make it: of several workers one has a host."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.utils.test import get_crawler
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactor
from twisted.python.failure import Failure

from spiders.fetch.limits import GateMiddleware, GuardedResolver
from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings, scrapy_settings
from spiders.fetch.slots import HostDownloader, LeaseMiddleware


def gate() -> GateMiddleware:
    settings = scrapy_settings(
        CrawlSettings(allow_private=("127.0.0.1:8080", "127.0.0.2:80", "127.0.0.3:443"))
    )
    return GateMiddleware.from_crawler(get_crawler(settings_dict=settings))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/",
        "http://127.0.0.2/",  # the port of the scheme
        "https://127.0.0.3/",
        "https://93.184.215.14/",
        "https://news.example/",  # a name is judged where it is resolved
    ],
)
def test_what_is_public_or_opened_passes(url: str) -> None:
    gate().process_request(Request(url))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("https://127.0.0.2/", "private_address"),
        ("http://127.0.0.3/", "private_address"),
        ("http://[fe80::1%25eth0]/", "private_address"),
        ("ftp://news.example/", "scheme"),
    ],
)
def test_other_private_addresses_and_schemes_are_refused(url: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        gate().process_request(Request(url))
    assert caught.value.reason == reason
    if reason == "private_address":
        assert url.split("/")[2].split(":")[0].strip("[]")[:4] in str(caught.value)


class Provenance:
    """Takes down the addresses that a name is said to have."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def resolutionBegan(self, _resolution: object) -> None: ...

    def addressResolved(self, address: IPv4Address) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None: ...


def looked_up(resolver: GuardedResolver, host: str, port: int) -> list[str]:
    received: Any = Provenance()
    resolver.resolveHostName(received, host, port)
    return list(received.addresses)


def test_a_host_is_opened_at_the_port_that_was_named_and_at_no_other() -> None:
    # Its own resolver says of each name that it has one private address.
    reactor: Any = MemoryReactor()  # type: ignore[no-untyped-call]  # Twisted types few of its tests' parts
    resolver = GuardedResolver(reactor, 0, ["intranet.example:8080"])
    assert len(looked_up(resolver, "Intranet.example", 8080)) == 1
    assert resolver.refused == set()
    assert looked_up(resolver, "intranet.example", 9090) == []
    assert looked_up(resolver, "other.example", 8080) == []
    assert resolver.refused == {"intranet.example", "other.example"}


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
    assert [type(failure.value) for failure in failures] == [Refusal]
    assert not slot.transferring
