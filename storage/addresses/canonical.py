"""Canonical URLs: what is asked of a server for an address that a source offered.

`storage.addresses.keys` says which of them name one document. Here only what no server can
need is removed. courlan's `clean_url` was tried and removes too
much: `cid=`, `eid=` and `uid=`, which number the articles of older sites, and queries without a
value (`?12345`). The addresses of sources in the configuration are checked here, too.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from storage.addresses.hosts import PORTS
from storage.addresses.keys import TRACKERS

# The fragment names the document on single-page sites; any other one is a place in the document.
KEPT_FRAGMENT = re.compile(r"^!?/")
UNTOUCHED = "/%:=&?~#+!$,;'@()*[]|-._"
# Servers reject longer URLs, and Scrapy silently drops requests above 2,083 characters. URLs of
# articles have a few hundred.
MAX_LENGTH = 2000
# Most addresses are in canonical form; a sitemap has a hundred thousand of them.
_CANONICAL = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?::[1-9][0-9]{3})?/[A-Za-z0-9/_.~-]*")


def canonical_url(url: str, base: str = "") -> str | None:
    """Return the canonical form of `url`, resolved against `base`; None if it is not http or https.

    Scheme and host are in lower case, spaces and non-ASCII letters are percent-encoded. The default
    port, user name, tracking parameters and fragment are removed.
    """
    if _CANONICAL.fullmatch(url):
        return url
    try:
        url.encode()  # half a character, as JSON may spell it, is in no address
        parts = urlsplit(urljoin(base, "".join(url.split("\n")).strip()))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not host:
        return None
    netloc = f"[{host}]" if ":" in host else _ascii_host(host)
    if port is not None and port != PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    fragment = parts.fragment if KEPT_FRAGMENT.match(parts.fragment) else ""
    path = quote(parts.path or "/", safe=UNTOUCHED)
    query = quote(_without_trackers(parts.query), safe=UNTOUCHED)
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _without_trackers(query: str) -> str:
    """Return the other parameters as they are: to sort or decode them might confuse a server."""
    names = ((unquote(pair.partition("=")[0]), pair) for pair in query.split("&"))
    return "&".join(pair for name, pair in names if pair and not TRACKERS.fullmatch(name))


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return host


# --- checking the addresses of sources in the configuration ---------------------------------------

MAIL_SCHEMES = ("imaps", "imap")


def web_address(value: str) -> str:
    """The address of a feed, page or API."""
    parts = _parts(value)
    if parts.scheme in MAIL_SCHEMES:
        raise ValueError(f"{value!r} is a mailbox: its kind is imap, with username and password")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an address that begins with http:// or https://")
    if parts.username is not None:
        raise ValueError(
            "an address with a user name or password is not supported; write it without"
        )
    return value


def mail_address(value: str) -> str:
    """The address of a mailbox on a server."""
    parts = _parts(value)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise ValueError(
            f"{value!r} is not an address such as imaps://mail.example.org/Newsletters"
        )
    if parts.username is not None:
        raise ValueError("the address holds a name; write it as username, and password beside it")
    if parts.query or parts.fragment:
        raise ValueError("? and # of a mailbox's name are written %3F and %23")
    return value


def _parts(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        hint = "a port is a number from 1 to 65535"
        raise ValueError(f"{value[:200]!r} is not an address; {hint}") from None
    if port == 0:
        raise ValueError(f"{value[:200]!r} has the port 0; a port is a number from 1 to 65535")
    if len(value) > MAX_LENGTH:
        limit = f"an address of more than {MAX_LENGTH:,} is not asked for"
        raise ValueError(f"has {len(value):,} characters; {limit}")
    return parts
