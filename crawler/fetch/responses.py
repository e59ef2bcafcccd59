"""What an HTTP answer means to us, and the conditional GET that saves the next one (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.fetch.failures import Failure
from storage.records import Fetched

if TYPE_CHECKING:
    from scrapy.http import Response

NOT_MODIFIED = 304
# 403 is in: sites that refuse once and answer a minute later are common among those we watch
MAY_PASS = frozenset({403, 408, 425, 429})


def refuse_status(status: int, body: bytes, url: str) -> Failure | None:
    """Why an answer is not a document, or None if it may be read; 304 is the caller's own case."""
    if status == 202:
        return Failure(
            "accepted",
            f"{url}: answers 202 (accepted) instead of content, as some do to robots",
            True,
        )
    if 200 <= status < 300:
        return (
            None
            if body.strip()
            else Failure("empty", f"{url}: answers {status} with an empty body", True)
        )
    if 300 <= status < 400:
        return Failure(
            f"http_{status}",
            f"{url}: redirects ({status}) to no address that can be fetched",
            False,
        )
    return Failure(
        f"http_{status}", f"{url}: answers {status}", status >= 500 or status in MAY_PASS
    )


def to_fetched(response: Response, url: str, now: datetime | None = None) -> Fetched:
    """The answer as the pure stages take it; `url` is what was asked for, before redirects."""
    return Fetched(
        url=url,
        final_url=response.url,
        content_type=_header(response, "Content-Type") or "",
        body=response.body,
        fetched_at=now or datetime.now(UTC),
    )


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The request headers that let a server answer 304 instead of sending the same body again."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def validators_of(response: Response) -> tuple[str | None, str | None]:
    """(ETag, Last-Modified) as sent, each None where missing."""
    return _header(response, "ETag"), _header(response, "Last-Modified")


def body_hash(body: bytes) -> str:
    """Tells whether a watched page changed although its server knows no conditional GET."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1").strip() if value else None
