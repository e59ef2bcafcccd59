"""Tell the country where an outlet is at home from the end of its host name."""

from __future__ import annotations

from urllib.parse import urlsplit

_NOT_HOME = frozenset(
    ("eu", "io", "co", "tv", "me", "ai", "cc", "fm", "am", "ly", "to", "gg", "ws", "nu", "su")
)
_OTHER_CODES = {"uk": "GB", "ac": "GB"}


def outlet_country(outlet: str | None, url: str | None) -> str | None:
    """Return the code of the state that the host's country domain belongs to.

    None for other domains, such as .com, and for those that the whole world uses, such as .io.
    `outlet` may be a host or a name.
    """
    for host in (_host(url), outlet or ""):
        end = (
            host.strip().casefold().rpartition(".")[2]
            if "." in host and " " not in host.strip()
            else ""
        )
        if len(end) == 2 and end.isascii() and end.isalpha() and end not in _NOT_HOME:
            return _OTHER_CODES.get(end, end.upper())
    return None


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
