"""How a fetch ends: what an HTTP answer means to us, names for all the ways to end without one, and
conditional requests (RFC 9110, section 13).
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from crawler.extract.articles.reasons import REASONS, is_challenge
from spiders.fetch.limits import HeadTooLargeError, refused_by_resolver
from spiders.fetch.private_networks import PRIVATE
from spiders.fetch.refusals import Refusal
from storage.records import Fetched

if TYPE_CHECKING:
    from scrapy.http import Response


@dataclass(frozen=True, slots=True)
class Failure:
    """A fetch without an answer. `reason` is one word for counting, `line` a sentence for people. A
    `transient` failure may be tried again, though not before `until_at` if that is given.
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
    return Failure("address", f"{url[:200]}: is not a URL that can be requested", transient=False)


async def answer_at(
    engine: Any,
    url: str,
    meta: dict[str, Any],
    *,
    headers: dict[str, str] | None = None,
    within_s: float | None = None,
    called: str = "",
) -> Response | Failure:
    """The answer at `url`, or a Failure for whatever prevents it, however early. Sentences name
    `called`, if that is another address.
    """
    try:
        request = Request(url, headers=headers, meta=meta, dont_filter=True)
    except ValueError:
        return impossible(called or url)
    try:
        async with asyncio.timeout(within_s):
            response: Response = await engine.download_async(request)
    except Exception as error:  # the edge: whatever ends a request, its task must go on
        return explain(error, called or url)
    return response


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
    chain = " ".join(causes)
    if "certificate verify failed" in chain or "VerificationError" in chain:
        remedy = "add the missing authority with crawl.ca_file"
        line = f"{url}: its certificate cannot be verified; {remedy}"
        return Failure("certificate", line, transient=False)
    if HeadTooLargeError.__name__ in chain:
        return Failure("too_large", f"{url}: the head of the answer does not end", transient=False)
    if isinstance(error, ResponseDataLossError):
        return Failure("truncated", f"{url}: the answer broke off before its end", transient=True)
    return Failure("connection", f"{url}: the connection broke", transient=True)


NOT_MODIFIED = 304
PERMANENT = (301, 308)
# 403 is among them: many sites that we watch refuse a request, and answer it a minute later.
# Statuses with which servers send a page that demands a browser; of 200 the text decides.
CHALLENGING = frozenset({202, 401, 403, 405, 429, 503})
MAY_PASS = frozenset({403, 408, 425, 429})


def refuse_status(status: int, body: bytes, url: str) -> Failure | None:
    """Return why an answer is not a document; None if it is. The caller has to handle 304."""
    if status in CHALLENGING and is_challenge(body):
        line = f"{url}: {REASONS['challenge']} (it answers {status})"
        return Failure("challenge", line, transient=True)
    if status == 202:
        line = f"{url}: answers 202 (accepted) instead of content, as some sites do to robots"
        return Failure("accepted", line, transient=True)
    if 200 <= status < 300:
        if body.strip():
            return None
        return Failure("empty", f"{url}: answers {status} with an empty body", transient=True)
    if 300 <= status < 400:
        line = f"{url}: redirects ({status}) without an address that can be fetched"
        return Failure(f"http_{status}", line, transient=False)
    may_pass = status >= 500 or status in MAY_PASS
    return Failure(f"http_{status}", f"{url}: answers {status}", transient=may_pass)


def to_fetched(response: Response, url: str) -> Fetched:
    """Return an answer as the pure stages take it. `url` is what was requested first."""
    return Fetched(
        url=url,
        final_url=response.url,
        content_type=_header(response, "Content-Type") or "",
        body=response.body,
        fetched_at=datetime.now(UTC),
    )


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers that let a server answer 304 instead of sending the same body again."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def moved_to(response: Response) -> str | None:
    """Return the address to which permanent redirects led, and nothing else; None if none did."""
    reasons = response.meta.get("redirect_reasons", [])
    is_for_good = bool(reasons) and all(reason in PERMANENT for reason in reasons)
    return response.url if is_for_good else None


def validators_of(response: Response) -> tuple[str | None, str | None]:
    """Return (ETag, Last-Modified) as they were sent; each is None if missing. Both are None if
    another address answered for now than the one that was requested: they belong to that one.
    """
    requested = response.meta.get("redirect_urls", [response.url])
    if response.url != requested[0] and moved_to(response) is None:
        return None, None
    return _header(response, "ETag"), _header(response, "Last-Modified")


def body_hash(body: bytes) -> str:
    """Return a hash that shows whether a page has changed, for servers without validators."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() if value else None
