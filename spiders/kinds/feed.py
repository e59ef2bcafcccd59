"""RSS 0.9x to 2.0, RDF and Atom; a JSON Feed is handed on. feedparser's one home.

A megabyte of nested tags keeps feedparser busy for seconds, so `read` is run in the worker pool.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from crawler.extract.encoding import decode
from spiders.kinds import json_feed
from spiders.kinds.listing import declared_feeds
from spiders.kinds.offer import Kind, Offer, and_left_out, first_of, known_language, plain, summary
from storage.addresses import canonical_url
from storage.records import Candidate, Fetched
from storage.source import Source

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


# The first part of a parsed feed, the entries of all, and the items that cannot be read.
ParsedFeed = tuple[Any, list[Any], list[bytes]]


def cut_feed(body: bytes, most: int) -> CutFeed:
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
    parsed = _parsed_item(rest.whole, parse)
    if parsed is not None:
        return parsed, list(parsed.entries), heavy
    if _parsed_item(rest.head + rest.tail, parse) is None:
        rest = _bare(rest)
    part, entries, unread = _parse_parts(rest, parse)
    return part, entries, unread + heavy


def name_of(item: bytes) -> str:
    """How an unreadable item is called: by the first address in it, else by its beginning."""
    address = _ADDRESS.search(item)
    name = address[0] if address else b" ".join(item.split())[:80]
    return name.decode("utf-8", "replace")


def _parse_parts(feed: CutFeed, parse: Callable[[bytes], Any]) -> ParsedFeed:
    parsed = _parsed_item(feed.whole, parse)
    if parsed is not None:
        return parsed, list(parsed.entries), []
    if len(feed.items) < 2:
        return parse(b""), [], list(feed.items)
    middle = len(feed.items) // 2
    halves = (feed.items[:middle], feed.items[middle:])
    one, other = (_parse_parts(replace(feed, items=half), parse) for half in halves)
    feed_info = one[0] if one[0].get("version") else other[0]
    return feed_info, one[1] + other[1], one[2] + other[2]


def _parsed_item(body: bytes, parse: Callable[[bytes], Any]) -> Any:
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


HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
FEED = ROOT
END = re.compile(rb"</(\w+:)?(rss|feed|RDF)\s*>\s*(<!--(?:(?!-->).)*-->\s*)*$", re.DOTALL)
# The root element is always within, though comments, stylesheets and namespaces come first.
HEAD_BYTES = 4096

# The type that feedparser gets: charsets were read before, in the way that those of pages are.
_TYPE = "application/xml; charset=utf-8"


def read(fetched: Fetched, source: Source) -> Offer:
    """The items of a feed, at most `source.max_items`; of a broken one those that can be read."""
    text = decode(fetched.body, fetched.content_type)
    if json_feed.is_json(text):
        return json_feed.read(text, fetched.final_url, source)
    body = text.encode("utf-8", "replace")
    head = body[:HEAD_BYTES]
    if not body.strip():
        return Offer(problem="empty: the feed has no bytes")
    if HTML.search(head) and not FEED.search(head):
        return Offer(problem=f"html: a web page came instead of a feed; {_where_to_look(fetched)}")
    # Room for items without links and for items that occur twice: feedparser takes 0.1 ms for each.
    cut_up = cut_feed(body, 2 * source.max_items + 100)
    parsed = _parsed(cut_up, fetched.final_url)
    part, entries, unread = parsed
    language = known_language(part.feed.get("language")) or source.language
    offer = first_of(_items(entries, language), fetched.final_url, source)
    names = [name_of(item) for item in unread]
    problem = _problem(parsed, body, len(offer.candidates))
    return replace(offer, problem=and_left_out(problem, names, len(cut_up.items)))


def texts(fetched: Fetched, most: int = 100) -> dict[str, str]:
    """What the first items say beside their headlines, whole texts or summaries, by address."""
    body = decode(fetched.body, fetched.content_type)
    if json_feed.is_json(body):
        pairs = json_feed.texts(body)
    else:
        cut_up = cut_feed(body.encode("utf-8", "replace"), most)
        pairs = map(_text, _parsed(cut_up, fetched.final_url)[1])
    addressed = ((canonical_url(url, fetched.final_url), text) for url, text in pairs if url)
    return {url: text for url, text in islice(addressed, most) if url is not None}


def _text(entry: Mapping[str, Any]) -> tuple[str | None, str]:
    bodies = [part.get("value") or "" for part in entry.get("content") or ()]
    return _link(entry), plain(max([*bodies, entry.get("summary") or ""], key=len)) or ""


def _parsed(feed: CutFeed, url: str) -> ParsedFeed:
    import feedparser  # type: ignore[import-untyped]  # it ships no types; only feeds need it

    headers = {"content-type": _TYPE, "content-location": url}

    def parse(body: bytes) -> Any:
        return feedparser.parse(
            io.BytesIO(body),  # it would try plain bytes as the name of a file
            response_headers=headers,
            sanitize_html=False,  # none of it is shown, and sanitizing costs more than all the rest
            resolve_relative_uris=False,
        )

    return parse_items(feed, parse)


def _where_to_look(fetched: Fetched) -> str:
    feeds = declared_feeds(fetched)
    if feeds:
        return f"it names the feed {feeds[0]}"
    return f"to see what it offers: accordwatch discover {fetched.final_url}"


def _items(entries: list[Any], language: str | None) -> Iterator[Candidate]:
    for entry in entries:
        if url := _link(entry):
            text = summary(_body(entry))
            yield Candidate(url, plain(entry.get("title")), _published_on(entry), language, text)


def _body(entry: Mapping[str, Any]) -> Any:
    """The summary of an item, else its whole text."""
    bodies = (part.get("value") for part in entry.get("content") or ())
    return next(filter(None, (entry.get("summary"), *bodies)), None)


def _link(entry: Mapping[str, Any]) -> str | None:
    """The address of the article: FeedBurner's original, else the link, else an id that is one."""
    for key in ("feedburner_origlink", "link", "id"):
        value = entry.get(key)
        if isinstance(value, str) and (key != "id" or value.startswith(("http://", "https://"))):
            return value
    return None


def _published_on(entry: Mapping[str, Any]) -> date | None:
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        if (when := entry.get(key)) is not None:
            try:
                return date(*when[:3])
            except (TypeError, ValueError):
                continue
    return None


def _problem(parsed: ParsedFeed, body: bytes, items: int) -> str | None:
    """What was lost of the feed. feedparser's complaints of charsets and types do not matter."""
    part, entries, unread = parsed
    if not part.get("version") and not items and not unread:
        return "not_a_feed: neither RSS nor Atom"
    if not items and entries:
        return "no_items: the feed holds no item with a link"
    if not END.search(body[-HEAD_BYTES:]):
        return f"truncated: the feed breaks off; {items} items were read before that"
    return None


KIND = Kind(read)
