"""The picture above a list: how much of it lies in which year or month, each a link to it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from math import ceil

from babel.dates import format_skeleton

from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels
from scheduler.web.site.cache import columns_of, selected
from scheduler.web.site.installation import Installation
from storage.database.session import Session
from storage.filter import Filter
from storage.register.stamp import stamp
from storage.search.counts import PeriodCounts, steps_by_month, steps_by_year

_MOST_MONTHS = 36
_MOST_PERIODS = 120  # years before the last ones are few, and bars would be hairs


@dataclass(frozen=True, slots=True)
class OverTime:
    """The picture, and the same as links for who does not see it."""

    drawn: Bars
    periods: Sequence[Period]


def agreements_over_time(
    served: Installation,
    s: Session,
    selection: Query,
    words: Labels,
    address: Callable[[str, str], str],
) -> OverTime | None:
    """When the agreements of a selection have steps: by months within three years, else by years.

    `address` makes the address of the list narrowed to the days since and until. None where days
    are those on which something was learnt, or where there is nothing to compare.
    """
    flt = selection.filter
    if flt.is_by_learnt:
        return None
    if flt.since or flt.until:
        years, by_month = _of_window(served, s, flt)
    else:
        columns, found = columns_of(served, s), selected(served, s, flt)
        years, by_month = columns.by_year(found), partial(columns.by_month, found)
    if not years:
        return None
    if _months(flt, years) <= _MOST_MONTHS:
        return over_months(by_month(), words, "page.agreements", address)
    return _over_years(years, words, address)


def _of_window(
    served: Installation, s: Session, flt: Filter
) -> tuple[PeriodCounts, Callable[[], PeriodCounts]]:
    """The counts by year and by month of steps within the days of a filter."""
    cache, now = served.cache, stamp(s)
    years = cache.until_changed(("years", flt), now, lambda: steps_by_year(s, flt))
    return years, lambda: cache.until_changed(("months", flt), now, lambda: steps_by_month(s, flt))


def over_months(
    counts: PeriodCounts, words: Labels, counted: str, address: Callable[[str, str], str]
) -> OverTime | None:
    """The picture of months such as (202603, 5); of years where there are too many of them."""
    if not counts:
        return None
    first, last = counts[0][0], counts[-1][0]
    numbers = dict(counts)
    months = list(_between(first, last))
    if len(months) > _MOST_MONTHS:
        years: dict[int, int] = {}
        for month, number in counts:
            years[month // 100] = years.get(month // 100, 0) + number
        return _over_years(list(years.items()), words, address, counted)
    periods = [_month(month, numbers.get(month, 0), words, counted, address) for month in months]
    return _drawn(periods, words)


def _over_years(
    counts: PeriodCounts,
    words: Labels,
    address: Callable[[str, str], str],
    counted: str = "page.agreements",
) -> OverTime | None:
    numbers, last = dict(counts), counts[-1][0]
    first = max(counts[0][0], last - _MOST_PERIODS + 1)
    periods = []
    for year in range(first, last + 1):
        number = numbers.get(year, 0)
        title = f"{year}{words.say('colon')}{words.count(counted, number)}"
        periods.append(
            Period(str(year), title, number, address(f"{year:04}-01-01", f"{year:04}-12-31"))
        )
    return _drawn(periods, words)


def _drawn(periods: Sequence[Period], words: Labels) -> OverTime | None:
    drawn = bars(periods, words.direction)
    return OverTime(drawn, [one for one in periods if one.number]) if drawn else None


def _months(flt: Filter, years: PeriodCounts) -> int:
    first, last = years[0][0], years[-1][0]
    begins = flt.since.month if flt.since and flt.since.year == first else 1
    ends = flt.until.month if flt.until and flt.until.year == last else 12
    return (last - first) * 12 + ends - begins + 1


def _between(first: int, last: int) -> Iterator[int]:
    month = first
    while month <= last:
        yield month
        month += 1 if month % 100 < 12 else 89


def _month(
    month: int, number: int, words: Labels, counted: str, address: Callable[[str, str], str]
) -> Period:
    begins = date(month // 100, month % 100, 1)
    ends = begins.replace(day=monthrange(begins.year, begins.month)[1])
    name = str(format_skeleton("yMMMM", begins, locale=words.locale))
    return Period(
        label=f"{begins:%m}/{begins:%y}",
        title=f"{name}{words.say('colon')}{words.count(counted, number)}",
        number=number,
        address=address(begins.isoformat(), ends.isoformat()),
    )


# --- counts over time as bars ---------------------------------------------------------------------

WIDTH, HEIGHT, AXIS = 960, 72, 24
_LEAST = 3  # so that a year with one agreement is seen beside one with hundreds
_WIDEST = 64
_LABEL = 44  # what a year, or a month with its year, takes
_GAP = 2
_HALF_LABEL = 30
_MAJOR = 3  # on a phone, a third of the labels has room


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a month, with how much is in it. `title` is what a pointer reads."""

    label: str
    title: str
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word below a bar. One that is `minor` is left out where the picture is drawn small."""

    x: int
    text: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    bars: Sequence[Bar]
    labels: Sequence[Label]


def bars(periods: Sequence[Period], direction: str) -> Bars | None:
    """The picture of periods that follow each other; None where there is nothing to compare."""
    if len(periods) < 2 or not any(one.number for one in periods):
        return None
    step = min(_WIDEST, WIDTH / len(periods))
    wide = max(1, round(step) - _GAP)
    most = max(one.number for one in periods)
    whole = round(step * len(periods))
    turned = direction == "rtl"
    places = [round(step * number) for number in range(len(periods))]
    places = [whole - x - wide for x in places] if turned else places
    every = ceil(_LABEL / step)
    drawn = [_bar(one, x, wide, most) for one, x in zip(periods, places, strict=True) if one.number]
    labels = [
        Label(_within(x + wide // 2, whole), one.label, minor=number // every % _MAJOR != 0)
        for number, (one, x) in enumerate(zip(periods, places, strict=True))
        if number % every == 0
    ]
    return Bars(whole, HEIGHT + AXIS, drawn, labels)


def _within(x: int, width: int) -> int:
    """The middle of a label that is cut at neither edge, also where it is drawn large."""
    return max(_HALF_LABEL, min(width - _HALF_LABEL, x))


def _bar(one: Period, x: int, width: int, most: int) -> Bar:
    height = max(_LEAST, round(HEIGHT * one.number / most))
    return Bar(x, HEIGHT - height, width, height, one.title, one.address)
