"""The kinds of sources: a new kind is a module with `requests` and `read`, and a line here.

Where no kind is given, it is guessed from the bytes (`accordwatch discover`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crawler.extract.encoding import decode
from spiders.fetch.settings import CrawlSettings
from spiders.kinds import feed, json_api, listing, page, sitemap, wordpress
from spiders.kinds.feed import FEED
from spiders.kinds.json_api import parsed
from spiders.kinds.json_feed import SPACE, is_json_feed
from spiders.kinds.listing import declared_feeds
from spiders.kinds.offer import Offer
from spiders.kinds.sitemap import SITEMAP
from spiders.kinds.wordpress import is_posts
from storage.records import Fetched, Source, SourceKind


@dataclass(frozen=True, slots=True)
class Kind:
    """`requests` gives the addresses to ask for. `read` gives what an answer offers; it is pure and
    is run in a worker.
    """

    requests: Callable[[Source], list[str]]
    read: Callable[[Fetched, Source], Offer]


# By default a page may have 10 MB, a sitemap as much as its protocol allows: 50 MB.
SITEMAP_SHARE = 5

KINDS: Mapping[SourceKind, Kind] = {
    SourceKind.FEED: Kind(feed.requests, feed.read),
    SourceKind.SITEMAP: Kind(sitemap.requests, sitemap.read),
    SourceKind.LISTING: Kind(listing.requests, listing.read),
    SourceKind.PAGE: Kind(page.requests, page.read),
    SourceKind.WORDPRESS: Kind(wordpress.requests, wordpress.read),
    SourceKind.JSON: Kind(json_api.requests, json_api.read),
}


PAGES = frozenset({SourceKind.LISTING, SourceKind.PAGE})  # a browser can open these


def read_source(fetched: Fetched, source: Source) -> Offer:
    """What `source` offers in this answer."""
    return KINDS[source.kind].read(fetched, source)


def bytes_of(kind: SourceKind, crawl: CrawlSettings) -> int:
    """How many bytes an answer of a source may have."""
    return crawl.max_bytes * (SITEMAP_SHARE if kind is SourceKind.SITEMAP else 1)


# --- what an address offers -----------------------------------------------------------------------


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
