"""Redirects: how many are followed, which headers go along, and how a loop is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware as ScrapyRedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from spiders.fetch.refusals import Refusal
from storage.addresses import without_users

if TYPE_CHECKING:
    from scrapy.http import Response

CONDITIONAL = ("If-None-Match", "If-Modified-Since")
# How consent services and their pages are called in an address.
_CONSENT = re.compile(r"consent|cookie|gdpr|rgpd|privacy|cmp\b|didomi|zustimmung", re.IGNORECASE)


class RedirectMiddleware(ScrapyRedirectMiddleware):
    """Follows crawl.redirects redirects.

    A loop ends as soon as an address is asked again with the cookies that it redirected before: as
    "consent_wall" if it leads through a consent page, else as "redirect_loop".
    """

    def process_response(  # type: ignore[override]  # Scrapy's decorator hides the signature
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            answer = super().process_response(request, response)
        except IgnoreRequest as error:
            raise _loop(request) from error
        if isinstance(answer, Request):
            # We log in nowhere, and where an address is kept or told its password would be, too.
            answer = answer.replace(url=without_users(answer.url))
            _note_asked(request, answer)
            _condition(request, answer)
        return answer

    def handle_referer(self, request: Request, response: Response) -> None:
        """Say nothing of where we come from, whatever Referrer-Policy a site sends: Scrapy would
        let that header win over our setting.
        """
        request.headers.pop("Referer", None)


def _note_asked(request: Request, redirected: Request) -> None:
    """Remember what was asked, with which cookies. Raises Refusal if that was asked before."""
    asked = (request.url, request.headers.get("Cookie"))
    before = request.meta.get("redirected_before", ())
    if asked in before:
        raise _loop(request)
    redirected.meta["redirected_before"] = (*before, asked)


def _condition(request: Request, redirected: Request) -> None:
    """Let conditional headers go only to the address from whose answer they came.

    Else a consent page, or another host, could answer 304, and the source would count as unchanged.
    """
    kept = {name: request.headers[name] for name in CONDITIONAL if name in request.headers}
    conditional = request.meta.get("conditional", kept)
    redirected.meta["conditional"] = conditional
    is_back = redirected.url == request.meta.get("redirect_urls", [request.url])[0]
    for name in CONDITIONAL:
        redirected.headers.pop(name, None)
        if is_back and name in conditional:
            redirected.headers[name] = conditional[name]


def _loop(request: Request) -> Refusal:
    urls = [*request.meta.get("redirect_urls", ()), request.url]
    first = urls[0]
    if any(_asks_for_consent(url, first) for url in urls[1:]):
        line = f"{first}: a consent page sends back and forth, cookies do not help"
        return Refusal("consent_wall", line)
    return Refusal("redirect_loop", f"{first}: redirects endlessly")


def _asks_for_consent(url: str, first: str) -> bool:
    """Whether an address is that of a consent page: by its name, or since it is told where to send
    the reader afterwards.
    """
    parts = urlsplit(url)
    if _CONSENT.search(f"{parts.netloc}{parts.path}"):
        return True
    wanted = urlsplit(first)
    return wanted.path not in ("", "/") and wanted.path in unquote(parts.query)
