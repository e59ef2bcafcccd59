"""Path expressions into JSON: which parts of an API's answer are documents, and what they say.

`data.items` goes from key to key, `pages[0].news` into a list, `sections[].news` through all of a
list, and nothing at all is the whole answer. A text with braces is filled in: `/news/{id}/{slug}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from spiders.kinds.offer import iso_date

MOST_CHARACTERS = 300
_STEP = re.compile(r"(?P<key>[^.\[\]{}]+)|\[(?P<index>\d{0,4})\]")
_PATH = re.compile(r"(?:[^.\[\]{}]+|\[\d{0,4}\])?(?:\.[^.\[\]{}]+|\[\d{0,4}\])*")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MILLISECONDS = 10**11  # a number of seconds that large is the year 5138


def path_fault(path: str) -> str | None:
    """What is wrong with a path, as the end of a sentence; None if it can be used."""
    if len(path) > MOST_CHARACTERS:
        return f"has {len(path)} characters; {MOST_CHARACTERS} are the most"
    inner = _BRACES.findall(path) if "{" in path or "}" in path else [path]
    if inner and all(_PATH.fullmatch(one) for one in inner):
        return None
    return "is not a path, such as data.items, news[0].url or /news/{id}"


def values_at(data: Any, path: str) -> Iterator[Any]:
    """What stands at a path; several values if it goes through all of a list."""
    values = [data]
    for step in _STEP.finditer(path):
        values = [value for one in values for value in _into(one, step)]
    yield from values


def value_at(data: Any, path: str) -> Any:
    return next(values_at(data, path), None)


def text_at(data: Any, path: str) -> str | None:
    """The text at a path, or the text that is filled in; None if a part of it is missing."""
    if "{" not in path:
        return _text(value_at(data, path))
    parts = {inner: _text(value_at(data, inner)) for inner in _BRACES.findall(path)}
    if None in parts.values():
        return None
    return _BRACES.sub(lambda match: quote(parts[match[1]] or "", safe="/"), path)


def day_at(data: Any, path: str) -> date | None:
    """The day at a path in UTC: an ISO date, one of a mail, or seconds or milliseconds."""
    value = value_at(data, path)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdecimal()):
        return _day_of_number(value)
    return _day_of_text(value.strip()) if isinstance(value, str) else None


def _into(value: Any, step: re.Match[str]) -> list[Any]:
    if step["key"] is not None:
        return [value[step["key"]]] if isinstance(value, dict) and step["key"] in value else []
    if not isinstance(value, list):
        return []
    if not step["index"]:
        return value
    return value[int(step["index"]) : int(step["index"]) + 1]


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _day_of_number(value: float | str) -> date | None:
    try:
        number = float(value)  # an integer of JSON may be larger than any float
        seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _day_of_text(text: str) -> date | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(text)
            return when.astimezone(UTC).date() if when.tzinfo else when.date()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return iso_date(text)
