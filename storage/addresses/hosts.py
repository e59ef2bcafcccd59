"""The host in an address: its server and site, and the user name that nobody should see."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

PORTS = {"http": 80, "https": 443}

# RFC 3986, section 3.2.1; a password may hold an @ that nobody escaped. The scheme is looked for
# where its letters begin alone: at each of them, "a.a.a." of 16 KB would take a second.
_USER = re.compile(r"((?<![a-z0-9+.-])[a-z0-9+.-]+://)[^\s/?#]*@", re.IGNORECASE)
_TWIN_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)", re.IGNORECASE)
# "amp.gob.pa" is the maritime authority of Panama, and not the government's pages for telephones.
_SUFFIXES = frozenset({"gob", "gouv", "gov", "go", "govt", "com", "co", "org", "net", "ac", "edu"})


def without_users(text: str) -> str:
    """Return a text without the user names and passwords in its addresses."""
    return _USER.sub(r"\1", text)


def host_and_port(url: str) -> str:
    """Return "host:port" of a URL: servers are treated politely by this name.

    The default ports of http and https are one server to its owner, so both are written as 443.
    """
    parts = urlsplit(url)
    is_usual = parts.port in (None, PORTS.get(parts.scheme))
    return f"{(parts.hostname or '').lower()}:{443 if is_usual else parts.port}"


def site_of(url: str) -> str:
    """Return the host, and the port if it is unusual, without "www." and its like; "" for none."""
    try:
        return site_in(urlsplit(url)) or ""
    except ValueError:
        return ""


def site_in(parts: SplitResult) -> str | None:
    """Return the site of an address that was taken apart; None if it is not of the web."""
    host, port = parts.hostname, parts.port
    if parts.scheme not in PORTS or not host:
        return None
    while (twin := _TWIN_HOST.match(host)) and host[twin.end() :].split(".")[0] not in _SUFFIXES:
        host = host[twin.end() :]
    shown = f"[{host}]" if ":" in host else host
    return shown if port in (None, *PORTS.values()) else f"{shown}:{port}"


@cache
def _list() -> TLDExtract:
    """What takes names apart, by the list that comes with the package. It would download the newest
    one, from a host of which our address gate knows nothing.

    It is imported when it is first asked: with its list it takes 0.15 s and 10 MB.
    """
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def is_public_suffix(domain: str) -> bool:
    """Whether the names below this one belong to different owners, as those below co.uk do."""
    return not _list()(domain).domain
