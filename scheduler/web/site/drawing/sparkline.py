"""A source's volume as small bars, a day each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = 28
HEIGHT, BAR = 24, 4
_LEAST = 2  # so that a day with one document is seen beside one with hundreds


@dataclass(frozen=True, slots=True)
class Bar:
    """`kind`: "some" documents came, "none" came, or the source was "unseen" on that day."""

    x: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    width: int
    bars: Sequence[Bar]
    total: int
    most: int


def sparkline(
    stored: Mapping[date, int], polled: Mapping[date, int], today: date, direction: str
) -> Sparkline:
    """The last DAYS days; today stands where the reader's line ends."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = [stored.get(day, 0) for day in days]
    most = max(counts)
    bars = [
        Bar(BAR * place, _height(n, most), "some" if n else "none" if polled.get(day) else "unseen")
        for place, (day, n) in enumerate(zip(days, counts, strict=True))
    ]
    if direction == "rtl":
        bars = [Bar(BAR * (DAYS - 1) - bar.x, bar.height, bar.kind) for bar in bars]
    return Sparkline(BAR * DAYS, bars, sum(counts), most)


def _height(n: int, most: int) -> int:
    return max(_LEAST, round(HEIGHT * n / most)) if n else 1
