"""When a page was published.

The first of these counts: what the page declares for machines (JSON-LD, meta, <time>), what the
feed said, the day beside the headline ("By A. Writer | 7 March 2024"), and what htmldate finds. An
impossible date is dropped. If a page declares only such dates, 2099 for instance, then it is not
searched; only the feed counts. This is the only module that imports htmldate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from itertools import chain, islice
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import XPath  # type: ignore[import-untyped]  # the same

from crawler.disk_cache import cached_or_built
from crawler.extract.fields import EARLIEST, day_in_address, is_possible, read_day
from crawler.extract.page.line_sizes import BLOCKS
from crawler.extract.page.metadata import LinkedArticle, Metadata
from crawler.extract.page_words import named_words, words_pattern
from storage.languages import LANGUAGES
from storage.letters import fold_text
from storage.records import Fetched

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
_HAS_ZONE = re.compile(r"\d[+-](?!00:?00)\d\d:?\d\d$")  # of the publisher; others give UTC
_MARKS_PUBLICATION = re.compile(r"publi|pubdate|entry-date|created", re.IGNORECASE)


def published_on(
    tree: lxml.html.HtmlElement,
    metadata: Metadata,
    fetched: Fetched,
    hint: date | None = None,
    headline: str = "",
) -> date | None:
    """Return the day of publication in the publisher's time zone. `tree` may be used up."""
    url, fetched_on = fetched.final_url, fetched.fetched_at.date()
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
    return next((reading for reading in readings if abs(reading - day) <= timedelta(days=1)), day)


def _beside(tree: lxml.html.HtmlElement, headline: str, fetched_on: date) -> date | None:
    """Return the day printed beside the headline, if it can be read in one way only."""
    for readings in days_beside(tree, headline):
        possible = [day for day in readings if is_possible(day, fetched_on)]
        if len(possible) == 1:
            return possible[0]
    return None


def _searched(tree: lxml.html.HtmlElement, url: str, fetched_on: date) -> date | None:
    latest = fetched_on + timedelta(days=1)
    day_text = _htmldate().find_date(
        tree,
        original_date=True,
        url=url,
        min_date=EARLIEST.isoformat(),
        max_date=latest.isoformat(),
    )
    day = read_day(day_text or "")
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
    extractors.month_words = lambda: names  # type: ignore[assignment]  # nothing else is used of it
    return core


def _of_our_languages(parser_of_all: Callable[[], Any]) -> Callable[[], Any]:
    """Return htmldate's function that gives it dateparser, which few pages need: 20 ms."""

    @cache
    def parser() -> Any:
        made = parser_of_all()
        made.languages = list(LANGUAGES)
        return made

    return parser


# --- the day beside the headline, in a short line just after it or before it, unless of a change --

_NOT_SHOWN = {"script", "style", "noscript", "template", "svg", "select", "nav"}
# Byline, standfirst and share buttons. With 5 lines two of 269 real pages are read worse; 15 lines
# after, 4 before, and short lines of up to 200 characters change nothing.
_LINES_AFTER = 8
_LINES_BEFORE = 2
_SHORT = 120  # characters; a longer line is prose, whose days are those of events
_YEAR = r"((?:19|20)\d\d)"
_HAS_YEAR = re.compile(_YEAR)
# "14.01.20" and "14 January 20" are read in lines that hold little else: elsewhere figures count
# something.
_SHORT_YEAR = re.compile(r"(?<!\d)\d\d(?!\d)")
_LITTLE_ELSE = 60  # characters
_DIGITS = {ord(digit): str(value % 10) for value, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_IN_FIGURES = re.compile(rf"(?<![\d./-])(\d{{1,2}})([./-])\s?(\d{{1,2}})\2\s?{_YEAR}(?!\d)")
_YEAR_FIRST = re.compile(rf"(?<!\d){_YEAR}([./-])(\d{{1,2}})\2(\d{{1,2}})(?!\d)")
_SHORT_YEAR_IN_FIGURES = re.compile(
    r"(?<![\d./-])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d\d)(?![\d./-])"
)
# What stands just before a day of the last change.
_CHANGED = r"\b(<changed>)\b( \S+){0,3} $"


def days_beside(tree: lxml.html.HtmlElement, headline: str) -> Iterator[Sequence[date]]:
    """Yield what the days beside the headline may be, the nearest day after it first: two days for
    "03/07/2024", unless the page's language writes the day first.
    """
    element = _element_of(tree, headline)
    if element is None:
        return
    day_first = writes_day_first(tree)
    for written in chain(islice(_lines_after(element), _LINES_AFTER), _before(element)):
        line = written.translate(_DIGITS) if len(written) <= _SHORT else ""
        has_short_year = len(line) <= _LITTLE_ELSE and _SHORT_YEAR.search(line)
        if has_short_year or _HAS_YEAR.search(line):
            readings = _days_in(line, day_first=day_first)
            if readings:
                yield readings


# What was last looked for in a page, as long as the page is there: the standfirst and the day both
# stand beside the headline.
_FOUND: WeakKeyDictionary[lxml.html.HtmlElement, tuple[str, lxml.html.HtmlElement | None]] = (
    WeakKeyDictionary()
)


def _element_of(tree: lxml.html.HtmlElement, headline: str) -> lxml.html.HtmlElement | None:
    known, element = _FOUND.get(tree, (None, None))
    if known != headline:
        element = _headline_in(tree, headline)
        _FOUND[tree] = headline, element
    return element


def _headline_in(tree: lxml.html.HtmlElement, headline: str) -> lxml.html.HtmlElement | None:
    wanted = "".join(headline.split())
    for tag in ("h1", "h2", "h3") if wanted else ():
        for element in tree.iter(tag):
            if wanted in "".join("".join(element.itertext()).split()):
                return element
    return None


def writes_day_first(tree: lxml.html.HtmlElement) -> bool:
    """Whether a page declares a language in which "03/07/2024" is in July, without exceptions."""
    language = (tree.get("lang") or "").lower()
    return bool(language) and (not language.startswith("en") or language == "en-gb")


def lines_after(tree: lxml.html.HtmlElement, headline: str, most: int) -> Iterator[str]:
    """Yield the lines that a page prints after its headline, `most` of them at most."""
    element = _element_of(tree, headline)
    if element is not None:
        yield from islice(_lines_after(element), most)


def _lines_after(element: lxml.html.HtmlElement) -> Iterator[str]:
    return _lines(_pieces_after(element))


def _before(element: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield the lines before an element, the nearest one first."""
    left = _LINES_BEFORE
    while element is not None and left:
        for sibling in element.itersiblings(preceding=True):
            lines = list(_lines([*_pieces(sibling), _flat(sibling.tail)]))[-left:]
            yield from reversed(lines)
            left -= len(lines)
            if left <= 0:
                return
        element = element.getparent()


def _pieces_after(element: lxml.html.HtmlElement) -> Iterator[str]:
    while element is not None:
        yield "\n" if element.tag in BLOCKS else ""
        yield _flat(element.tail)
        for sibling in element.itersiblings():
            yield from _pieces(sibling)
            yield _flat(sibling.tail)
        element = element.getparent()


def _pieces(root: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield the text of an element, with a newline at each block."""
    stack: list[lxml.html.HtmlElement | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        edge = "\n" if node.tag in BLOCKS or node.tag == "br" else " "
        if node is not root:
            stack.append(_flat(node.tail))
        if node.tag not in _NOT_SHOWN:
            stack.append(edge)
            stack.extend(reversed(node))
            yield edge + _flat(node.text)


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    for piece in pieces:
        if piece.startswith("\n"):
            if line := " ".join("".join(held).split()):
                yield line
            held = []
        held.append(piece)
    if line := " ".join("".join(held).split()):
        yield line


def _days_in(line: str, *, day_first: bool) -> list[date]:
    for match in _YEAR_FIRST.finditer(line):
        if not _is_change(line[: match.start()]):
            return _possible((match[1], match[3], match[4]))
    patterns = [_IN_FIGURES, *([_SHORT_YEAR_IN_FIGURES] if len(line) <= _LITTLE_ELSE else ())]
    for match in chain.from_iterable(pattern.finditer(line) for pattern in patterns):
        if not _is_change(line[: match.start()]):
            first, mark, other, year = match.groups()
            orders = [(year, other, first)]
            if mark != "." and not day_first:
                orders.append((year, first, other))
            return _possible(*orders)
    return days_in_words(fold_text(line))


def days_in_words(folded: str) -> list[date]:
    """Return the readings of the first day that a folded line writes in words: "7 march 2024"."""
    months, *patterns = _month_patterns()
    for pattern, day, month in zip(patterns, (1, 2, 1), (2, 1, 2), strict=True):
        for match in pattern.finditer(folded):
            if not _is_change(folded[: match.start(1)]):
                return _possible((match[3], str(months[match[month]]), match[day]))
    return []


def _is_change(before: str) -> bool:
    return bool(words_pattern(_CHANGED).search(f"{fold_text(before).strip()} "))


def _possible(*days: tuple[str, str, str]) -> list[date]:
    dates = []
    for year, month, day in days:
        try:
            dates.append(date(int(year if len(year) == 4 else f"20{year}"), int(month), int(day)))
        except ValueError:  # no day of the calendar
            continue
    return list(dict.fromkeys(dates))


@cache
def _month_patterns() -> tuple[dict[str, int], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return months by name, and patterns: "7 March 2024", "March 7, 2024", "7 March 24"."""
    listed = named_words("months").items()
    months = {fold_text(name).strip(): int(month) for month, names in listed for name in names}
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    day, joint = r"(\d{1,2}) ?(?:er|st|nd|rd|th|o)?", r"(?:de |del |d )?"
    second = rf"(?: (?:{names}))?"  # "7 مارس/آذار 2024"
    return (
        months,
        re.compile(rf"\b{day} {joint}({names}){second} {joint}{_YEAR}\b"),
        re.compile(rf"\b({names}) {day} {_YEAR}\b"),
        re.compile(rf"^(?=.{{,{_LITTLE_ELSE}}}$).*?\b{day} {joint}({names}) {joint}(\d\d) ?$"),
    )
