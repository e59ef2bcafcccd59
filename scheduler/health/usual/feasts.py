"""Days on which most sources of a country are quieter than usual: feasts, and news that all of them
lack. No single source can tell a feast from a failure; the others can. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from scheduler.health.usual.bands import Quarter

_LEAST_USUAL = 3  # documents of a weekday, of which a share says something
_LEAST_SOURCES = 6
_QUIET = 0.75  # share of the usual that half of the sources stay below on a feast


def day_shares(quarters: Sequence[Quarter]) -> dict[int, float]:
    """What came on each day as a share of what the same weekday usually brings, the present day as
    far as it is over. `quarters` are contiguous, and the last one is not over yet.
    """
    over = quarters[:-1]
    today = over[-1].number // 4 if over else 0
    parts = quarters[-1].number % 4 or 4  # quarters of the last day that are over
    days: dict[int, int] = {}
    until_now: dict[int, int] = {}
    for one in over:
        day = one.number // 4
        days[day] = days.get(day, 0) + one.new
        until_now[day] = until_now.get(day, 0) + one.new * (one.number % 4 < parts)
    answered = {one.number // 4 for one in over if one.seen}
    found = {}
    for day in answered:
        counts = until_now if day == today else days
        usual = median(n for other, n in counts.items() if (day - other) % 7 == 0)
        if usual >= _LEAST_USUAL:
            found[day] = counts[day] / usual
    return found


def feasts(shares: Iterable[Mapping[int, float]]) -> dict[int, bool]:
    """Which days were feasts, by the shares of sources of one country."""
    by_day: dict[int, list[float]] = {}
    for one in shares:
        for day, share in one.items():
            by_day.setdefault(day, []).append(share)
    enough = {day: found for day, found in by_day.items() if len(found) >= _LEAST_SOURCES}
    return {day: median(found) < _QUIET for day, found in enough.items()}
