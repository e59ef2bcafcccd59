"""The limits of each request: which addresses it may reach, and how large its answer may be.

A host name is checked when it is resolved, so that public names with a private address, or with one
that changes between two look-ups, are refused too. A literal address is checked on every request,
redirects included. An answer is limited in its head, which Scrapy reads without end, and in its
body as it is after decompression, with a named Refusal for each limit that is reached.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from twisted.python.failure import Failure as TwistedFailure
from twisted.web._newclient import HEADER, STATUS
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from spiders.fetch.compressed import MOST_ENCODINGS, is_whole
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
    """Passes on public addresses only, and notes whether it held one back."""

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


MOST_HEAD_BYTES = 2**18  # as chromium takes; what sites send has some kilobytes


class HeadTooLargeError(Exception):
    """The head of an answer has more than MOST_HEAD_BYTES."""


class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection that is given up if a head does not end."""

    _head = 0  # bytes of the head that is being received

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in (STATUS, HEADER):
            self._head = 0
            return
        self._head += len(data)
        if self._head > MOST_HEAD_BYTES:
            self._giveUp(TwistedFailure(HeadTooLargeError()))  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class HeadHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, for heads of up to MOST_HEAD_BYTES."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory


class SizeMiddleware(HttpCompressionMiddleware):
    """Decompresses up to crawl.max_bytes. More ends as "too_large", as does what is packed many
    times over. A stream that broke off is "truncated".
    """

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        names = _encodings(response)
        if len(names) > MOST_ENCODINGS:
            line = f"{request.url}: is packed {len(names)} times over"
            raise Refusal("too_large", line)
        packed, encoding = response.body, names[-1]  # Scrapy removes the header
        try:
            answer = super().process_response(request, response)
        except IgnoreRequest as error:
            line = f"{request.url}: larger than crawl.max_bytes when decompressed"
            raise Refusal("too_large", line) from error
        except (EOFError, OSError, zlib.error) as error:
            raise _broken_off(request.url) from error
        if isinstance(answer, Response) and not is_whole(packed, encoding, len(answer.body)):
            raise _broken_off(request.url)
        return answer


def _encodings(response: Response) -> list[str]:
    named = b",".join(response.headers.getlist("Content-Encoding"))
    return [name.strip().lower() for name in named.decode("latin-1").split(",")]


def _broken_off(url: str) -> Refusal:
    return Refusal("truncated", f"{url}: the answer broke off before its end", transient=True)
