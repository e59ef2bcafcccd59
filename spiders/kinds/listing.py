"""A page of links, such as the news page of an agency that has no feed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.encoding import decode
from crawler.extract.page_words import words_pattern
from spiders.kinds.offer import Kind, Offer, iso_date, plain, tidy
from storage.addresses import canonical_url, names_a_list, path_and_query
from storage.records import Candidate, Fetched
from storage.source import Source

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


def read(fetched: Fetched, source: Source) -> Offer:
    """The links that `source.link_pattern` (searched for in the whole address) or
    `source.link_selector` (CSS, of the <a> elements) chooses, in the order of the page. With
    neither, the links to articles of the same host. `following` is the next page of the list.
    """
    tree = parse(fetched)
    base = base_url(tree, fetched.final_url)
    here = canonical_url(fetched.final_url)
    others = (link for link in _links(tree, base, source) if canonical_url(link.url) != here)
    links = tidy(others, base, MOST_LINKS)
    if not (source.link_pattern or source.link_selector):
        links = tuple(articles_of(links, fetched.final_url))
    if links:
        following, cut = next_page(tree, base, fetched.final_url), len(links) - source.max_items
        return Offer(links[: source.max_items], following=following, cut=max(0, cut))
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
    """The machine-readable date in the block around a link, if it is about this link alone."""
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


# --- where a list of articles goes on -------------------------------------------------------------

_LONGEST = 40  # characters of such a link's text
_NEXT = r"^\W*(<next_page>)\b|(<next_page_end>) *\W*$|^[›»→>]+$"
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|older)(?:$|[\s_-])", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<before>[?&](?:page|paged|pg|p|pagina|seite|pageindex)=|/page/?|/p|/)(?P<number>\d{1,4})"
    r"(?=[/&.?]|$)",
    re.IGNORECASE,
)


def next_page(tree: LexborHTMLParser, base: str, here: str) -> str | None:
    """The address of the next page of this list; None if there is none that can be seen."""
    host = urlsplit(here).netloc
    for url in (*_declared(tree, base), *_labelled(tree, base), *_numbered(tree, base, here)):
        if urlsplit(url).netloc == host and url != canonical_url(here):
            return url
    return None


def _declared(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css("link[rel~=next][href], a[rel~=next][href]"):
        yield from _address(node, base)


def _labelled(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    """Links that say so in their text, their label or their class, and whose address has a number:
    a gallery has a "next", too.
    """
    leads_on = words_pattern(_NEXT, ignore_case=True)
    for node in tree.css("a[href]"):
        text = " ".join(node.text(separator=" ").split())
        label = node.attributes.get("aria-label") or node.attributes.get("title") or ""
        classes = node.attributes.get("class") or ""
        if len(text) > _LONGEST:
            continue
        if leads_on.search(text) or leads_on.search(label) or _NEXT_CLASS.search(classes):
            found = _address(node, base)
            yield from (url for url in found if re.search(r"\d", path_and_query(url)))


def _numbered(tree: LexborHTMLParser, base: str, here: str) -> Iterator[str]:
    """Links whose text is the number of the next page, with that number in their address."""
    wanted = str(_number_of(here) + 1)
    for node in tree.css("a[href]"):
        if node.text(strip=True) != wanted:
            continue
        for url in _address(node, base):
            if any(match["number"] == wanted for match in _NUMBER.finditer(path_and_query(url))):
                yield url


def _number_of(url: str) -> int:
    match = re.search(
        r"[?&](?:page|paged|pg|p|pagina|seite|pageindex)=(\d{1,4})(?:&|$)|/page/?(\d{1,4})/?$",
        url,
        re.IGNORECASE,
    )
    return int(match[1] or match[2]) if match else 1


def _address(node: LexborNode, base: str) -> Iterator[str]:
    href = (node.attributes.get("href") or "").strip()
    if not href or href.startswith(("#", "javascript:")):
        return
    if (url := canonical_url(href, base)) is not None:
        yield url


# --- which links of a page lead to articles -------------------------------------------------------

_ALIKE = 0.6  # share of words that links of one menu have in common
_SERIES = 4  # as many links make a series
_BELOW = 3  # as many links below an address make it a section; an article has comments and pictures


def articles_of(links: Sequence[Candidate], here: str) -> list[Candidate]:
    """Those of the links that lead to articles, in their order. `here` is the page itself."""
    paths = Counter(_path(link.url) for link in links)
    path = _path(here)
    names = path.split("?")[0].split("/")
    above = {"/".join(names[:length]) for length in range(len(names) + 1)} | {path}
    candidates = [
        link
        for link in links
        if _path(link.url) not in above and (link.published_on or not _is_list(link, paths))
    ]
    return _without_menus(candidates or list(links))


def _is_list(link: Candidate, paths: Counter[str]) -> bool:
    return _is_continued(_path(link.url), paths) or names_a_list(link.url, link.title or "")


def _path(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return re.sub(r"/(?:index|default)\.\w{3,5}$", "/", parts.path).rstrip("/") + query


def _is_continued(path: str, paths: Counter[str]) -> bool:
    below = re.sub(r"\.\w{3,5}$", "", path) + "/"
    return sum(other.startswith(below) for other in paths) >= _BELOW


def _without_menus(links: list[Candidate]) -> list[Candidate]:
    """The links without series whose texts are alike and that have no dates, unless nothing else is
    on the page: a ministry may call each of its reports by the same name.
    """
    series: dict[str, list[Candidate]] = defaultdict(list)
    for link in links:
        series[_shape(link.url)].append(link)
    menus = {shape for shape, members in series.items() if _is_menu(members)}
    others = [link for link in links if _shape(link.url) not in menus]
    return others if len(others) >= _SERIES else links


def _is_menu(links: Sequence[Candidate]) -> bool:
    if len(links) < _SERIES or any(link.published_on for link in links):
        return False
    alike = sorted(_alikeness(links))
    return alike[len(alike) // 2] >= _ALIKE


def _alikeness(links: Sequence[Candidate]) -> Iterator[float]:
    words = [set(re.findall(r"[^\W\d_]+", (link.title or "").lower())) for link in links]
    for one, other in pairwise(words):
        yield len(one & other) / max(1, len(one | other))


def _shape(url: str) -> str:
    """The form of an address: where it stands, with names and numbers left out."""
    path = urlsplit(url).path
    folder, _, name = path.rstrip("/").rpartition("/")
    return re.sub(r"\d+", "9", folder) + ("/9" if re.search(r"\d", name) else "/a")


def _chosen_by(source: Source) -> str:
    return f"{source.link_pattern or ''}#{source.link_selector or ''}#{source.max_items}"


KIND = Kind(read, is_page=True, chosen_by=_chosen_by)
