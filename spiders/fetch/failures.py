"""Names for all the ways in which a fetch can end without an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from spiders.fetch.limits import HeadTooLargeError, refused_by_resolver
from spiders.fetch.private_networks import PRIVATE
from spiders.fetch.refusals import Refusal


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
