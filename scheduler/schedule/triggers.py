"""APScheduler's one home: the daemon's ticks, and the date arithmetic of schedules.

Cron arithmetic is done on the local clock as if it were UTC; the time zone is applied to its result. Asked in a zone,
the library's cron trigger leaves out the day after one of 23 hours (docs/decisions/calendar-days.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]  # the package has no hints
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # the same
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]  # the same
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # the same

from spiders.schedule import interval_s, parse_cron
from storage.records import Source

# Clocks are moved by an hour, or half of one; what falls into it is found by looking so far back.
_CLOCK_CHANGE = timedelta(hours=1)

# By default a turn comes up to so much later than it might, so that 154 hourly sources do not come at one minute, and a
# daily one at six still comes at six.
_JITTER_SHARE = 0.1
_JITTER_MOST = timedelta(minutes=10)


class Ticks:
    """Jobs that are called again and again, each in a thread of its own, never beside itself."""

    def __init__(self, every_s: Mapping[str, int], tick: Callable[[str], None]) -> None:
        self._names = tuple(every_s)
        # It warns whenever a tick finds the one before at work, as every long crawl's do.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler: Any = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(every_s))},
            # However late a tick comes, after a suspend or under load, it comes once.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, seconds in every_s.items():
            self._scheduler.add_job(
                tick, "interval", (name,), seconds=seconds, id=name, next_run_time=datetime.now(UTC)
            )

    def start(self) -> None:
        self._scheduler.start()

    def tick_now(self) -> None:
        """Call all jobs now: after the clock was set back they would wait until their old times come round again."""
        for name in self._names:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """No further tick; those at work go on."""
        self._scheduler.shutdown(wait=False)


def turn_after(source: Source, at: datetime, *, wait_s: float | None = None) -> datetime:
    """The first moment after `at` at which the source's schedule has it looked at, without jitter.

    `wait_s`: instead of one interval; of a cron line, the turn nearest to so much later, and not before the next.
    """
    if source.cron is None:
        wait = timedelta(seconds=interval_s(source.every) if wait_s is None else wait_s)
        return _fire(
            IntervalTrigger(seconds=wait.total_seconds(), start_date=at + wait, timezone=UTC), at
        )
    following = _cron_after(source.cron, source.timezone, at)
    if wait_s is None:
        return following
    earliest = at + timedelta(seconds=wait_s) - (following - at) / 2
    return max(following, _cron_after(source.cron, source.timezone, earliest))


def later_by_chance(source: Source, turn: datetime, at: datetime) -> datetime:
    """A turn, planned at `at`, moved by the source's jitter."""
    longest = longest_jitter(source, turn, at)
    if not longest:
        return turn
    jitter_s = longest.total_seconds()
    return _fire(
        IntervalTrigger(days=1, start_date=turn, timezone=UTC, jitter=jitter_s),
        turn - timedelta(seconds=1),
    )


def longest_jitter(source: Source, turn: datetime, at: datetime) -> timedelta:
    """How much later than `turn` the source may be looked at."""
    if source.jitter_s is not None:
        return timedelta(seconds=source.jitter_s)
    return min(max(turn - at, timedelta()) * _JITTER_SHARE, _JITTER_MOST)


def _cron_after(cron: str, timezone: str, at: datetime) -> datetime:
    """The first moment after `at`.

    An hour that an autumn night has twice counts twice for a line of every hour, once for one that names hours; what a
    spring night skips comes when the clock has gone forward.
    """
    first = _first(cron, timezone, at, fold=0)
    return min(first, _first(cron, timezone, at, fold=1)) if parse_cron(cron).hour == "*" else first


def _first(cron: str, timezone: str, at: datetime, *, fold: int) -> datetime:
    trigger, zone = _trigger(cron), ZoneInfo(timezone)
    wall = at.astimezone(zone).replace(tzinfo=UTC, fold=0) - _CLOCK_CHANGE
    while True:
        wall = _fire(trigger, wall)
        found = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if found > at:
            return found
        wall += timedelta(seconds=1)


@lru_cache(maxsize=256)
def _trigger(cron: str) -> CronTrigger:
    fields = parse_cron(cron)
    return CronTrigger(
        minute=fields.minute,
        hour=fields.hour,
        day=fields.day,
        month=fields.month,
        day_of_week=fields.weekday,
        second=0,
        timezone=UTC,
    )


def _fire(trigger: Any, at: datetime) -> datetime:
    """When a trigger fires first, at `at` or after."""
    found = trigger.get_next_fire_time(None, at)
    assert isinstance(found, datetime)  # noqa: S101 - a line that never comes is refused by `parse_cron`
    return found
