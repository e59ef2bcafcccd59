"""By what publishing software is known, and where it keeps its feeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """`signs` is searched for in the page and in the headers that name software. `feeds` are where
    it keeps them, relative to the home page, the likeliest first.
    """

    name: str
    signs: re.Pattern[str]
    feeds: tuple[str, ...]


def _platform(name: str, signs: str, *feeds: str) -> Platform:
    return Platform(name, re.compile(signs, re.IGNORECASE), feeds)


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
    told = "\n".join(f"{name}: {value}" for name, value in headers.items())
    return next(
        (one for one in PLATFORMS if one.signs.search(page) or one.signs.search(told)), None
    )
