"""Days as cells write them: in figures or words, as a spreadsheet's serial number, or in part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.extract.page.written_days import days_in_words
from crawler.judgement.text.letters import fold_text

_NOTHING = {"", "-", "–", "—", "?", "n/a", "na", "n.a.", "none", "null", "tbd", "nd", "s.d."}
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ]\d\d:\d\d.*)?")
_IN_FIGURES = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d\d)(?: \d\d:\d\d.*)?")
_YEAR = re.compile(r"(?:c\.?|ca\.?|circa)?\s*(1[89]\d\d|20\d\d)")
_MONTH = re.compile(r"(?:(1[89]\d\d|20\d\d)[-/.](\d{1,2})|(\d{1,2})[-/.](1[89]\d\d|20\d\d))")
_MONTH_IN_WORDS = re.compile(r"[^\W\d]+\.?,?\s+(?:del?\s+|do\s+)?(1[89]\d\d|20\d\d)")
_SERIALS = range(3_000, 80_000)  # 1908 to 2119; a year has four figures below these days
_FIRST_YEAR = 1800
# A year of two figures: spreadsheets read 29 as 2029 and 30 as 1930.
_PIVOT = 30


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day of a list. `parts` are year, month and day as far as the list gives them."""

    parts: tuple[int, ...]

    @property
    def on(self) -> date | None:
        return date(*self.parts) if len(self.parts) == 3 else None

    def __str__(self) -> str:
        year, *rest = self.parts
        return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def day_in(
    cell: object, *, month_first: bool = False, since_1904: bool = False
) -> ListedDay | None:
    """The day of a cell; None if it is empty. Raises ValueError with what is wrong with it."""
    if isinstance(cell, datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    text = str(cell if cell is not None else "").strip().rstrip(".")
    if text.casefold() in _NOTHING:
        return None
    found = _number(text, since_1904) or _figures(text, month_first) or _words(text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is not a day like 2005-04-14")
    return found


def _number(text: str, since_1904: bool) -> ListedDay | None:
    """A serial number, as spreadsheets keep days: those since 1900, with a 29 February 1900."""
    figures = text.removesuffix(".0")
    if not (figures.isascii() and figures.isdigit() and int(figures) in _SERIALS):
        return None
    if 1800 <= int(figures) < 2200:
        return None
    begin = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
    on = begin + timedelta(days=int(figures))
    return ListedDay((on.year, on.month, on.day))


def _figures(text: str, month_first: bool) -> ListedDay | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[3]), int(found[4]))
    if found := _IN_FIGURES.fullmatch(text):
        one, other, year = int(found[1]), int(found[2]), _whole_year(found[3])
        day, month = (other, one) if (month_first and one <= 12) or other > 12 else (one, other)
        return _day(year, month, day)
    if found := _YEAR.fullmatch(text):
        return ListedDay((int(found[1]),))
    if found := _MONTH.fullmatch(text):
        year, month = int(found[1] or found[4]), int(found[2] or found[3])
        if 1 <= month <= 12:
            return ListedDay((year, month))
    return None


def _words(text: str) -> ListedDay | None:
    readings = days_in_words(fold_text(text))
    if readings:
        return _day(readings[0].year, readings[0].month, readings[0].day)
    if _MONTH_IN_WORDS.fullmatch(text):
        readings = days_in_words(fold_text(f"1 {text}"))
        return ListedDay((readings[0].year, readings[0].month)) if readings else None
    return None


def _whole_year(figures: str) -> int:
    year = int(figures)
    if len(figures) == 4:
        return year
    return year + (2000 if year < _PIVOT else 1900)


def _day(year: int, month: int, day: int) -> ListedDay:
    try:
        date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{day}.{month}.{year} is no day of the calendar") from error
    if year < _FIRST_YEAR:
        raise ValueError(f"{year} is before {_FIRST_YEAR}; is the year right?")
    return ListedDay((year, month, day))
