"""How large an answer may be: its head, which Scrapy reads without end, and its body as it is after
decompression, with a named Refusal for each limit that is reached.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from spiders.fetch.compressed import MOST_ENCODINGS, is_whole
from spiders.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.interfaces import IAddress

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
            self._giveUp(Failure(HeadTooLargeError()))  # type: ignore[no-untyped-call]


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
