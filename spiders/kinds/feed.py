"""RSS 0.9x to 2.0, RDF and Atom; a JSON Feed is handed on. feedparser's one home.

A megabyte of nested tags keeps feedparser busy for seconds, so `read` is run in the worker pool.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from crawler.extract.encoding import decode
from spiders.kinds import json_feed
from spiders.kinds.feed_items import ROOT, CutFeed, ParsedFeed, cut_feed, name_of, parse_items
from spiders.kinds.listing import declared_feeds
from spiders.kinds.offer import (
    MOST_ITEMS,
    Offer,
    and_left_out,
    first,
    known_language,
    plain,
    summary,
    tidy,
)
from storage.addresses.canonical import canonical_url
from storage.records import Candidate, Fetched, Source

HTML = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
FEED = ROOT
END = re.compile(rb"</(\w+:)?(rss|feed|RDF)\s*>\s*(<!--(?:(?!-->).)*-->\s*)*$", re.DOTALL)
# The root element is always within, though comments, stylesheets and namespaces come first.
HEAD_BYTES = 4096

# The type that feedparser is told: charsets were read before, in the way that those of pages are.
_TYPE = "application/xml; charset=utf-8"


def requests(source: Source) -> list[str]:
    """The feed itself."""
    return [source.url]


def read(fetched: Fetched, source: Source) -> Offer:
    """The items of a feed, at most `source.max_items`. A broken feed gives what can still be read
    of it, and a problem.
    """
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
    language = known_language(parsed.first.feed.get("language")) or source.language
    every = tidy(_items(parsed.entries, language), fetched.final_url, MOST_ITEMS)
    candidates, cut = first(every, source.max_items)
    names = [name_of(item) for item in parsed.unread]
    problem = and_left_out(_problem(parsed, body, len(candidates)), names, len(cut_up.items))
    return Offer(candidates, problem=problem, cut=cut)


def texts(fetched: Fetched, most: int = 100) -> dict[str, str]:
    """What the first items of a feed say beside their headlines, by address: whole articles, or
    summaries.
    """
    body = decode(fetched.body, fetched.content_type)
    if json_feed.is_json(body):
        found = json_feed.texts(body)
    else:
        cut_up = cut_feed(body.encode("utf-8", "replace"), most)
        found = map(_text, _parsed(cut_up, fetched.final_url).entries)
    addressed = ((canonical_url(url, fetched.final_url), text) for url, text in found if url)
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
            said = summary(_said(entry))
            yield Candidate(url, plain(entry.get("title")), _published_on(entry), language, said)


def _said(entry: Mapping[str, Any]) -> Any:
    """The summary of an item, else its whole text."""
    bodies = (part.get("value") for part in entry.get("content") or ())
    return next(filter(None, (entry.get("summary"), *bodies)), None)


def _link(entry: Mapping[str, Any]) -> str | None:
    """The address of the article: FeedBurner's original address rather than its redirect, else the
    link, else an id that is an address.
    """
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
    """What was lost of the feed, if anything was. feedparser also complains of wrong charsets and
    odd content types; these do not matter here.
    """
    if not parsed.first.get("version") and not items and not parsed.unread:
        return "not_a_feed: neither RSS nor Atom"
    if not items and parsed.entries:
        return "no_items: the feed holds no item with a link"
    if not END.search(body[-HEAD_BYTES:]):
        return f"truncated: the feed breaks off; {items} items were read before that"
    return None
