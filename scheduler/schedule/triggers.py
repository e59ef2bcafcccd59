"""The date arithmetic of schedules, by APScheduler's triggers.

Cron arithmetic is done on the local clock as if it were UTC, and the time zone is applied to its
result. In a time zone the library's cron trigger leaves out the day after one of 23
hours (docs/decisions/calendar-days.md).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]  # the package has no hints

from spiders.catalog.intervals import AUTO, interval_s, parse_cron
from storage.source import Source, SourceKind

if TYPE_CHECKING:
    from storage.sources.tables import Poll

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=1)
# News of a source that is alive is never older than that when we see it.
LONGEST_ALIVE = timedelta(hours=6)
# What a government publishes is what everybody waits for.
LONGEST_OFFICIAL = timedelta(hours=3)
FIRST = timedelta(hours=1)  # until it is known how a source behaves
_DAY = timedelta(days=1)
_DAYS = 7  # a working week repeats itself after seven
_LOOKS = 3  # fewer prove nothing
_RECENT = timedelta(hours=3)  # today may be unlike every other day
_SHARE_NEW = 0.5
# Known after a day of looks is no more than a day: what comes by night was not seen yet.
_SHARE_OF_KNOWN = 4


# (begin, end, what came between these two looks)
_NewsOfWait = tuple[datetime, datetime, float]


def longest_wait(source: Source) -> timedelta:
    """The longest time between two polls of a source. A page never shows how often it changes."""
    if source.official:
        return LONGEST_OFFICIAL
    return LONGEST_ALIVE if source.kind is SourceKind.PAGE else LONGEST


def wait_for(source: Source, polls: Iterable[Poll], at: datetime) -> tuple[timedelta, str]:
    """The wait after a look at `at`, and why, in words. `polls` are the last looks."""
    since = at - (_DAYS + 1) * _DAY
    looks = sorted((p for p in polls if p.ok and since <= p.at <= at), key=lambda poll: poll.at)
    longest = longest_wait(source)
    if len(looks) < _LOOKS:
        return min(FIRST, longest), "new source"
    offers = [min(look.offered, source.max_items) for look in looks if look.offered]
    room = max(1.0, median(offers)) if offers else 1.0
    news = list(_news(looks, room))
    known_for = looks[-1].at - looks[0].at
    longest = min(longest, max(FIRST, known_for / _SHARE_OF_KNOWN))
    if not any(count for _, _, count in news):
        hours = f"{known_for / timedelta(hours=1):.0f} h"
        length = hours if known_for < 2 * _DAY else f"{known_for.days} days"
        return longest, f"nothing new for {length}"
    longest = min(longest, LONGEST_ALIVE)
    until_full = min(_until_full(news, looks[0].at, at, room * _SHARE_NEW, longest), longest)
    a_day = sum(count for _, _, count in news) / max(1.0, known_for / _DAY)
    return max(until_full, SHORTEST), f"about {a_day:.0f} new a day, room for {room:.0f}"


def _news(looks: Sequence[Poll], room: float) -> Iterator[_NewsOfWait]:
    for before, look in pairwise(looks):
        # Where nothing was known any more, others came and went meanwhile: at least as many again.
        missed = 2 if look.new >= min(room, look.offered) else 1
        if look.at > before.at:
            yield before.at, look.at, float(look.new * missed)


def _until_full(
    news: Sequence[_NewsOfWait], first_at: datetime, at: datetime, room: float, longest: timedelta
) -> timedelta:
    """The shortest time in which `room` documents came, this week or at today's pace."""
    begins = [at - day * _DAY for day in range(1, _DAYS + 1)]
    waits = [_time_for(news, begin, room, longest) for begin in begins if begin >= first_at]
    recent = sum(_part(one, at - _RECENT, at) for one in news)
    if recent:
        waits.append(_RECENT * (room / recent))
    return min(waits, default=longest)


def _time_for(
    news: Sequence[_NewsOfWait], begin: datetime, room: float, longest: timedelta
) -> timedelta:
    """How long it took from `begin` until `room` documents had come, at most `longest`."""
    came = 0.0
    for wait in news:
        since, end, _ = wait
        if end <= begin:
            continue
        part = _part(wait, begin, end)
        if came + part >= room:
            start = max(since, begin)
            return start - begin + (end - start) * ((room - came) / part)
        came += part
        if end - begin > longest:
            break
    return longest


def _part(news: _NewsOfWait, begin: datetime, end: datetime) -> float:
    """How much of it came between `begin` and `end`, if it came evenly."""
    first, last, count = news
    return count * max(0.0, (min(last, end) - max(first, begin)) / (last - first))


# Clocks are moved by at most an hour. To find what falls into such an hour, we look that far back.
_CLOCK_CHANGE = timedelta(hours=1)

# The default jitter: enough that 154 hourly sources do not come in the same minute, and so little
# that a daily source at six still comes at about six.
_JITTER_SHARE = 0.1
_JITTER_MOST = timedelta(minutes=10)


def turn_after(source: Source, at: datetime, *, wait_s: float | None = None) -> datetime:
    """The first turn of a source after `at` by its schedule, without jitter. `wait_s` replaces the
    interval; without it a source with `every: auto` gets its longest one. With a cron line, it
    gives the turn that is nearest to this much later, but not before the next.
    """
    if source.cron is None:
        if wait_s is None:
            auto = source.every == AUTO
            wait_s = longest_wait(source).total_seconds() if auto else interval_s(source.every)
        return at + timedelta(seconds=wait_s)
    following = _cron_after(source.cron, source.timezone, at)
    if wait_s is None:
        return following
    earliest = at + timedelta(seconds=wait_s) - (following - at) / 2
    return max(following, _cron_after(source.cron, source.timezone, earliest))


def later_by_chance(source: Source, turn: datetime, at: datetime) -> datetime:
    """A turn that is planned at `at`, moved by a random part of the source's jitter."""
    return turn + longest_jitter(source, turn, at) * random.random()  # noqa: S311 - no secret


def longest_jitter(source: Source, turn: datetime, at: datetime) -> timedelta:
    """How much later than `turn` the source may be looked at."""
    if source.jitter_s is not None:
        return timedelta(seconds=source.jitter_s)
    return min(max(turn - at, timedelta()) * _JITTER_SHARE, _JITTER_MOST)


def _cron_after(cron: str, timezone: str, at: datetime) -> datetime:
    """The first turn of a cron line after `at`. The hour that an autumn night has twice counts
    twice for a line of every hour, and once for a line that names hours. What a spring night skips
    comes when the clock has gone forward.
    """
    first = _first(cron, timezone, at, fold=0)
    return (
        min(first, _first(cron, timezone, at, fold=1)) if parse_cron(cron)["hour"] == "*" else first
    )


def _first(cron: str, timezone: str, at: datetime, *, fold: int) -> datetime:
    trigger, zone = _trigger(cron), ZoneInfo(timezone)
    wall = at.astimezone(zone).replace(tzinfo=UTC, fold=0) - _CLOCK_CHANGE
    while True:
        fires_at = trigger.get_next_fire_time(None, wall)
        assert isinstance(fires_at, datetime)  # noqa: S101 - `parse_cron` refuses what never fires
        wall = fires_at
        moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment > at:
            return moment
        wall += timedelta(seconds=1)


@lru_cache(maxsize=256)
def _trigger(cron: str) -> CronTrigger:
    return CronTrigger(**parse_cron(cron), second=0, timezone=UTC)


# --- notices when the clock is set ----------------------------------------------------------------

# NTP corrects by less than this in one step; people and broken hardware change it by more.
_JUMP = timedelta(minutes=1)


class ClockWatch:
    """Compares the wall clock with `steady_s`, for which waking up is no jump."""

    def __init__(self, wall_s: float, steady_s: float) -> None:
        self.wall_s, self.steady_s = wall_s, steady_s

    def jump(self, wall_s: float, steady_s: float) -> timedelta | None:
        """By how much the wall clock was moved since the last look; None if it was not."""
        moved = timedelta(seconds=(wall_s - self.wall_s) - (steady_s - self.steady_s))
        self.wall_s, self.steady_s = wall_s, steady_s
        return moved if abs(moved) > _JUMP else None
