"""A page of links, such as the news page of an agency that has no feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.encoding import decode
from spiders.kinds.links.articles import articles_of
from spiders.kinds.links.next_page import next_page
from spiders.kinds.offer import Offer, first, iso_date, plain, tidy
from storage.addresses.canonical import canonical_url
from storage.records import Candidate, Fetched, Source

# Characters of a link's text. Menus, tags and "read more" are shorter in all seven languages.
MIN_HEADLINE = 25
FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",  # so JSON Feed 1.0 named itself; WordPress declares its API so, too
)
FURNITURE = ("nav", "header", "footer", "aside")
# Names of classes of what is furniture, too.
FURNITURE_CLASS = re.compile(
    r"(?:[\w-]*[_-])?(?:pagination|pager|paging|page-numbers|breadcrumbs?|navbar|tag-?cloud)"
    r"|sidebar|menu|(?:main|top|nav|side)[_-]?(?:menu|bar)|widget_(?:archive|categories|tag_cloud)",
    re.IGNORECASE,
)
SHORT_HEADLINE = 10  # characters, where a date stands beside the link
MOST_LINKS = 2000
SCRIPTED = "javascript: true"  # the setting that such a page needs
FEW_LINKS = 8  # a menu alone has more
ANCESTORS = 4  # levels up from a link to the block that holds its date


def requests(source: Source) -> list[str]:
    """The listing page itself."""
    return [source.url]


def read(fetched: Fetched, source: Source) -> Offer:
    """The links that `source.link_pattern` (searched for in the whole address) or
    `source.link_selector` (CSS, of the <a> elements) chooses, in the order of the page. With
    neither, the links to articles of the same host. `following` is the next page of the list.
    """
    tree = parse(fetched)
    base = base_url(tree, fetched.final_url)
    here = canonical_url(fetched.final_url)
    others = (found for found in _links(tree, base, source) if canonical_url(found.url) != here)
    links = tidy(others, base, MOST_LINKS)
    if not (source.link_pattern or source.link_selector):
        links = tuple(articles_of(links, fetched.final_url))
    candidates, cut = first(links, source.max_items)
    if candidates:
        return Offer(candidates, following=next_page(tree, base, fetched.final_url), cut=cut)
    if not fetched.body.strip():
        return Offer(problem="empty: the listing has no bytes")
    hint = "the page may have been rebuilt"
    if not source.javascript and _is_shell(tree):
        hint = f"scripts may build its list: {SCRIPTED} opens it in a browser"
    return Offer(problem=f"no_items: no link on the page fits {_wanted(source)}; {hint}")


def _is_shell(tree: LexborHTMLParser) -> bool:
    """Whether a page has scripts, and hardly any links before they have run."""
    return tree.css_first("script") is not None and len(tree.css("a[href]")) < FEW_LINKS


def declared_feeds(fetched: Fetched) -> tuple[str, ...]:
    """The feeds that a web page links to in its head."""
    tree = parse(fetched)
    base = base_url(tree, fetched.final_url)
    found = [
        canonical_url(node.attributes.get("href") or "", base)
        for node in tree.css("link[rel~=alternate][href]")
        if (node.attributes.get("type") or "").lower() in FEED_TYPES
    ]
    return tuple(dict.fromkeys(url for url in found if url is not None))


def parse(fetched: Fetched) -> LexborHTMLParser:
    """The page as a tree, in the charset that it was sent in or that it declares."""
    return LexborHTMLParser(decode(fetched.body, fetched.content_type))


def base_url(tree: LexborHTMLParser, final_url: str) -> str:
    """What relative links are relative to. A `<base>` that is not an address does not count."""
    node = tree.css_first("base[href]")
    href = node.attributes.get("href") if node is not None else None
    try:
        base = urljoin(final_url, href or "")
    except ValueError:
        return final_url
    return base if base.startswith(("http://", "https://")) else final_url


def _links(tree: LexborHTMLParser, base: str, source: Source) -> Iterator[Candidate]:
    pattern = re.compile(source.link_pattern) if source.link_pattern else None
    chosen = pattern is not None or source.link_selector is not None
    for node in tree.css(source.link_selector or "a[href]"):
        url = canonical_url(node.attributes.get("href") or "", base)
        if url is None or (pattern is not None and not pattern.search(url)):
            continue
        text = plain(node.text(separator=" "))
        day = _date_near(node)
        least = MIN_HEADLINE if day is None else SHORT_HEADLINE
        if chosen or (len(text or "") >= least and _may_be_headline(node, url, base)):
            yield Candidate(url, text, day, source.language)


def _may_be_headline(node: LexborNode, url: str, base: str) -> bool:
    if urlsplit(url).hostname != urlsplit(base).hostname:
        return False
    return not any(map(_is_furniture, _parents(node, 50)))


def _is_furniture(node: LexborNode) -> bool:
    if node.tag in FURNITURE or node.attributes.get("role") == "navigation":
        return True
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".split()
    return node.tag not in ("body", "html") and any(map(FURNITURE_CLASS.fullmatch, names))


def _date_near(node: LexborNode) -> date | None:
    """The machine-readable date in the block around a link, if the block is about this link
    alone.
    """
    address = node.attributes.get("href")
    for parent in _parents(node, ANCESTORS):
        if any(_is_other(link, address) for link in parent.css("a[href]")):
            return None
        times = parent.css("time[datetime]")
        if times:
            return iso_date(times[0].attributes.get("datetime")) if len(times) == 1 else None
    return None


def _is_other(link: LexborNode, address: str | None) -> bool:
    text = plain(link.text(separator=" ")) or ""
    return link.attributes.get("href") != address and len(text) >= MIN_HEADLINE


def _parents(node: LexborNode, levels: int) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and levels > 0:
        yield parent
        parent, levels = parent.parent, levels - 1


def _wanted(source: Source) -> str:
    if source.link_pattern:
        return f"link_pattern {source.link_pattern!r}"
    return f"link_selector {source.link_selector!r}" if source.link_selector else "a headline"
