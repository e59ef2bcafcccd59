"""JSON Feed 1.0 and 1.1 (jsonfeed.org): what `kind: feed` reads if the bytes are JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from spiders.kinds.offer import (
    Offer,
    and_left_out,
    first_of,
    iso_date,
    known_language,
    plain,
    summary,
)
from storage.records import Candidate
from storage.source import Source

# PHP writes the slashes of the version with backslashes before them.
VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(www\.)?jsonfeed\.org', re.IGNORECASE)
ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
LANGUAGE = re.compile(r'"language"\s*:\s*"([\w-]+)"')
SEPARATOR = re.compile(r"\s*,\s*")
SPACE = "\ufeff \t\r\n"


def is_json(body: str) -> bool:
    """Whether these are the bytes of a JSON object: no XML begins like that."""
    return body[:256].lstrip(SPACE).startswith("{")


def is_json_feed(body: str) -> bool:
    """Whether this is a JSON Feed. Its version may stand at the end, behind all items."""
    return is_json(body) and VERSION.search(body) is not None


def read(body: str, final_url: str, source: Source) -> Offer:
    """The items of a JSON Feed, at most `source.max_items`, even if it breaks off."""
    feed, whole = _parsed(body.lstrip(SPACE))
    if feed is None or not (VERSION.search(body) or any(map(_link, feed["items"]))):
        return Offer(problem="not_a_feed: JSON, but no JSON Feed; an API is `kind: json`")
    offer = first_of(_items(feed, source.language), final_url, source)
    problem = _problem(feed, len(offer.candidates), whole)
    others = [item_name(one) for one in feed["others"]]
    problem = and_left_out(problem, others, len(feed["items"]) + len(others))
    return replace(offer, problem=problem)


def texts(body: str) -> Iterator[tuple[str | None, str]]:
    """(address, what it says beside its headline) of each item."""
    feed, _ = _parsed(body.lstrip(SPACE))
    for item in feed["items"] if feed is not None else ():
        bodies = (item.get(key) for key in ("content_html", "content_text", "summary"))
        longest = max((text for text in bodies if isinstance(text, str)), key=len, default="")
        yield _link(item), plain(longest) or ""


def _parsed(body: str) -> tuple[dict[str, Any] | None, bool]:
    """(the feed with its items, and `others` that are none, whether it is whole), or None."""
    try:
        feed = loads(body)
    except (ValueError, RecursionError):
        return _broken_off(body), False
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return None, True
    return feed | _sorted(feed["items"]), True


def _sorted(items: list[Any]) -> dict[str, list[Any]]:
    return {
        "items": [item for item in items if isinstance(item, dict)],
        "others": [item for item in items if not isinstance(item, dict)],
    }


def _broken_off(body: str) -> dict[str, Any] | None:
    """The items that stand complete in a feed that cannot be read as a whole."""
    start = ITEMS.search(body)
    if start is None:
        return None
    items, at, decoder = [], start.end(), json.JSONDecoder(parse_int=whole_number)
    try:
        while True:
            item, at = decoder.raw_decode(body, at)
            items.append(item)
            comma = SEPARATOR.match(body, at)
            if comma is None:
                break
            at = comma.end()
    except (ValueError, RecursionError):
        pass  # the item at which it breaks off
    language = LANGUAGE.search(body, 0, start.start())
    feed: dict[str, Any] = {} if language is None else {"language": language[1]}
    items = with_characters(items, body)
    return feed | _sorted(items)


def _items(feed: Mapping[str, Any], fallback: str | None) -> Iterator[Candidate]:
    language = _language(feed) or fallback
    for item in feed["items"]:
        if url := _link(item):
            title = item.get("title")
            headline = plain(title) if isinstance(title, str) else None
            in_language = _language(item) or language
            bodies = (item.get(key) for key in ("summary", "content_text", "content_html"))
            text = next(filter(None, bodies), None)
            yield Candidate(url, headline, _published_on(item), in_language, summary(text))


def _link(item: object) -> str | None:
    """The address of the article, rather than one that it is about; else an id that is one."""
    if not isinstance(item, dict):
        return None
    for key in ("url", "external_url", "id"):
        value = item.get(key)
        if not isinstance(value, str) or not value.strip():
            continue
        if key != "id" or value.startswith(("http://", "https://")):
            return value
    return None


def _language(holder: Mapping[str, Any]) -> str | None:
    value = holder.get("language")
    return known_language(value) if isinstance(value, str) else None


def _published_on(item: Mapping[str, Any]) -> date | None:
    """The day in UTC, as feeds in XML give it."""
    for key in ("date_published", "date_modified"):
        value = item.get(key)
        if not isinstance(value, str):
            continue
        try:
            when = datetime.fromisoformat(value.strip())
            return when.astimezone(UTC).date() if when.tzinfo else when.date()
        except (ValueError, OverflowError):
            if (day := iso_date(value)) is not None:
                return day
    return None


def _problem(feed: Mapping[str, Any], items: int, whole: bool) -> str | None:
    if not whole:
        return f"truncated: the feed breaks off; {items} items were read before that"
    if feed["items"] and not items:
        return "no_items: the feed holds no item with a link"
    return None


# --- JSON as sites write it -----------------------------------------------------------------------

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
    encoded, and so neither be stored nor be requested: a sign takes their place, as in browsers. A
    number of more than MOST_DIGITS digits is none.
    """
    try:
        data = json.loads(text, strict=False, parse_int=whole_number)
    except RecursionError:
        data = json.loads(without_depths(text), strict=False, parse_int=whole_number)
    except ValueError:
        mended = _BACKSLASH.sub(lambda match: match[0] if match[1] else r"\\", text)
        data = json.loads(mended, strict=False, parse_int=whole_number)
    return with_characters(data, text)


def without_depths(text: str) -> str:
    """JSON with null in place of what is nested more deeply than MOST_DEPTH."""
    pieces, depth, begin = list[str](), 0, 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match[0]
        if bracket in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                pieces += (text[begin : match.start()], "null")
        elif bracket in "]}":
            depth -= 1
            if depth == MOST_DEPTH:
                begin = match.end()
    # What never ends is cut off where it begins: then this is no JSON, which the reader says.
    return "".join((*pieces, text[begin:] if depth <= MOST_DEPTH else ""))


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
        address = next((item[key] for key in ("link", "url", "id") if item.get(key)), None)
        item = item if address is None else address
    return " ".join(str(item).split())[:80]
