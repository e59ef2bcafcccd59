"""When a document was published.

The first of these counts: what the page declares for machines (JSON-LD, meta, <time>), what the
feed said, and what htmldate finds, which also reads the text around the headline. An impossible
date is dropped. If a page declares only such dates, 2099 for instance, then it is not searched;
only the feed counts. This is the only module that imports htmldate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import XPath  # type: ignore[import-untyped]  # the same

from crawler.disk_cache import cached_or_built
from crawler.extract.page.metadata import LinkedArticle, Metadata
from crawler.extract.page.written_days import days_beside, writes_day_first
from storage.languages import LANGUAGES

EARLIEST = date(1990, 1, 1)  # earlier, before the web, it is a default or a date from the story

# Names under which pages give the day of publication, the most reliable ones first. The day of the
# last change is not among them.
_META_NAMES = (
    "article:published_time",
    "datepublished",
    "og:published_time",
    "og:article:published_time",
    "article:published",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "publish-date",
    "publication_date",
    "pubdate",
    "publishdate",
)
_YEAR_FIRST = re.compile(r"\s*((?:19|20)\d\d)([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d\d)(?!\d)")
_IN_PATH = re.compile(r"/((?:19|20)\d\d)([/-]?)(\d{1,2})\2(\d{1,2})(?!\d)")
_HAS_ZONE = re.compile(r"\d[+-](?!00:?00)\d\d:?\d\d$")  # of the publisher; others give UTC
_MARKS_PUBLICATION = re.compile(r"publi|pubdate|entry-date|created", re.IGNORECASE)


def is_possible(day: date, fetched_on: date) -> bool:
    """Whether a document that was fetched on a day (UTC) can be of `day`; tomorrow is, east of
    Greenwich.
    """
    return EARLIEST <= day <= fetched_on + timedelta(days=1)


def published_on(
    tree: lxml.html.HtmlElement,
    metadata: Metadata,
    url: str,
    fetched_at: datetime,
    hint: date | None = None,
    headline: str = "",
) -> date | None:
    """Return the day of publication in the publisher's time zone. `tree` may be used up."""
    fetched_on = fetched_at.date()
    day_first = writes_day_first(tree)
    texts = _declared(tree, metadata, url)
    declared = [(day, text) for text in texts if (day := read_day(text, day_first=day_first))]
    for day, text in declared:
        if is_possible(day, fetched_on):
            return day if _HAS_ZONE.search(text) else _local(day, tree, url, headline)
    if hint and is_possible(hint, fetched_on):
        return hint
    if declared:
        return None
    return _beside(tree, headline, fetched_on) or _searched(tree, url, fetched_on)


def _declared(tree: lxml.html.HtmlElement, metadata: Metadata, url: str) -> Iterator[str]:
    texts = [article.published for article in _own_first(metadata.articles, url)]
    texts += [text for name in _META_NAMES for text in metadata.meta.get(name, ())]
    texts += [
        element.get("datetime") or ""
        for element in tree.iter("time")
        if _MARKS_PUBLICATION.search(
            f"{element.get('itemprop')} {element.get('class')} {element.get('pubdate')}"
        )
    ]
    return filter(None, texts)


def _own_first(articles: Sequence[LinkedArticle], url: str) -> list[LinkedArticle]:
    """Sort articles of the JSON-LD with the page's own URL first; the others may be teasers."""
    path = urlsplit(url).path
    return sorted(articles, key=lambda article: not (len(path) > 1 and article.url.endswith(path)))


def _local(day: date, tree: lxml.html.HtmlElement, url: str, headline: str) -> date:
    """Return the day in the URL or beside the headline that is next to `day`, else `day`. Declared
    times are often in UTC; a day further away is that of the event or of an older edition.
    """
    written = day_in_address(url)
    if written and abs(written - day) <= timedelta(days=1):
        return written
    readings = next(days_beside(tree, headline), ())
    return next((one for one in readings if abs(one - day) <= timedelta(days=1)), day)


def day_in_address(url: str, *, only_clear: bool = False) -> date | None:
    """Return the day that an address gives: /2024/03/07/, or /20240307 unless `only_clear`."""
    match = _IN_PATH.search(urlsplit(url).path)
    if match is None or (only_clear and not match.group(2)):
        return None
    return _day(*match.group(1, 3, 4))


def _beside(tree: lxml.html.HtmlElement, headline: str, fetched_on: date) -> date | None:
    """Return the day printed beside the headline, if it can be read in one way only."""
    for readings in days_beside(tree, headline):
        possible = [day for day in readings if is_possible(day, fetched_on)]
        if len(possible) == 1:
            return possible[0]
    return None


def read_day(text: str, *, day_first: bool = False) -> date | None:
    """Parse a day: "2024-03-07T09:00:00+01:00", "20240307", "17/03/2024", "Thu, 07 Mar 2024
    09:00:00 GMT". "03/07/2024" is one of two days, and None unless `day_first`.
    """
    if match := _YEAR_FIRST.match(text):
        return _day(*match.group(1, 3, 4))
    if match := _DAY_FIRST.match(text):
        day, month, year = match.groups()
        is_clear = day_first or int(day) > 12 or day == month
        return _day(year, month, day) if is_clear else None
    try:
        return parsedate_to_datetime(text).date()  # RFC 5322
    except (ValueError, OverflowError):  # also a day, year or time zone that does not exist
        return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _searched(tree: lxml.html.HtmlElement, url: str, fetched_on: date) -> date | None:
    latest = fetched_on + timedelta(days=1)
    found = _htmldate().find_date(
        tree,
        original_date=True,
        url=url,
        min_date=EARLIEST.isoformat(),
        max_date=latest.isoformat(),
    )
    day = read_day(found or "")
    if day is None or not is_possible(day, fetched_on):
        return None
    # "© 2004" is read as 1 January. No date at all is better than one that is too old, which would
    # suppress an alert.
    return None if (day.month, day.day) == (1, 1) else day


@cache
def _htmldate() -> ModuleType:
    """Import htmldate late. Its date parser would try 200 languages on each line with figures, and
    keep their patterns: 36 MB and a second in each process. Names of months are collected from all
    200: 8 MB and a tenth of a second.
    """
    import htmldate
    from htmldate import core, extractors

    used = vars(core)  # which imported it by name
    used["deepcopy"] = lambda tree: tree  # of the page, in which nobody looks for more
    # Strings that know where they stand take twice the time.
    texts = used["FREE_TEXT_EXPRESSIONS"].path
    used["FREE_TEXT_EXPRESSIONS"] = XPath(texts, smart_strings=False)
    of_all = extractors.get_external_parser
    extractors.get_external_parser = _of_our_languages(of_all)  # type: ignore[assignment]  # only called
    collect = extractors.month_words
    parts = [version("htmldate").encode(), version("dateparser").encode()]
    names = frozenset(cached_or_built("months", parts, lambda: sorted(collect())))
    extractors.month_words = lambda: names  # type: ignore[assignment]  # nothing else is asked of it
    return htmldate


def _of_our_languages(parser_of_all: Callable[[], Any]) -> Callable[[], Any]:
    """Return htmldate's function that gives it dateparser, which few pages need: 20 ms."""

    @cache
    def parser() -> Any:
        made = parser_of_all()
        made.languages = list(LANGUAGES)
        return made

    return parser
