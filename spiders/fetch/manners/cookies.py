"""Cookies, so that a site which sends readers to a consent page and back can be read.

Each host that is asked has a jar of its own, which lasts as long as the run and follows its
redirects: what a consent service sets on behalf of one site is never shown to it for another one.
A jar that a redirect filled outlives the run, or each run would have to pass that page again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.cookies import CookiesMiddleware as ScrapyCookiesMiddleware

from storage.addresses import host_and_port, is_public_suffix

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from scrapy.http.cookies import CookieJar


# What chromium keeps for a site. A jar is sent with each request, and kept in the database.
MOST_COOKIES, MOST_COOKIE_BYTES = 180, 4096


class JarMemory(Protocol):
    """Where jars are kept that redirects filled."""

    def keep(self, host: str, cookies: Sequence[dict[str, Any]], /) -> None: ...


class CookiesMiddleware(ScrapyCookiesMiddleware):
    """Keeps a jar for each host and port that is asked, redirects included."""

    memory: JarMemory | None = None

    def recall(self, kept: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        """Fills the jars with what an earlier run kept."""
        for host, cookies in kept.items():
            for written in cookies:
                self.jars[host].set_cookie(_cookie(written))

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        lines = response.headers.getlist("Set-Cookie")
        if len(lines) > MOST_COOKIES:  # to take down each of many thousands would take seconds
            response.headers.setlist("Set-Cookie", lines[:MOST_COOKIES])
        answer = super().process_response(request, response)
        if 300 <= response.status < 400 and "Set-Cookie" in response.headers and self.memory:
            jar = request.meta["cookiejar"]
            self.memory.keep(jar, [_written(cookie) for cookie in self.jars[jar]])
        return answer

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
            if len(cookie.name) + len(cookie.value or "") > MOST_COOKIE_BYTES:
                continue
            if is_public_suffix(cookie.domain.removeprefix(".")):
                cookie.domain = host  # RFC 6265, section 5.3: for this host alone
            jar.set_cookie_if_ok(cookie, request)
            if len(jar) > MOST_COOKIES:  # this one is new
                jar.clear(cookie.domain, cookie.path, cookie.name)


def _written(cookie: Cookie) -> dict[str, Any]:
    return {name: getattr(cookie, name) for name in _FIELDS}


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
        **{name: written[name] for name in _FIELDS},
    )


_FIELDS = ("name", "value", "domain", "path", "secure", "expires")
