"""Scrapy's decompression, with a named Refusal for each limit that is reached."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.fetch.compressed import is_whole
from crawler.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request


class SizeMiddleware(HttpCompressionMiddleware):
    """Decompresses up to crawl.max_bytes.

    More ends as "too_large", and a stream that broke off as "truncated".
    """

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        packed, encoding = response.body, _outermost(response)  # Scrapy removes the header
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


def _outermost(response: Response) -> str:
    """Return the encoding that was applied last, or "" if there is none."""
    named = b",".join(response.headers.getlist("Content-Encoding"))
    return named.rpartition(b",")[2].strip().lower().decode("latin-1")


def _broken_off(url: str) -> Refusal:
    return Refusal("truncated", f"{url}: the answer broke off before its end", transient=True)
