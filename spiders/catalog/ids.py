"""Short names for sources, made from their addresses."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count, islice
from urllib.parse import urlsplit


def free_id(url: str, taken: Collection[str]) -> str:
    """An id that is not taken: the host, else the host with the path, else with a number."""
    try:
        parts = urlsplit(url)
    except ValueError:  # what is wrong with it is told when the source is checked
        return "source"
    host = _as_id((parts.hostname or "source").removeprefix("www."))
    longer = _as_id(f"{host}-{parts.path}-{parts.query}")
    numbered = (f"{longer[:60]}-{number}" for number in count(2))
    return next(
        name
        for name in (host, longer, *islice(numbered, len(taken) + 1))
        if name and name not in taken
    )


def _as_id(text: str) -> str:
    """`text` in the characters of an id: at most 64 small letters, digits and dashes."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-")
