"""The address gate: requests reach public addresses only.

A host name is checked when it is resolved, so that public names with a private address, or with one
that changes between two look-ups, are refused too. A literal address is checked on every request,
redirects included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from spiders.fetch.private_networks import is_public, refuse
from spiders.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase


class GateMiddleware:
    """Refuses requests by scheme and literal address. Redirected requests pass through it too."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(frozenset(crawler.settings.getlist("ALLOW_PRIVATE")))

    def process_request(self, request: Request) -> None:
        if (refused := refuse(request.url, self.allowed)) is not None:
            raise Refusal(*refused)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on public addresses only, and remembers whether it held one back."""

    def __init__(self, receiver: Any, resolver: GuardedResolver, host: str, port: int) -> None:
        self.receiver, self.resolver, self.host, self.port = receiver, resolver, host, port

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        opened = f"{self.host}:{self.port}" in self.resolver.allowed
        if opened or is_public(ip_address(address.host.partition("%")[0])):
            self.receiver.addressResolved(address)
        else:
            self.resolver.refused.add(self.host)

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver for IPv4 and IPv6, which returns public addresses only."""

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: Iterable[str] = ()) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = frozenset(allowed)
        self.refused: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        return cls(
            reactor,
            crawler.settings.getint("DNSCACHE_SIZE"),
            crawler.settings.getlist("ALLOW_PRIVATE"),
        )

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        receiver: Any = _PublicOnly(resolutionReceiver, self, hostName.lower(), portNumber)
        return super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


def refused_by_resolver(host: str) -> bool:
    """Whether the gate held back an address of `host`."""
    # Imported here, because to import the reactor installs it, and Scrapy chooses which one.
    from twisted.internet import reactor

    resolver = getattr(reactor, "nameResolver", None)
    return isinstance(resolver, GuardedResolver) and host.lower() in resolver.refused
