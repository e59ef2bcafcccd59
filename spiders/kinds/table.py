"""The kinds of sources on the web: a new one is a module with its `KIND`, and a line here.

Where no kind is given, it is guessed from the bytes (`accordwatch discover`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crawler.extract.encoding import decode
from spiders.fetch.settings import CrawlSettings
from spiders.kinds import feed, json_api, listing, sitemap, watched_page
from spiders.kinds.feed import FEED
from spiders.kinds.json_api import is_posts, parsed
from spiders.kinds.json_feed import SPACE, is_json_feed
from spiders.kinds.listing import declared_feeds
from spiders.kinds.offer import Kind, Offer
from spiders.kinds.sitemap import SITEMAP
from storage.records import Fetched
from storage.source import Source, SourceKind


def read_source(fetched: Fetched, source: Source) -> Offer:
    """What `source` offers in this answer. It is pure, and is run in a worker."""
    return KINDS[source.kind].read(fetched, source)


def bytes_of(kind: SourceKind, crawl: CrawlSettings) -> int:
    """How many bytes an answer of a source may have."""
    return crawl.max_bytes * KINDS[kind].size


def largest_size() -> int:
    """How many times the bytes of a page an answer of any kind may have."""
    return max(kind.size for kind in KINDS.values())


# --- what an address offers -----------------------------------------------------------------------


def guess_kind(fetched: Fetched) -> SourceKind:
    """The kind, by the root element. Gzip and plain lists are sitemaps; JSON may be several."""
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
    """All that the address offers; in `more` the parts of an index, or declared feeds."""
    source = Source(
        "discover", kind or guess_kind(fetched), fetched.final_url or fetched.url, max_items=50_000
    )
    offer = read_source(fetched, source)
    if source.kind is SourceKind.LISTING and (feeds := declared_feeds(fetched)):
        return replace(offer, more=feeds)
    return offer


KINDS: Mapping[SourceKind, Kind] = {
    SourceKind.FEED: feed.KIND,
    SourceKind.SITEMAP: sitemap.KIND,
    SourceKind.LISTING: listing.KIND,
    SourceKind.PAGE: watched_page.KIND,
    SourceKind.WORDPRESS: json_api.WORDPRESS,
    SourceKind.JSON: json_api.KIND,
}
