"""A source's volume as small bars, a day each, over the band in which most of its days lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, sqrt
from statistics import fmean, pstdev

DAYS = 28
HEIGHT, BAR = 24, 4
_LEAST = 2  # so that a day with one document is seen beside one with hundreds
_LEAST_DAYS = 6  # of a kind (working days, weekends), before anything is usual
_WIDTHS = 2  # deviations on either side of the mean: 19 days of 20


@dataclass(frozen=True, slots=True)
class DayBar:
    """`kind`: "some" documents came, "none" came, or the source was "unseen" on that day."""

    x: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Usual:
    """How many documents most days of a kind bring."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The part of the band behind one day; `y` is its upper end."""

    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`usual` is that of working days, None where too few were seen."""

    width: int
    bars: Sequence[DayBar]
    total: int
    most: int
    band: Sequence[Strip] = ()
    usual: Usual | None = None


def sparkline(
    stored: Mapping[date, int], polled: Mapping[date, int], today: date, direction: str
) -> Sparkline:
    """The last DAYS days; today stands where the reader's line ends."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = [stored.get(day, 0) for day in days]
    seen = [day for day in days[:-1] if polled.get(day) or stored.get(day)]  # today is not over
    usual = {
        rests: usual_of([stored.get(day, 0) for day in seen if _rests(day) is rests])
        for rests in (False, True)
    }
    highest = max([*counts, *(one.high for one in usual.values() if one)])
    bars = [
        DayBar(
            BAR * place,
            _height(n, highest),
            "some" if n else "none" if polled.get(day) else "unseen",
        )
        for place, (day, n) in enumerate(zip(days, counts, strict=True))
    ]
    band = [
        _strip(BAR * place, one, highest)
        for place, day in enumerate(days)
        if (one := usual[_rests(day)]) is not None and highest
    ]
    if direction == "rtl":
        last = BAR * (DAYS - 1)
        bars = [DayBar(last - bar.x, bar.height, bar.kind) for bar in bars]
        band = [Strip(last - one.x, one.y, one.height) for one in band]
    return Sparkline(
        width=BAR * DAYS,
        bars=bars,
        total=sum(counts),
        most=max(counts),
        band=band,
        usual=usual[False],
    )


def usual_of(counts: Sequence[int]) -> Usual | None:
    """The band of 19 days of 20, by the mean of these days and how much they vary; chance alone
    makes a count vary by its root. None where they are too few.
    """
    if len(counts) < _LEAST_DAYS:
        return None
    mean = fmean(counts)
    width = _WIDTHS * max(sqrt(mean), pstdev(counts, mean))
    return Usual(max(0, floor(mean - width)), ceil(mean + width))


def _rests(day: date) -> bool:
    return day.weekday() >= 5


def _strip(x: int, usual: Usual, highest: int) -> Strip:
    top = round(HEIGHT * usual.high / highest)
    bottom = round(HEIGHT * usual.low / highest)
    return Strip(x, HEIGHT - top, max(1, top - bottom))


def _height(n: int, most: int) -> int:
    return max(_LEAST, round(HEIGHT * n / most)) if n else 1
