"""The kinds of sources: a new kind is a module with `requests` and `read`, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spiders.fetch.settings import CrawlSettings
from spiders.kinds import feed, json_api, listing, page, sitemap, wordpress
from spiders.kinds.offer import Offer
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
