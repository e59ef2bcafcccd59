"""Rates, intervals and periods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.schedule.digest_periods import Rate, next_begin, parse_rate, period_at

ZONES = ("Europe/Madrid", "Africa/Casablanca", "Africa/Cairo", "America/New_York")


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("immediately", Rate("immediately")),
        ("Daily  at 7:05", Rate("daily", 7, 5)),
        ("weekly on monday at 07:00", Rate("weekly", 7, 0, weekday=0)),
        ("monthly on 28 at 23:59", Rate("monthly", 23, 59, day=28)),
    ],
)
def test_a_rate_is_read_as_a_person_writes_it(written: str, rate: Rate) -> None:
    assert parse_rate(written) == rate


@pytest.mark.parametrize(
    "written", ["often", "daily at 24:00", "weekly on mondy at 07:00", "monthly on 31 at 07:00"]
)
def test_a_rate_that_cannot_be_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=written):
        parse_rate(written)


def hours(first: datetime, last: datetime) -> Iterator[datetime]:
    while first < last:
        yield first
        first += timedelta(minutes=30)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "written", ["daily at 00:30", "daily at 02:30", "daily at 07:00", "daily at 23:30"]
)
def test_a_year_has_one_period_a_day_that_begins_at_the_written_time(
    zone: str, written: str
) -> None:
    rate, local = parse_rate(written), ZoneInfo(zone)
    begun: dict[str, datetime] = {}
    for now in hours(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 10, tzinfo=UTC)):
        period = period_at(rate, zone, now)
        assert period is not None
        begun.setdefault(period, now)
    first = date(2027, 1, 2)
    assert [day for day in begun if "2027-01-02" <= day < "2028-01-02"] == [
        (first + timedelta(days=count)).isoformat() for count in range(365)
    ]
    late = {
        day: at.astimezone(local).strftime("%H:%M")
        for day, at in begun.items()
        if day >= "2027-01-02"
        and at.astimezone(local).strftime("%H:%M") != f"{rate.hour:02}:{rate.minute:02}"
    }
    # Only a time that the spring night skips may begin at another: one hour on.
    assert all(shown == f"{(rate.hour or 0) + 1:02}:{rate.minute:02}" for shown in late.values())
    assert len(late) <= 1


def test_a_time_that_comes_twice_is_one_period_and_begins_the_first_time() -> None:
    rate = parse_rate("daily at 02:30")
    once, twice = (
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    )
    assert period_at(rate, "Europe/Madrid", once - timedelta(seconds=1)) == "2027-10-30"
    assert (
        period_at(rate, "Europe/Madrid", once)
        == period_at(rate, "Europe/Madrid", twice)
        == "2027-10-31"
    )


@pytest.mark.parametrize(
    ("written", "zone", "begins"),
    [
        ("weekly on tuesday at 07:00", "UTC", "2026-11-24T07:00:00+00:00"),
        ("weekly on tuesday at 07:00", "Europe/Madrid", "2026-12-01T06:00:00+00:00"),
        ("monthly on 24 at 06:30", "UTC", "2026-12-24T06:30:00+00:00"),
        ("hourly", "Asia/Kolkata", "2026-11-24T07:00:00+00:00"),
    ],
)
def test_the_next_period_begins_after_now(written: str, zone: str, begins: str) -> None:
    now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # a Tuesday
    begin = next_begin(parse_rate(written), zone, now)
    assert begin is not None
    assert begin.isoformat() == begins
    assert period_at(parse_rate(written), zone, begin) != period_at(parse_rate(written), zone, now)
    assert next_begin(parse_rate("immediately"), zone, now) is None


def test_weekly_monthly_hourly_and_immediate_periods() -> None:
    now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # a Tuesday
    assert period_at(parse_rate("weekly on tuesday at 07:00"), "UTC", now) == "2026-11-17"
    assert period_at(parse_rate("weekly on tuesday at 07:00"), "Europe/Madrid", now) == "2026-11-24"
    assert period_at(parse_rate("monthly on 25 at 07:00"), "UTC", now) == "2026-10-25"
    assert period_at(parse_rate("hourly"), "Asia/Kolkata", now) == "2026-11-24T06Z"
    assert period_at(parse_rate("immediately"), "UTC", now) is None
