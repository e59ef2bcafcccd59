"""When digests are due: pure date arithmetic, with the present moment as an argument.

docs/decisions/calendar-days.md says why calendar days are computed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RATES = (
    '"immediately", "hourly", "daily at 07:00", "weekly on monday at 07:00" '
    'or "monthly on 1 at 07:00"'
)

_RATE = re.compile(
    r"(?:(?P<daily>daily)|weekly on (?P<weekday>[a-z]+)|monthly on (?P<day>\d{1,2}))"
    r" at (?P<hour>\d{1,2}):(?P<minute>\d\d)"
)

# A month, which is the longest period, and one day for a local date that is still to come.
_LONGEST_PERIOD_DAYS = 32


@dataclass(frozen=True, slots=True)
class Rate:
    """A subscription's rate. `hour` is None for "immediately" and "hourly"."""

    name: str
    hour: int | None = None
    minute: int = 0
    weekday: int | None = None
    day: int | None = None


def parse_rate(written: str) -> Rate:
    """Read a rate as a person writes it. Raises ValueError that says what can be written."""
    words = " ".join(written.lower().split())
    if words in ("immediately", "hourly"):
        return Rate(words)
    match = _RATE.fullmatch(words)
    if match is None:
        raise ValueError(f"{written!r} is not a rate; write {RATES}")
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 23 or minute > 59:
        raise ValueError(f"{written!r}: {match['hour']}:{match['minute']} is not a time of day")
    if match["daily"]:
        return Rate("daily", hour, minute)
    if match["weekday"]:
        if match["weekday"] not in WEEKDAYS:
            raise ValueError(
                f"{written!r}: {match['weekday']!r} is not one of {', '.join(WEEKDAYS)}"
            )
        return Rate("weekly", hour, minute, weekday=WEEKDAYS.index(match["weekday"]))
    day = int(match["day"])
    if not 1 <= day <= 28:
        raise ValueError(
            f"{written!r}: the day of a month is from 1 to 28, so that every month has it"
        )
    return Rate("monthly", hour, minute, day=day)


def period_at(rate: Rate, timezone: str, now: datetime) -> str | None:
    """The name of the period to which a digest sent at `now` belongs; None for "immediately".

    A period is named after the local day on which it began. So a period that begins at 02:30 is one
    period in the autumn night that has this time twice, and one in the spring night that skips it:
    it then begins when the clocks have gone forward.
    """
    if rate.name == "immediately":
        return None
    if rate.name == "hourly":
        return now.astimezone(UTC).strftime("%Y-%m-%dT%HZ")
    back = range(0, -_LONGEST_PERIOD_DAYS, -1)
    begins = _begins(rate, timezone, now, back)
    return next(day.isoformat() for day, begin_at in begins if begin_at <= now)


def next_begin(rate: Rate, timezone: str, now: datetime) -> datetime | None:
    if rate.name == "immediately":
        return None
    if rate.name == "hourly":
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    begins = _begins(rate, timezone, now, range(_LONGEST_PERIOD_DAYS))
    return next(begin_at for _, begin_at in begins if begin_at > now)


def _begins(
    rate: Rate, timezone: str, now: datetime, days: Iterable[int]
) -> Iterator[tuple[date, datetime]]:
    """Those of the days, counted from today, on which a period begins, and when: the moment at
    which the local clock first shows the rate's time, or jumps over it.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in days):
        if rate.weekday in (None, day.weekday()) and rate.day in (None, day.day):
            at = time(rate.hour or 0, rate.minute)
            yield day, datetime.combine(day, at, zone).astimezone(UTC)
