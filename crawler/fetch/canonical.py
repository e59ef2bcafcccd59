"""One form for one address, so that a document offered twice is fetched once.

Only what cannot identify a document is taken off. courlan's `clean_url` was tried and takes off too much for us: it
drops `cid=`, `eid=` and `uid=`, which number the articles of older sites, and queries without a value (`?12345`).
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

# parameters that tell where a reader came from, never what is read
TRACKERS = re.compile(
    r"(utm|mtm|pk|piwik|matomo|itm|hsa|at|mkt|vero|oly)_\w+"
    r"|(fb|g|dc|gb|w|ms|tw|yc)?cl(ick)?id|[gw]braid|mc_[ce]id|igshid|_ga|_gl|xtor|xtref|srsltid|ref_src|ref_url|cmpid|ocid",
    re.IGNORECASE,
)
# the fragment of a single-page site names the document; any other is a place in it
KEPT_FRAGMENT = re.compile(r"^!?/")
UNTOUCHED = "/%:=&?~#+!$,;'@()*[]|-._"
# Servers refuse longer ones, and Scrapy drops requests above 2,083 characters in silence; articles' have some hundreds.
MAX_LENGTH = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str, base: str = "") -> str | None:
    """`url`, resolved against `base`, in canonical form: scheme and host in lower case, no default port, no user name,
    no tracking parameters, no fragment, spaces and letters percent-encoded. None for what is no http(s) address.
    """
    try:
        parts = urlsplit(urljoin(base, "".join(url.split("\n")).strip()))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else _ascii_host(host)
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    fragment = parts.fragment if KEPT_FRAGMENT.match(parts.fragment) else ""
    path = quote(parts.path or "/", safe=UNTOUCHED)
    return urlunsplit(
        (
            parts.scheme,
            netloc,
            path,
            quote(_without_trackers(parts.query), safe=UNTOUCHED),
            fragment,
        )
    )


def _without_trackers(query: str) -> str:
    """The other parameters, as they stand: neither sorted nor decoded, servers may care."""
    kept = [
        pair for pair in query.split("&") if not TRACKERS.fullmatch(unquote(pair.partition("=")[0]))
    ]
    return "&".join(pair for pair in kept if pair)


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return host
