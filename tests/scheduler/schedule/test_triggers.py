"""The turns of schedules: on days when clocks change, with jitter, and far apart."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES  # type: ignore[import-untyped]  # the package has no hints

from scheduler.schedule.ticks import Ticks
from scheduler.schedule.triggers import later_by_chance, turn_after
from storage.source import Source, SourceKind

HOUR = timedelta(hours=1)


def source(
    cron: str | None = None,
    timezone: str = "UTC",
    *,
    every: str = "1h",
    jitter_s: int | None = None,
) -> Source:
    return Source(
        "s",
        SourceKind.FEED,
        "https://a.example/",
        every=every,
        cron=cron,
        timezone=timezone,
        jitter_s=jitter_s,
    )


def turns(cron: str, timezone: str, after: str, count: int) -> list[str]:
    """The next turns, as the local clock shows them."""
    zone, found = ZoneInfo(timezone), []
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        at = turn_after(source(cron, timezone), at)
        found.append(at.astimezone(zone).strftime("%a %d %H:%M%z"))
    return found


def test_an_interval_is_counted_from_the_last_poll() -> None:
    at = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert turn_after(source(every="1d"), at) == at + timedelta(days=1)


def test_a_cron_line_is_read_in_its_time_zone_and_goes_by_weekdays() -> None:
    assert turns("0 6,18 * * mon-fri", "Europe/Madrid", "2026-11-27T06:00", 3) == [
        "Fri 27 18:00+0100",
        "Mon 30 06:00+0100",
        "Mon 30 18:00+0100",
    ]


def test_the_day_after_one_of_23_hours_is_not_left_out() -> None:
    assert turns("30 0 * * *", "Europe/Madrid", "2027-03-27T12:00", 3) == [
        "Sun 28 00:30+0100",
        "Mon 29 00:30+0200",
        "Tue 30 00:30+0200",
    ]


def test_a_time_that_a_spring_night_skips_comes_once_when_the_clock_has_gone_forward() -> None:
    assert turns("30 2 * * *", "Europe/Madrid", "2027-03-27T12:00", 2) == [
        "Sun 28 03:30+0200",
        "Mon 29 02:30+0200",
    ]


def test_a_time_that_an_autumn_night_has_twice_comes_once() -> None:
    assert turns("30 2 * * *", "Europe/Madrid", "2027-10-30T12:00", 2) == [
        "Sun 31 02:30+0200",
        "Mon 01 02:30+0100",
    ]


def test_every_hour_is_every_hour_in_an_autumn_night_too() -> None:
    assert turns("0 * * * *", "Europe/Madrid", "2027-10-30T23:30", 4) == [
        "Sun 31 02:00+0200",
        "Sun 31 02:00+0100",
        "Sun 31 03:00+0100",
        "Sun 31 04:00+0100",
    ]


@pytest.mark.parametrize(
    "zone", ["Europe/Madrid", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]
)
@pytest.mark.parametrize("cron", ["30 0 * * *", "30 2 * * *"])
def test_a_daily_line_has_one_turn_on_each_day_of_a_year(zone: str, cron: str) -> None:
    at, days = datetime(2027, 1, 1, tzinfo=UTC), []
    while at.year == 2027:
        at = turn_after(source(cron, zone), at)
        days.append(at.astimezone(ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= 365


def test_a_leap_day_is_found_years_ahead() -> None:
    assert turn_after(source("0 0 29 2 *"), datetime(2096, 3, 1, tzinfo=UTC)) == datetime(
        2104, 2, 29, tzinfo=UTC
    )


def test_jitter_makes_a_turn_later_by_chance_and_never_earlier() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    timedeltas = {
        later_by_chance(source(jitter_s=300), at + HOUR, at) - at - HOUR for _ in range(50)
    }
    assert all(timedelta() <= extra <= timedelta(minutes=5) for extra in timedeltas)
    assert max(timedeltas) - min(timedeltas) > timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wait", "longest"), [(HOUR, 6), (timedelta(days=1), 10), (timedelta(minutes=1), 0.1)]
)
def test_without_a_setting_jitter_is_a_tenth_of_the_wait_and_ten_minutes_at_most(
    wait: timedelta, longest: float
) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    timedeltas = [later_by_chance(source(), at + wait, at) - at - wait for _ in range(100)]
    assert 0 < max(timedeltas) / timedelta(minutes=1) <= longest
    assert max(timedeltas) > 0.6 * timedelta(minutes=longest)


def test_no_jitter_is_none() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert later_by_chance(source(jitter_s=0), at + HOUR, at) == at + HOUR


def test_a_job_that_lasts_longer_than_its_tick_is_never_beside_itself_and_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    at_work, most, quick, release, missed = (
        0,
        0,
        threading.Event(),
        threading.Event(),
        threading.Semaphore(0),
    )

    def tick(name: str) -> None:
        nonlocal at_work, most
        if name == "quick":
            quick.set()
            return
        at_work += 1
        most = max(most, at_work)
        release.wait()
        at_work -= 1

    ticks = Ticks({"slow": 1, "quick": 3600}, tick)
    ticks._scheduler.add_listener(lambda _: missed.release(), EVENT_JOB_MAX_INSTANCES)
    ticks.start()
    quick.wait()
    quick.clear()
    ticks.tick_now()
    quick.wait()
    for _ in range(2):
        missed.acquire()  # a tick that found the one before at work
    release.set()
    ticks.stop()
    assert most == 1
    assert [record.message for record in caplog.records] == []
