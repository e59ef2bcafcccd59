"""Names for all the ways in which a fetch can end without an answer."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from twisted.python.failure import Failure as TwistedFailure
from twisted.web._newclient import HEADER, STATUS
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from spiders.fetch.compressed import MOST_ENCODINGS, is_whole
from spiders.fetch.private_networks import PRIVATE, is_public, refuse
from spiders.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.interfaces import IAddress


@dataclass(frozen=True, slots=True)
class Failure:
    """A fetch without an answer. `reason` is one word for counting, `line` a sentence for people.

    A `transient` failure may be tried again, though not before `until_at` if that is given.
    """

    reason: str
    line: str
    transient: bool
    until_at: datetime | None = None


def explain(error: BaseException, url: str) -> Failure:
    """Turn an exception from any layer into a Failure."""
    if isinstance(error, Refusal):
        return Failure(error.reason, str(error), error.transient, error.until_at)
    if isinstance(error, CannotResolveHostError):
        host = urlsplit(url).hostname or url
        if refused_by_resolver(host):
            return Failure("private_address", PRIVATE.format(host=host), transient=False)
        line = f"{url}: the name does not resolve; check the address or the network"
        return Failure("dns", line, transient=True)
    for kind, reason, line, transient in _KNOWN:
        if isinstance(error, kind):
            return Failure(reason, line.format(url=url), transient)
    if isinstance(error, (DownloadFailedError, ResponseDataLossError)):
        return _connection_failure(error, url)
    return Failure("failed", f"{url}: {type(error).__name__}: {error}"[:300], transient=True)


def impossible(url: str) -> Failure:
    """Return the failure for a URL that cannot be requested at all."""
    return Failure("address", f"{url[:200]}: is not a URL that can be requested", transient=False)


_KNOWN: tuple[tuple[type[Exception], str, str, bool], ...] = (
    (DownloadTimeoutError, "timeout", "{url}: no complete answer within crawl.timeout_s", True),
    (TimeoutError, "no_end", "{url}: there was neither an answer nor a failure", True),
    (DownloadConnectionRefusedError, "connection", "{url}: refuses the connection", True),
    (
        DownloadCancelledError,
        "too_large",
        "{url}: the answer is larger than crawl.max_bytes",
        False,
    ),
    (UnsupportedURLSchemeError, "scheme", "{url}: only http and https are fetched", False),
)


def _connection_failure(error: Exception, url: str) -> Failure:
    """Tell a bad certificate, which a new attempt will not change, from a broken connection."""
    causes = [repr(error), repr(error.__cause__), repr(getattr(error.__cause__, "reasons", ""))]
    told = " ".join(causes)
    if "certificate verify failed" in told or "VerificationError" in told:
        remedy = "add the missing authority with crawl.ca_file"
        line = f"{url}: its certificate cannot be verified; {remedy}"
        return Failure("certificate", line, transient=False)
    if HeadTooLargeError.__name__ in told:
        return Failure("too_large", f"{url}: the head of the answer does not end", transient=False)
    if isinstance(error, ResponseDataLossError):
        return Failure("truncated", f"{url}: the answer broke off before its end", transient=True)
    return Failure("connection", f"{url}: the connection broke", transient=True)


# --- how large an answer may be -------------------------------------------------------------------

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
    """Decompresses up to crawl.max_bytes.

    More ends as "too_large", as does what is packed many times over. A stream that broke off is
    "truncated".
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
    """Return the encodings in the order in which they were applied, or [""] if there are none."""
    named = b",".join(response.headers.getlist("Content-Encoding"))
    return [name.strip().lower() for name in named.decode("latin-1").split(",")]


def _broken_off(url: str) -> Refusal:
    return Refusal("truncated", f"{url}: the answer broke off before its end", transient=True)


# --- the address gate -----------------------------------------------------------------------------


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
