"""Where the texts of agreements are published: `text-places.toml` beside this module."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

_FILE = Path(__file__).with_name("text-places.toml")


def is_series(url: str | None) -> bool:
    """Whether an address is a page of a treaty series or a treaty database that comes with us."""
    return _stands_in(url, "series")


def is_gazette(url: str | None) -> bool:
    """Whether an address is a page of an official journal that comes with us."""
    return _stands_in(url, "gazettes")


def version_of_places() -> str:
    """Return a word that changes with the file."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()[:16]


def _stands_in(url: str | None, kind: str) -> bool:
    where = _place(url)
    hosts = _places()[kind]
    return bool(where) and any(_is_below(where, place) for place in hosts)


def _is_below(where: str, place: str) -> bool:
    """Whether an address without scheme is a place, or begins with it: eur-lex.europa.eu, or
    state.gov/treaties. A host below that of the place is not it.
    """
    return where == place or where.startswith(f"{place}/")


def _place(url: str | None) -> str:
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}{parts.path}" if host and parts.scheme in ("http", "https") else ""


@cache
def _places() -> dict[str, tuple[str, ...]]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {kind: tuple(table[kind]) for kind in ("series", "gazettes")}
