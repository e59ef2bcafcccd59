"""The gate as the crawl's settings make it."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactor

from spiders.fetch.limits import GateMiddleware, GuardedResolver
from spiders.fetch.refusals import Refusal
from spiders.fetch.settings import CrawlSettings, scrapy_settings


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
