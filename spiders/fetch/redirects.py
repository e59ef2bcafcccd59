"""Redirects: how many are followed, which headers go along, and how a loop is called; and the
cookies that pass consent pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.cookies import CookiesMiddleware as ScrapyCookiesMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from spiders.fetch.refusals import Refusal
from storage.addresses import host_and_port, is_public_suffix, without_users

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.http.cookies import CookieJar


CONDITIONAL = ("If-None-Match", "If-Modified-Since")
# How consent services and their pages are called in an address.
_CONSENT = re.compile(r"consent|cookie|gdpr|rgpd|privacy|cmp\b|didomi|zustimmung", re.IGNORECASE)


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows crawl.redirects redirects. A loop ends as soon as an address is requested again with
    the cookies that it redirected before: as "consent_wall" if it leads through a consent page,
    else as "redirect_loop".
    """

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            answer = super().process_response(request, response)
        except IgnoreRequest as error:
            raise _loop(request) from error
        if isinstance(answer, Request):
            # We log in nowhere, and where an address is stored or shown its password would be, too.
            answer = answer.replace(url=without_users(answer.url))
            # Note what was requested, with which cookies. Raises Refusal if it was requested
            # before.
            this = (request.url, request.headers.get("Cookie"))
            before = request.meta.get("redirected_before", ())
            if this in before:
                raise _loop(request)
            answer.meta["redirected_before"] = (*before, this)
            # Let conditional headers go only to the address from whose answer they came. Else a
            # consent page, or another host, could answer 304, and the source would count as
            # unchanged.
            sent = {name: request.headers[name] for name in CONDITIONAL if name in request.headers}
            conditional = request.meta.get("conditional", sent)
            answer.meta["conditional"] = conditional
            is_back = answer.url == request.meta.get("redirect_urls", [request.url])[0]
            for name in CONDITIONAL:
                answer.headers.pop(name, None)
                if is_back and name in conditional:
                    answer.headers[name] = conditional[name]
        return answer

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer, whatever Referrer-Policy a site sends."""
        request.headers.pop("Referer", None)


def _loop(request: Request) -> Refusal:
    urls = [*request.meta.get("redirect_urls", ()), request.url]
    first = urls[0]
    if any(_is_consent_page(url, first) for url in urls[1:]):
        line = f"{first}: a consent page sends back and forth, cookies do not help"
        return Refusal("consent_wall", line)
    return Refusal("redirect_loop", f"{first}: redirects endlessly")


def _is_consent_page(url: str, first: str) -> bool:
    """Whether an address is a consent page, by its name or by the address to send back to in it."""
    parts = urlsplit(url)
    if _CONSENT.search(f"{parts.netloc}{parts.path}"):
        return True
    wanted = urlsplit(first)
    return wanted.path not in ("", "/") and wanted.path in unquote(parts.query)


# --- cookies, so that consent pages can be passed -------------------------------------------------
#
# Each host has a jar of its own, which lasts as long as the run and follows its
# redirects: what a consent service sets on behalf of one site is never shown to it for another one.
# A jar that a redirect filled outlives the run, or each run would have to pass that page again.

# What chromium stores for a site. A jar is sent with each request, and stored in the database.
MOST_COOKIES, MOST_COOKIE_BYTES = 180, 4096


class CookiesMiddleware(ScrapyCookiesMiddleware):
    """Has a jar for each host and port, redirects included."""

    # Called with each jar that a redirect filled: its host, and its cookies.
    on_filled: Callable[[str, Sequence[dict[str, Any]]], object] | None = None

    def load(self, stored: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        for host, cookies in stored.items():
            for written in cookies:
                self.jars[host].set_cookie(_cookie(written))

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        lines = response.headers.getlist("Set-Cookie")
        if len(lines) > MOST_COOKIES:  # to take down each of many thousands would take seconds
            response.headers.setlist("Set-Cookie", lines[:MOST_COOKIES])
        answer = super().process_response(request, response)
        if 300 <= response.status < 400 and "Set-Cookie" in response.headers and self.on_filled:
            jar = request.meta["cookiejar"]
            stored = [
                {name: getattr(cookie, name) for name in _OF_COOKIES} for cookie in self.jars[jar]
            ]
            self.on_filled(jar, stored)
        return answer

    def process_request(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request
    ) -> Request | Response | None:
        # A redirected request has the jar of the host of the first one.
        request.meta.setdefault("cookiejar", host_and_port(request.url))
        return super().process_request(request)

    def _process_cookies(
        self, cookies: Iterable[Cookie], *, jar: CookieJar, request: Request
    ) -> None:
        host = urlsplit(request.url).hostname or ""
        for cookie in cookies:
            if len(cookie.name) + len(cookie.value or "") > MOST_COOKIE_BYTES:
                continue
            if is_public_suffix(cookie.domain.removeprefix(".")):
                cookie.domain = host  # RFC 6265, section 5.3: for this host alone
            jar.set_cookie_if_ok(cookie, request)
            if len(jar) > MOST_COOKIES:  # this one is new
                jar.clear(cookie.domain, cookie.path, cookie.name)


def _cookie(written: dict[str, Any]) -> Cookie:
    domain = str(written["domain"])
    return Cookie(
        version=0,
        port=None,
        port_specified=False,
        domain_specified=domain.startswith("."),
        domain_initial_dot=domain.startswith("."),
        path_specified=True,
        discard=written["expires"] is None,
        comment=None,
        comment_url=None,
        rest={},
        **{name: written[name] for name in _OF_COOKIES},
    )


_OF_COOKIES = ("name", "value", "domain", "path", "secure", "expires")
