"""Scrapy's decompression and redirects, with endings of ours: each limit that is hit has a name in the run report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from crawler.fetch.refusals import Refusal

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class SizeMiddleware(HttpCompressionMiddleware):
    """Decompresses up to crawl.max_bytes; a gzip bomb ends as "too_large"."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # Scrapy's decorator hides the signature
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise Refusal("too_large", f"{request.url}: larger than crawl.max_bytes when decompressed") from error


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows crawl.redirects redirects; a loop ends as "redirect_loop"."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # Scrapy's decorator hides the signature
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            first = request.meta.get("redirect_urls", [request.url])[0]
            raise Refusal("redirect_loop", f"{first}: redirects without end") from error
