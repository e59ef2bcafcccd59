"""Where a page says, or lets guess, that its news can be had."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.page_words import words_pattern
from spiders.kinds.json_api import posts_url
from spiders.kinds.listing import FEED_TYPES, MIN_HEADLINE, base_url, parse
from storage.addresses import canonical_url
from storage.languages import LANGUAGES
from storage.records import Fetched

# How likely a clue leads to the main feed; only their order matters.
DECLARED, LINKED, PLATFORM, NEWS_SITEMAP, FIRST_GUESS, SITEMAP, GUESS, SECTION = range(100, 20, -10)
API = PLATFORM - 5

_FEEDISH = re.compile(r"(?:^|[/._?=&-])(?:rss\d?|atom|feeds?|rdf|backend)(?:[/._?=&-]|\d|$)", re.I)
_PART = re.compile(
    r"/(?:categor\w*|rubrique|tags?|topics?|author|auteur|autor|search|events?|podcasts?|videos?"
    r"|jobs|sports?)(?:[/_.?=&-]|$)|\b(?:categor\w+|tag|podcast|events?|jobs)\b|[?&](?:cat|tag|s)=",
    re.IGNORECASE,
)
_OTHER_SITEMAP = re.compile(r"image|video|page-|pages|categor|tag|author|product|static", re.I)
_DEFAULT_PAGE = re.compile(r"(?:index|default|home)(?:\.\w{2,5})?", re.IGNORECASE)
_SLUG = re.compile(r"\d{2}|(?:[^-_]+[-_]){3}")  # how the name of an article looks
_LANGUAGE_IN_PATH = re.compile(rf"/({'|'.join(LANGUAGES)})(?=/|$)", re.IGNORECASE)
_MOST_LINKED = 4
_WP_HEADER = re.compile(r"<([^>]+)>;\s*rel=\"https://api\.w\.org/\"")
_DATA = ("data-api", "data-url", "data-endpoint", "data-src", "data-feed")
_DATA_ADDRESS = re.compile(
    r"[\"'`]((?:https?://[^\"'`\s]{1,200})?/(?:[^\"'`\s]{0,200}/)?(?:api|rest|services|graphql|data|content)/"
    r"[^\"'`\s${}]{1,200}|/[^\"'`\s${}]{1,200}\.json(?:\?[^\"'`\s]{0,200})?)[\"'`]",
    re.IGNORECASE,
)
FEW = 3  # links that make a listing


class Side(IntEnum):
    """Whether a feed is the main one of its site, and how many points it loses if it is not."""

    MAIN = 0
    OTHER_LANGUAGE = 15
    PART = 25
    COMMENTS = 60


@dataclass(frozen=True, slots=True)
class Clue:
    """An address that may be a source; the higher its weight, the earlier it is tried."""

    url: str
    weight: int
    why: str
    side: Side = Side.MAIN


def clues_of(
    fetched: Fetched, headers: Mapping[str, str], sitemaps: Iterable[str]
) -> tuple[Clue, ...]:
    """All clues of a home page, its headers and its robots.txt, the likeliest first."""
    tree = parse(fetched)
    base = base_url(tree, fetched.final_url)
    platform = platform_of(tree.html or "", headers)
    clues = [
        *feed_clues(tree, base),
        *_platform_clues(platform, fetched.final_url),
        *_api_clues(tree, base, headers),
        *_sitemap_clues(tree, base, sitemaps),
        *_common_clues(fetched.final_url, platform, usual_feeds(tree.html or "")),
        *_section_clues(tree, base),
    ]
    best: dict[str, Clue] = {}
    for clue in sorted(clues, key=lambda clue: -clue.weight):
        best.setdefault(clue.url, clue)
    return tuple(best.values())


def feed_clues(tree: LexborHTMLParser, base: str) -> Iterator[Clue]:
    language = language_of(tree)
    for number, node in enumerate(tree.css("link[rel~=alternate][href]")):
        if (node.attributes.get("type") or "").strip().lower() in FEED_TYPES:
            yield from _clue(node, base, DECLARED - min(number, 9), "declared", language)
    linked = (node for node in tree.css("a[href]") if _FEEDISH.search(_href(node)))
    for number, node in enumerate(islice(linked, _MOST_LINKED)):
        yield from _clue(node, base, LINKED - number, "linked", language)


def language_of(tree: LexborHTMLParser) -> str:
    """The language that a page says it is in, as two letters; "" if it says none."""
    node = tree.css_first("html[lang]")
    return (_attribute(node, "lang") if node is not None else "")[:2].lower()


def _clue(node: LexborNode, base: str, weight: int, why: str, language: str) -> Iterator[Clue]:
    url = canonical_url(_href(node), base)
    if url is None or "/wp-json/" in url or "oembed" in url:
        return
    words = f"{urlsplit(url).path}?{urlsplit(url).query} {_attribute(node, 'title')} {node.text()}"
    comments = words_pattern("<comments>", ignore_case=True)
    side = Side.COMMENTS if comments.search(words) else Side.MAIN
    if _PART.search(words):
        side = max(side, Side.PART)
    in_path = _LANGUAGE_IN_PATH.search(urlsplit(url).path)
    other = (_attribute(node, "hreflang") or (in_path[1] if in_path else ""))[:2].lower()
    if language and other and other != language:
        side = max(side, Side.OTHER_LANGUAGE)
    yield Clue(url, weight - side, why, side)


def _platform_clues(platform: Platform | None, here: str) -> Iterator[Clue]:
    if platform is None:
        return
    name, _, feeds = platform
    for number, path in enumerate(feeds):
        yield Clue(_beside(here, path), PLATFORM - number, f"usual with {name}")


def _api_clues(tree: LexborHTMLParser, base: str, headers: Mapping[str, str]) -> Iterator[Clue]:
    """The API of WordPress, and addresses of data in the page's own scripts."""
    linked = [_href(node) for node in tree.css("link[rel='https://api.w.org/'][href]")]
    linked += _WP_HEADER.findall(headers.get("Link", ""))
    for root in linked[:1]:
        if (url := canonical_url(root, base)) is not None:
            yield Clue(posts_url(f"{url.rstrip('/')}/wp/v2/posts"), API, "the API of WordPress")
    if len(tree.css("h2 a, h3 a")) >= FEW:
        return  # it does not need its scripts to show its news
    scripts = "\n".join(node.text() for node in tree.css("script:not([src])"))
    preloaded = [_href(node) for node in tree.css("link[rel=preload][as=fetch][href]")]
    data = [_attribute(node, name) for name in _DATA for node in tree.css(f"[{name}]")]
    named = [*preloaded, *data, *_DATA_ADDRESS.findall(scripts[:READ_CHARACTERS])]
    addresses = dict.fromkeys(canonical_url(one, base) for one in named if one)
    known = (url for url in addresses if url is not None and "/wp-json" not in url)
    for number, url in enumerate(islice(known, _MOST_LINKED)):
        yield Clue(url, API - 1 - number, "named in its scripts")


def _sitemap_clues(tree: LexborHTMLParser, base: str, named: Iterable[str]) -> Iterator[Clue]:
    linked = [_href(node) for node in tree.css("link[rel~=sitemap][href]")]
    news = words_pattern("<news_sitemaps>", ignore_case=True)
    for number, address in enumerate([*named, *linked]):
        if (url := canonical_url(address, base)) is None:
            continue
        is_news = news.search(urlsplit(url).path) is not None
        weight = NEWS_SITEMAP if is_news else SITEMAP
        loss = 9 if _OTHER_SITEMAP.search(urlsplit(url).path) else min(number, 5)
        yield Clue(url, weight - loss, "named in robots.txt" if number < 100 else "linked")
    # A page with headlines is a listing already; without any, the sitemap is the likelier find.
    weight = GUESS - len(COMMON) if len(tree.css("h2 a, h3 a")) >= FEW else GUESS
    yield Clue(urljoin(base, "/sitemap.xml"), weight, "usual address")


def _common_clues(here: str, platform: Platform | None, usual: Sequence[str]) -> Iterator[Clue]:
    known = [path.strip("/") for path in platform[2]] if platform is not None else []
    guesses = [path for path in usual if path.strip("/") not in known]
    for number, path in enumerate(guesses):
        weight = FIRST_GUESS if number < 2 else GUESS
        yield Clue(_beside(here, path), weight - number, "usual address")


def _section_clues(tree: LexborHTMLParser, base: str) -> Iterator[Clue]:
    """Pages of news: short links in menus, on the same host, whose words or address say so."""
    host = urlsplit(base).hostname
    seen = 0
    for node in tree.css("a[href]"):
        url, text = canonical_url(_href(node), base), " ".join(node.text(separator=" ").split())
        if url is None or urlsplit(url).hostname != host or url == canonical_url(base):
            continue
        is_short = len(text) < MIN_HEADLINE and urlsplit(url).path.count("/") <= 6
        if is_short and _names_section(url, text):
            yield Clue(url, SECTION - min(seen, 9), "looks like its page of news")
            seen += 1


def _names_section(url: str, text: str) -> bool:
    """Whether the words of a link, or the end of its address, say that it leads to news. An article
    has its news word further up in its address, as in /actualites/un-accord.
    """
    path = urlsplit(url).path.rstrip("/")
    folder, _, name = path.rpartition("/")
    if _DEFAULT_PAGE.fullmatch(name):
        folder, _, name = folder.rpartition("/")
        if name.lower() == "pages":  # so SharePoint calls the folder of a section's page
            name = folder.rpartition("/")[2]
    news = words_pattern("<news_sections>", ignore_case=True)
    if news.search(name):
        return news.search(folder) is None or not _SLUG.search(name)
    return news.search(text) is not None and news.search(folder) is None


def _beside(here: str, path: str) -> str:
    """`path` at the root of the site, or below the language that its home page leads to."""
    return canonical_url(path, urljoin(here, "/")) or here


def _href(node: LexborNode) -> str:
    return _attribute(node, "href")


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


# --- by what publishing software is known, and where it keeps its feeds ---------------------------


# The name of publishing software, what is searched for in the page and in the headers that name
# software, and where it keeps its feeds, relative to the home page, the likeliest first.
Platform = tuple[str, re.Pattern[str], tuple[str, ...]]


def _platform(name: str, signs: str, *feeds: str) -> Platform:
    return name, re.compile(signs, re.IGNORECASE), feeds


_MADE_BY = r"generator[^>]{0,200}"
# The more particular ones first: a page of Substack also says "generator".
PLATFORMS = (
    _platform("Blogger", rf"{_MADE_BY}blogger|blogspot\.|/feeds/posts/", "feeds/posts/default"),
    _platform("Ghost", rf"{_MADE_BY}ghost|/ghost/api|ghost-(?:url|sdk)|/content/images/", "rss/"),
    _platform("Drupal", r"drupal|/sites/(?:default|all)/|href=\"/node/\d", "rss.xml"),
    _platform(
        "Joomla",
        r"joomla|/media/(?:system|jui)/js/|option=com_content|/components/com_",
        "?format=feed&type=rss",
        "index.php?format=feed&type=rss",
    ),
    _platform("Hugo", rf"{_MADE_BY}hugo", "index.xml"),
    _platform("Jekyll", rf"{_MADE_BY}jekyll", "feed.xml", "atom.xml"),
    _platform("Hexo", rf"{_MADE_BY}hexo", "atom.xml", "rss2.xml"),
    _platform("Eleventy", rf"{_MADE_BY}(?:eleventy|astro|gatsby)", "feed.xml", "rss.xml"),
    _platform("Plone", rf"{_MADE_BY}plone|/\+\+plone\+\+|portal_css", "RSS", "rss.xml"),
    _platform("TYPO3", r"typo3", "rss.xml", "feed.rss", "?type=9818"),
    _platform("Squarespace", r"squarespace", "blog?format=rss", "news?format=rss"),
    _platform("Wix", r"wix\.com|wixstatic", "blog-feed.xml"),
    _platform("Substack", r"substack", "feed"),
    _platform("Medium", r"medium\.com|cdn-client\.medium", "feed"),
    _platform("Liferay", r"liferay", "-/rss", "rss"),
    _platform("SPIP", r"spip", "spip.php?page=backend"),
    _platform("Movable Type", rf"{_MADE_BY}(?:movable type|typepad)", "atom.xml", "index.xml"),
    _platform("DotNetNuke", r"dotnetnuke|dnn_", "rss.aspx"),
    _platform(
        "SharePoint", r"sharepoint|_layouts/|_spPageContextInfo|/Pages/\w+\.aspx", "rss.aspx"
    ),
    _platform("ASP.NET", r"href=\"[^\"]{1,200}\.aspx", "rss.aspx", "rss.xml"),
    _platform("Discourse", r"discourse", "latest.rss"),
    _platform(
        "WordPress",
        r"wp-(?:content|includes|json)|wordpress|api\.w\.org|href=\"[^\"]{0,200}/\?p=\d",
        "feed/",
        "?feed=rss2",
    ),
)
READ_CHARACTERS = 300_000  # software shows itself in the head, or not at all
# Where sites keep a feed whose software nobody recognises, the most frequent first.
COMMON = ("feed", "rss.xml", "atom.xml", "index.xml", "rss/", "feed.xml", "?feed=rss2", "feed.json")
# Where a program makes the pages, a feed is rarely a file.
COMMON_OF_PROGRAMS = ("feed", "rss.xml", "rss/", "?feed=rss2", "atom.xml", "feed.xml", "feed.json")
_BY_PROGRAM = re.compile(
    r"href=\"[^\"]{0,200}(?:\.php|\.jsp|\.do\b|[?&](?:p|id|page_id|article|lang)=)", re.IGNORECASE
)


def usual_feeds(page: str) -> tuple[str, ...]:
    """Where a site may keep its feed, by how the addresses on its home page look."""
    by_program = _BY_PROGRAM.search(page[:READ_CHARACTERS])
    return COMMON_OF_PROGRAMS if by_program else COMMON


def platform_of(page: str, headers: Mapping[str, str]) -> Platform | None:
    """The software that made a page, if it is one that we know."""
    page = page[:READ_CHARACTERS]
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    return next(
        (
            platform
            for platform in PLATFORMS
            if platform[1].search(page) or platform[1].search(lines)
        ),
        None,
    )
