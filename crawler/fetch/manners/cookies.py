"""Cookies, so that a site which sends readers to a consent page and back can be read.

Each host that is asked has a jar of its own, which lasts as long as the run and follows its
redirects: what a consent service sets on behalf of one site is never shown to it for another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import Cookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.cookies import CookiesMiddleware as ScrapyCookiesMiddleware
from tldextract import TLDExtract

from crawler.fetch.addresses import host_and_port

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.http.cookies import CookieJar

# From the list that comes with the package. Scrapy's own would download the newest one while the
# crawl waits, from a host of which our address gate knows nothing.
_SPLIT = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


class CookiesMiddleware(ScrapyCookiesMiddleware):
    """Keeps a jar for each host and port that is asked, redirects included."""

    def process_request(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request
    ) -> Request | Response | None:
        # A redirected request keeps the jar of the host that was asked first.
        request.meta.setdefault("cookiejar", host_and_port(request.url))
        return super().process_request(request)

    def _process_cookies(
        self, cookies: Iterable[Cookie], *, jar: CookieJar, request: Request
    ) -> None:
        host = urlsplit(request.url).hostname or ""
        for cookie in cookies:
            if _is_public_suffix(cookie.domain.removeprefix(".")):
                cookie.domain = host  # RFC 6265, section 5.3: for this host alone
            jar.set_cookie_if_ok(cookie, request)


def _is_public_suffix(domain: str) -> bool:
    return not _SPLIT(domain).domain
