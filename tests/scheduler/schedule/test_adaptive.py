"""Sources with a life of their own, looked at for three weeks as often as they seem to need it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from scheduler.schedule.triggers import (
    FIRST,
    LONGEST,
    LONGEST_ALIVE,
    LONGEST_OFFICIAL,
    SHORTEST,
    longest_wait,
    wait_for,
)
from storage.source import Source, SourceKind
from storage.sources.states import MOST_POLLS
from storage.sources.tables import Poll

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTH = 21 * DAY
FEED = Source("s", SourceKind.FEED, "https://a.example/")


@dataclass(frozen=True)
class Watched:
    """What came of three weeks. The shares are those of looks in the last one, when something was
    published since the look before.
    """

    looks: list[Poll]
    lost: int
    delays: list[timedelta]

    @property
    def last_week(self) -> list[Poll]:
        return [look for look in self.looks if look.at >= MONDAY + 14 * DAY]

    @property
    def shares_known(self) -> list[float]:
        return [1 - look.new / look.offered for look in self.last_week if look.new]


def watch(published: Iterable[datetime], size: int, source: Source = FEED) -> Watched:
    """Looks at a feed of the `size` newest of what was published."""
    times = sorted(published)
    at, seen, looks = MONDAY, set[int](), list[Poll]()
    delays: list[timedelta] = []
    while at < MONDAY + LENGTH:
        offered = [number for number, when in enumerate(times) if when <= at][-size:]
        new = set(offered) - seen
        delays += [at - times[number] for number in new if looks]
        seen |= new
        looks.append(Poll(at, True, len(offered), len(new)))
        at += wait_for(source, looks[-MOST_POLLS:], at)[0]
    first = min(seen, default=0)
    ended = [number for number, when in enumerate(times) if when <= looks[-1].at]
    return Watched(looks, len(set(ended) - seen - set(range(first))), delays)


def every(
    gap: timedelta, hours: tuple[int, ...] = tuple(range(24)), days: int = 7
) -> list[datetime]:
    """Something new each `gap` at these hours of the first `days` days of a week, and before."""
    count = int((LENGTH + 7 * DAY) / gap)
    times = [MONDAY - 7 * DAY + number * gap for number in range(count)]
    return [at for at in times if at.hour in hours and at.weekday() < days]


def by_chance(a_day: float, seed: int = 1) -> list[datetime]:
    chance = random.Random(seed)
    count = round(a_day * 28)
    return [MONDAY + chance.uniform(-7, 21) * DAY for _ in range(count)]


def test_a_source_with_news_all_day_is_half_known_at_each_look() -> None:
    watched = watch(every(timedelta(minutes=10)), size=20)
    assert watched.lost == 0
    assert 1 / 3 <= median(watched.shares_known) <= 2 / 3


@pytest.mark.parametrize("seed", range(5))
def test_chance_loses_nothing_and_costs_few_looks(seed: int) -> None:
    watched = watch(by_chance(100, seed), size=20)
    assert watched.lost == 0
    assert 1 / 3 <= median(watched.shares_known) <= 0.8
    assert len(watched.last_week) <= 1.6 * 7 * 100 / 10  # as many as if half were new each time


def test_an_hourly_source_is_seen_within_hours() -> None:
    watched = watch(every(HOUR), size=20)
    assert watched.lost == 0
    assert sorted(watched.delays)[len(watched.delays) // 2] <= LONGEST_ALIVE / 2
    assert len(watched.last_week) <= 7 * 5


def test_office_hours_are_watched_closely_and_nights_are_not() -> None:
    office = tuple(range(8, 18))
    watched = watch(every(timedelta(minutes=6), office, days=5), size=20)
    last = [look.at for look in watched.last_week if look.at.weekday() < 5]
    by_day = [at for at in last if at.hour in office]
    by_night = [at for at in last if at.hour not in office]
    assert watched.lost <= 20  # of 1,500: in its first hours, when nothing was known of it yet
    assert lost_after(watched) == 0
    assert len(by_day) / len(office) > 3 * len(by_night) / (24 - len(office))


def lost_after(watched: Watched) -> int:
    """How many looks of the last week may have come too late: at which nothing was known."""
    return sum(look.new >= look.offered for look in watched.last_week)


def test_a_short_feed_of_a_busy_site_loses_nothing_once_it_is_known() -> None:
    watched = watch(every(timedelta(minutes=3)), size=10)
    assert lost_after(watched) == 0
    gaps = [b.at - a.at for a, b in zip(watched.last_week, watched.last_week[1:], strict=False)]
    assert all(SHORTEST <= gap <= timedelta(minutes=20) for gap in gaps)


def test_a_weekly_source_is_seen_within_a_day() -> None:
    watched = watch([MONDAY + n * 7 * DAY + 10 * HOUR for n in range(-3, 4)], size=10)
    assert watched.lost == 0
    assert max(watched.delays) <= LONGEST
    assert len(watched.last_week) <= 7 * 5


def test_a_dead_source_is_looked_at_once_a_day() -> None:
    watched = watch([MONDAY - 40 * DAY], size=10)
    assert len(watched.last_week) == 7


def test_a_dead_source_that_wakes_up_is_noticed_within_a_day_and_watched_from_then_on() -> None:
    woken = [MONDAY + 14 * DAY + number * timedelta(minutes=20) for number in range(500)]
    watched = watch([MONDAY - 40 * DAY, *woken], size=80)
    assert watched.lost == 0
    assert len(watched.last_week) > 14


def test_official_sources_are_never_left_alone_for_long() -> None:
    official = Source("s", SourceKind.FEED, "https://a.example/", official=True)
    watched = watch([MONDAY - 40 * DAY], size=10, source=official)
    gaps = {b.at - a.at for a, b in zip(watched.looks, watched.looks[1:], strict=False)}
    assert max(gaps) == LONGEST_OFFICIAL


def test_a_page_does_not_say_how_often_it_changes() -> None:
    assert longest_wait(Source("s", SourceKind.PAGE, "https://a.example/")) == LONGEST_ALIVE


def test_a_new_source_is_looked_at_hourly_until_its_habit_is_known() -> None:
    assert wait_for(FEED, [], MONDAY)[0] == FIRST


def test_looks_that_failed_say_nothing() -> None:
    looks = [Poll(MONDAY + n * HOUR, n % 2 == 0, 10 * (n % 2 == 0), 0) for n in range(100)]
    good = [look for look in looks if look.ok]
    at = MONDAY + 100 * HOUR
    assert wait_for(FEED, looks, at) == wait_for(FEED, good, at)


@pytest.mark.parametrize(
    ("published", "why"),
    [
        ([MONDAY - 40 * DAY], "nothing new for 8 days"),
        (every(HOUR), "about 24 new a day, room for 20"),
    ],
)
def test_it_says_why(published: list[datetime], why: str) -> None:
    watched = watch(published, size=20)
    assert wait_for(FEED, watched.looks, watched.looks[-1].at)[1] == why
