"""When a document was published.

What the page declares for machines (JSON-LD, meta, <time>) is asked first, then what the feed said, then htmldate
(its home is here), which also reads the text around the headline. A date that cannot be is dropped, and the guess with
it: a page that claims 2099 is not asked a second time, only the feed is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import ModuleType
from urllib.parse import urlsplit

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.metadata import LinkedArticle, Metadata

EARLIEST = date(1990, 1, 1)  # before the web: a default value, or a date from the story

# Names under which pages give the day of first publication, the most reliable first; "modified" is not among them.
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
_MARKS_PUBLICATION = re.compile(r"publi|pubdate|entry-date|created", re.IGNORECASE)


def is_possible(day: date, fetched_on: date) -> bool:
    """Whether a document fetched on `fetched_on` (UTC) may be of `day`: tomorrow is today east of Greenwich."""
    return EARLIEST <= day <= fetched_on + timedelta(days=1)


def published_on(
    tree: lxml.html.HtmlElement,
    metadata: Metadata,
    url: str,
    fetched_at: datetime,
    hint: date | None = None,
) -> date | None:
    """The day as the publisher writes it (in the publisher's own time zone); None if unknown or impossible."""
    fetched_on = fetched_at.date()
    declared = list(_declared(tree, metadata, url))
    for day in declared:
        if is_possible(day, fetched_on):
            return _local(day, url)
    if hint and is_possible(hint, fetched_on):
        return hint
    return None if declared else _searched(tree, url, fetched_on)


def _declared(tree: lxml.html.HtmlElement, metadata: Metadata, url: str) -> Iterator[date]:
    texts = [article.published for article in _own_first(metadata.articles, url)]
    texts += [text for name in _META_NAMES for text in metadata.meta.get(name, ())]
    texts += [
        element.get("datetime") or ""
        for element in tree.iter("time")
        if _MARKS_PUBLICATION.search(
            f"{element.get('itemprop')} {element.get('class')} {element.get('pubdate')}"
        )
    ]
    return (day for day in map(read_day, texts) if day)


def _own_first(articles: Sequence[LinkedArticle], url: str) -> list[LinkedArticle]:
    """Articles of the JSON-LD that say this page's address first: the others may be teasers."""
    path = urlsplit(url).path
    return sorted(articles, key=lambda article: not (len(path) > 1 and article.url.endswith(path)))


def _local(day: date, url: str) -> date:
    """`day`, or the day in the address if it is the one before or after: machines are given UTC, addresses the
    publisher's own calendar. An address further off names the event, or an older edition."""
    match = _IN_PATH.search(urlsplit(url).path)
    written = _day(*match.group(1, 3, 4)) if match else None
    return written if written and abs(written - day) <= timedelta(days=1) else day


def read_day(text: str) -> date | None:
    """The day of "2024-03-07T09:00:00+01:00", "20240307", "Thu, 07 Mar 2024 09:00:00 GMT" or "17/03/2024"; None for
    anything else, and for 03/07/2024, which two halves of the world read differently."""
    if match := _YEAR_FIRST.match(text):
        return _day(*match.group(1, 3, 4))
    if match := _DAY_FIRST.match(text):
        day, month, year = match.groups()
        return _day(year, month, day) if int(day) > 12 or day == month else None
    try:
        return parsedate_to_datetime(text).date()  # RFC 5322
    except (ValueError, OverflowError):  # also a day, year or zone that no calendar has
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
    # "© 2004" becomes 1 January; and a date that is too old would keep an alert back, where none would not
    return None if (day.month, day.day) == (1, 1) else day


@cache
def _htmldate() -> ModuleType:
    """Imported late: with its date parser it takes over a second."""
    import htmldate

    return htmldate
