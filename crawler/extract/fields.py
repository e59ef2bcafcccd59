"""Parts of a document: what is left out, texts of one line, and days as machines write them."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urlsplit

# JSON escapes may contain control characters and lone surrogates, which databases reject.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u2060\ufeff\ud800-\udfff]")
EARLIEST = date(1990, 1, 1)  # earlier, before the web, it is a default or a date from the story
_YEAR_FIRST = re.compile(r"\s*((?:19|20)\d\d)([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d\d)(?!\d)")
_IN_PATH = re.compile(r"/((?:19|20)\d\d)([/-]?)(\d{1,2})\2(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Ignored:
    """CSS selectors of elements, and a regular expression of words, to be left out."""

    selectors: tuple[str, ...] = ()
    pattern: str | None = None

    def without_elements(self, page: str) -> str:
        if not self.selectors:
            return page
        from selectolax.lexbor import LexborHTMLParser

        tree = LexborHTMLParser(page)
        for selector in self.selectors:
            for node in tree.css(selector):
                node.decompose()
        return tree.html or ""

    def without_words(self, text: str) -> str:
        """Return the text without the words. A line of which nothing is left is removed too."""
        if self.pattern is None:
            return text
        lines = (_compiled(self.pattern).sub("", line).strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line)


NOTHING = Ignored()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def clean(text: str | None) -> str:
    """Return a text as one line, without invisible characters and double-escaped entities, composed
    (NFC): a feed and a page may write the same accent in two ways.
    """
    text = unicodedata.normalize("NFC", html.unescape(text or ""))
    if not text.isprintable():  # as all that is invisible is not
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def is_possible(day: date, fetched_on: date) -> bool:
    """Whether a document can be of a day: tomorrow is possible, east of Greenwich."""
    return EARLIEST <= day <= fetched_on + timedelta(days=1)


def day_in_address(url: str, *, only_clear: bool = False) -> date | None:
    """Return the day that an address gives: /2024/03/07/, or /20240307 unless `only_clear`."""
    match = _IN_PATH.search(urlsplit(url).path)
    if match is None or (only_clear and not match.group(2)):
        return None
    return _possible_day(*match.group(1, 3, 4))


def read_day(text: str, *, day_first: bool = False) -> date | None:
    """Parse a day: "2024-03-07T09:00:00+01:00", "20240307", "17/03/2024", "Thu, 07 Mar 2024
    09:00:00 GMT". "03/07/2024" is one of two days, and None unless `day_first`.
    """
    if match := _YEAR_FIRST.match(text):
        return _possible_day(*match.group(1, 3, 4))
    if match := _DAY_FIRST.match(text):
        day, month, year = match.groups()
        is_clear = day_first or int(day) > 12 or day == month
        return _possible_day(year, month, day) if is_clear else None
    try:
        return parsedate_to_datetime(text).date()  # RFC 5322
    except (ValueError, OverflowError):  # also a day, year or time zone that does not exist
        return None


def _possible_day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
