"""What the words of a search say of days: "3 May 2024", "last year", "Monday", "five years"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from unicodedata import decimal

from scheduler.configuration.vocabulary import vocabulary, words_under
from storage.letters import fold_text

A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
AN_ISO_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_A_DAY = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th|er|º|\.)?")
_A_NUMBER = re.compile(r"[1-9][0-9]{0,2}")


def end_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _year(back: int) -> tuple[date, date]:
    year = datetime.now(UTC).year - back
    return date(year, 1, 1), date(year, 12, 31)


def _month(back: int) -> tuple[date, date]:
    last = datetime.now(UTC).date().replace(day=1) - timedelta(days=back)
    return last.replace(day=1), end_of(last.year, last.month)


def _week() -> tuple[date, date]:
    return _weekday(0)[0], _weekday(0)[0] + timedelta(days=6)


def _yesterday() -> tuple[date, date]:
    return (_moved(-1, "days"),) * 2


def _weekday(number: int) -> tuple[date, date]:
    """The last Monday (0), Tuesday ... that has come."""
    today = datetime.now(UTC).date()
    day = today - timedelta(days=(today.weekday() - number) % 7)
    return day, day


def back(number: int, unit: str) -> tuple[date, date]:
    """From so many days, weeks, months, years or decades ago on."""
    return _moved(-number, unit), date.max


def ahead(number: int, unit: str) -> tuple[date, date]:
    return _moved(0, unit), _moved(number, unit)


def _moved(number: int, unit: str) -> date:
    """Today, so many days, weeks, months, years or decades later."""
    today = datetime.now(UTC).date()
    if unit in ("days", "weeks"):
        return today + timedelta(days=number * (7 if unit == "weeks" else 1))
    months = number * {"months": 1, "years": 12, "decades": 120}[unit]
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    year = max(year, 1)
    return date(year, month + 1, min(today.day, end_of(year, month + 1).day))


# What "last year" and the like mean today.
PERIODS: Mapping[str, Callable[[], tuple[date, date]]] = {
    "yesterday": _yesterday,
    "this_year": partial(_year, 0),
    "last_year": partial(_year, 1),
    "this_week": partial(_week),
    "this_month": partial(_month, 0),
    "last_month": partial(_month, 1),
    **{f"past_{unit}": partial(back, 1, f"{unit}s") for unit in ("week", "month", "year")},
    **{f"weekday_{number}": partial(_weekday, number) for number in range(7)},
    "past_decade": partial(back, 1, "decades"),
}


def day_at(words: Sequence[str]) -> tuple[str, str, int] | None:
    """A day of a month of a year that the first words write: "31 de diciembre de 2022", "May 3rd,
    2024", "2024-05-03"; its field, its value and how many words it has.
    """
    if AN_ISO_DAY.fullmatch(words[0]):
        parts, length = words[0].split("-"), 1
        year, month, day = map(int, parts)
    else:
        places = [at for at, one in enumerate(words) if fold_text(one) not in ("de", "of")][:3]
        three, length = [words[at] for at in places], places[-1] + 1 if places else 0
        if len(three) < 3 or places[0] or not A_YEAR.fullmatch(three[2]):
            return None
        days = [int(re.sub(r"\D", "", one)) for one in three[:2] if _A_DAY.fullmatch(one)]
        named = [vocabulary().get(fold_text(one), ("", "")) for one in three[:2]]
        months = [int(value) for field, value in named if field == "month"]
        if len(days) != 1 or len(months) != 1:
            return None
        year, month, day = int(three[2]), months[0], days[0]
    if not (1 <= month <= 12 and 1 <= day <= end_of(year, month).day):
        return None
    return "day", date(year, month, day).isoformat(), length


def length_at(words: Sequence[str]) -> tuple[str, str, int] | None:
    """A length of time until today, or from today on, that the first words write, in any order,
    with articles between: "last five years", "seit zwei Jahren", "within six months".
    """
    number, unit, direction = "", "", ""
    kinds, numbers = words_under("length"), words_under("number")
    for at, word in enumerate(words):
        folded = fold_text(word)
        kind = kinds.get(folded, "")
        if _A_NUMBER.fullmatch(word) or folded in numbers:
            number = number or numbers.get(folded, word)
        elif kind in ("last", "since", "ahead"):
            direction = direction or "ahead" if kind == "ahead" else "back"
        elif kind:
            number, unit = ("2" if kind.startswith("two ") else number), kind.split()[-1]
        elif not at or vocabulary().get(folded, ("",))[0] != "nothing":
            break
        if number and unit and direction:
            return "length", f"{number} {unit} {direction}", at + 1
    return None


def opened(since: date, until: date, markers: Set[str]) -> dict[str, Any]:
    """These days, of which "since", "after", "until" and "before" leave one end open."""
    if until == date.max:
        return {"since": since, "until": None}
    if "before" in markers:
        return {"since": None, "until": since - timedelta(days=1)}
    if "after" in markers:
        return {"since": until + timedelta(days=1), "until": None}
    return {
        "since": None if "until" in markers else since,
        "until": None if "since" in markers else until,
    }


def with_plain_digits(text: str) -> str:
    """٢٠٢٣ is 2023."""
    return "".join(str(decimal(one)) if one.isdecimal() else one for one in text)
