"""What an address offers, its kind guessed from the bytes (`accordwatch discover`)."""

from __future__ import annotations

from dataclasses import replace

from crawler.extract.encoding import decode
from spiders.kinds.feed import FEED
from spiders.kinds.json_api import parsed
from spiders.kinds.json_feed import SPACE, is_json_feed
from spiders.kinds.listing import declared_feeds
from spiders.kinds.offer import Offer
from spiders.kinds.sitemap import SITEMAP
from spiders.kinds.table import read_source
from spiders.kinds.wordpress import is_posts
from storage.records import Fetched, Source, SourceKind


def guess_kind(fetched: Fetched) -> SourceKind:
    """The kind, judged by the root element. Gzip and plain lists of addresses are sitemaps, JSON is
    a feed, a list of posts or an API.
    """
    text = decode(fetched.body[:512], fetched.content_type).lstrip(SPACE)
    if text.startswith(("{", "[")):
        return _kind_of_json(fetched)
    head = fetched.body[:4096].replace(b"\x00", b"")  # of UTF-16 enough is left to see tags
    if head.startswith(b"\x1f\x8b") or SITEMAP.search(head) or head.lstrip()[:4] == b"http":
        return SourceKind.SITEMAP
    return SourceKind.FEED if FEED.search(head) else SourceKind.LISTING


def _kind_of_json(fetched: Fetched) -> SourceKind:
    text = decode(fetched.body, fetched.content_type)
    data, _ = parsed(fetched)
    if is_json_feed(text) or data is None:  # a feed may break off
        return SourceKind.FEED
    return SourceKind.WORDPRESS if data and is_posts(data) else SourceKind.JSON


def discover(fetched: Fetched, kind: SourceKind | None = None) -> Offer:
    """All that the address offers. `more` holds the parts of a sitemap index, or the feeds that a
    web page declares.
    """
    source = Source(
        "discover", kind or guess_kind(fetched), fetched.final_url or fetched.url, max_items=50_000
    )
    offer = read_source(fetched, source)
    if source.kind is SourceKind.LISTING and (feeds := declared_feeds(fetched)):
        return replace(offer, more=feeds)
    return offer
