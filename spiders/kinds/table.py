"""The kinds of sources: a new kind is a module with `read`, and a line here.

Where no kind is given, it is guessed from the bytes (`accordwatch discover`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from crawler.extract.encoding import decode
from spiders.fetch.settings import CrawlSettings
from spiders.kinds import feed, json_api, listing, sitemap
from spiders.kinds.feed import FEED, HEAD_BYTES, HTML
from spiders.kinds.json_api import is_posts, parsed, posts_url
from spiders.kinds.json_feed import SPACE, is_json_feed
from spiders.kinds.listing import declared_feeds, parse
from spiders.kinds.offer import Offer, tidy
from spiders.kinds.sitemap import SITEMAP
from storage.records import Candidate, Fetched, Source, SourceKind

# By default a page may have 10 MB, a sitemap as much as its protocol allows: 50 MB.
SITEMAP_SHARE = 5

PAGES = frozenset({SourceKind.LISTING, SourceKind.PAGE})  # a browser can open these


def read_source(fetched: Fetched, source: Source) -> Offer:
    """What `source` offers in this answer. It is pure, and is run in a worker."""
    return KINDS[source.kind](fetched, source)


def first_address(source: Source) -> str:
    return posts_url(source.url) if source.kind is SourceKind.WORDPRESS else source.url


def bytes_of(kind: SourceKind, crawl: CrawlSettings) -> int:
    """How many bytes an answer of a source may have."""
    return crawl.max_bytes * (SITEMAP_SHARE if kind is SourceKind.SITEMAP else 1)


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


# --- a page that is watched for changes -----------------------------------------------------------

# A heading and a menu have fewer words; a page of agreements has more, even with a single title.
MIN_WORDS = 12


def read_page(fetched: Fetched, source: Source) -> Offer:
    """The page itself as the only candidate; its text is extracted from the same bytes."""
    if not fetched.body.strip():
        return Offer(problem="empty: the page has no bytes")
    if _needs_javascript(fetched):
        hint = "look for a feed, or for the page that it loads"
        return Offer(problem=f"no_text: the page is empty without JavaScript; {hint}")
    return Offer(tidy([Candidate(source.url, language=source.language)], source.url, 1))


def _needs_javascript(fetched: Fetched) -> bool:
    """Whether a web page holds scripts and hardly a word beside them."""
    if not HTML.search(fetched.body[:HEAD_BYTES]):
        return False
    tree = parse(fetched)
    if tree.css_first("script") is None or tree.body is None:
        return False
    tree.strip_tags(["script", "style", "noscript", "template"], recursive=True)
    return len(tree.body.text(separator=" ").split()) < MIN_WORDS


KINDS: Mapping[SourceKind, Callable[[Fetched, Source], Offer]] = {
    SourceKind.FEED: feed.read,
    SourceKind.SITEMAP: sitemap.read,
    SourceKind.LISTING: listing.read,
    SourceKind.PAGE: read_page,
    SourceKind.WORDPRESS: json_api.read_posts,
    SourceKind.JSON: json_api.read,
}
