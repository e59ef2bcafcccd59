"""JSON from strangers. What no text can hold, in one item, must not cost all of the answer."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_DIGITS = 400  # of a whole number; Python refuses to read some thousands of them
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
# No list of documents is nested so deeply; Python gives up at some hundreds.
MOST_DEPTH = 100
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_BACKSLASH = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])|\\')


def loads(text: str) -> Any:
    """What is written in JSON, with a line break or a backslash too many in it where that is all
    that is wrong. Raises ValueError or RecursionError. If Python's reader gives up, what is nested
    more deeply than MOST_DEPTH is null.

    Halves of characters ("\\ud83d" alone, as a headline has that was cut in bytes) cannot be
    encoded, and so neither be stored nor be asked for: a sign takes their place, as in browsers. A
    number of more than MOST_DIGITS digits is none.
    """
    try:
        data = json.loads(text, strict=False, parse_int=whole_number)
    except RecursionError:
        data = json.loads(without_depths(text), strict=False, parse_int=whole_number)
    except ValueError:
        mended = _BACKSLASH.sub(lambda found: found[0] if found[1] else r"\\", text)
        data = json.loads(mended, strict=False, parse_int=whole_number)
    return with_characters(data, text)


def without_depths(text: str) -> str:
    """JSON with null in place of what is nested more deeply than MOST_DEPTH."""
    kept, depth, begin = list[str](), 0, 0
    for found in _STRING_OR_BRACKET.finditer(text):
        bracket = found[0]
        if bracket in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                kept += (text[begin : found.start()], "null")
        elif bracket in "]}":
            depth -= 1
            if depth == MOST_DEPTH:
                begin = found.end()
    # What never ends is cut off where it begins: then this is no JSON, which the reader says.
    return "".join((*kept, text[begin:] if depth <= MOST_DEPTH else ""))


def with_characters(data: Any, text: str) -> Any:
    """What was read of this text, with signs in place of halves of characters."""
    if not _ESCAPED_HALF.search(text):
        return data
    written = json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.loads(written.decode("utf-8", "replace"), parse_int=whole_number)


def whole_number(digits: str) -> int | None:
    """A number of JSON; None for one that is too long."""
    return int(digits) if len(digits) <= MOST_DIGITS else None


def item_name(item: Any) -> str:
    """How an item is called that is none of what its list should hold."""
    if isinstance(item, dict):
        said = next((item[key] for key in ("link", "url", "id") if item.get(key)), None)
        item = item if said is None else said
    return " ".join(str(item).split())[:80]
