"""A feed cut into its items, so that one that cannot be parsed costs itself alone.

feedparser fails on a feed as a whole, in many ways: a reference to a character that is none, or an
element without the one around it. It also takes time that grows with the square of what one item
holds: five minutes for 100,000 categories.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_BEGIN = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_QUOTED = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ADDRESS = re.compile(rb"https?://[^\s\"'<>\]]{1,300}")
# Tags of one item, or of what stands before or after all of them. An item has ten or twenty, a long
# article that is written into it some hundreds; 5,000 take feedparser 1.5 s at worst.
MOST_TAGS = 5_000


@dataclass(frozen=True, slots=True)
class CutFeed:
    """The bytes of a feed: what stands before its items, each of them, what stands after them."""

    head: bytes
    items: tuple[bytes, ...]
    tail: bytes

    @property
    def whole(self) -> bytes:
        return b"".join((self.head, *self.items, self.tail))


@dataclass(slots=True)
class ParsedFeed:
    """What feedparser made of a feed: the `first` part with what is said of the feed itself, the
    entries of all parts, and the items that it cannot read.
    """

    first: Any
    entries: list[Any] = field(default_factory=list)
    unread: list[bytes] = field(default_factory=list)


def cut_feed(body: bytes, most: int) -> CutFeed:
    """A feed with its first `most` items."""
    ends = [match.end() for match in _END.finditer(body)]
    begin = _BEGIN.search(body)
    if not ends or begin is None or begin.start() >= ends[0]:
        return CutFeed(body, (), b"")
    starts = [begin.start(), *ends[:-1]]
    items = tuple(body[start:end] for start, end in zip(starts, ends, strict=True))
    return CutFeed(body[: begin.start()], items[:most], body[ends[-1] :])


def parse_items(feed: CutFeed, parse: Callable[[bytes], Any]) -> ParsedFeed:
    """Parses a feed, and what of it fails in ever smaller parts, down to single items."""
    heavy = [item for item in feed.items if _is_heavy(item)]
    light = tuple(item for item in feed.items if not _is_heavy(item)) if heavy else feed.items
    is_framed = not _is_heavy(feed.head) and not _is_heavy(feed.tail)
    rest = replace(feed, items=light) if is_framed else _bare(replace(feed, items=light))
    parsed = _parsed(rest.whole, parse)
    if parsed is not None:
        return ParsedFeed(parsed, list(parsed.entries), heavy)
    if _parsed(rest.head + rest.tail, parse) is None:
        rest = _bare(rest)
    found = _parse_parts(rest, parse)
    found.unread += heavy
    return found


def name_of(item: bytes) -> str:
    """How an item is called that could not be read: by the first address in it, else by its
    beginning.
    """
    address = _ADDRESS.search(item)
    said = address[0] if address else b" ".join(item.split())[:80]
    return said.decode("utf-8", "replace")


def _parse_parts(feed: CutFeed, parse: Callable[[bytes], Any]) -> ParsedFeed:
    parsed = _parsed(feed.whole, parse)
    if parsed is not None:
        return ParsedFeed(parsed, list(parsed.entries))
    if len(feed.items) < 2:
        return ParsedFeed(parse(b""), unread=list(feed.items))
    middle = len(feed.items) // 2
    halves = (feed.items[:middle], feed.items[middle:])
    first, second = (_parse_parts(replace(feed, items=half), parse) for half in halves)
    told = first.first if first.first.get("version") else second.first
    return ParsedFeed(told, first.entries + second.entries, first.unread + second.unread)


def _parsed(body: bytes, parse: Callable[[bytes], Any]) -> Any:
    """What feedparser makes of these bytes; None if it fails."""
    try:
        return parse(body)
    except MemoryError:
        raise
    except Exception:  # feedparser lets pass whatever goes wrong inside it
        return None


def _bare(feed: CutFeed) -> CutFeed:
    """The same items within the root alone, as what stood around them cannot be parsed."""
    root = ROOT.search(feed.head)
    until = feed.head.find(b">", root.start()) if root else -1
    if root is None or until < 0 or not feed.items:
        return feed
    return CutFeed(feed.head[root.start() : until + 1], feed.items, b"")


def _is_heavy(part: bytes) -> bool:
    if part.count(b"<") <= MOST_TAGS:
        return False
    return _QUOTED.sub(b"", part).count(b"<") > MOST_TAGS
