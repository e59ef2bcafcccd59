"""How a schedule is written: intervals, cron lines, time zones.

`scheduler.schedule.triggers` computes when that is. The cron syntax is read here and not by the
library that does the arithmetic: there 0 is Monday, everywhere else it is Sunday, and its messages
speak of its own fields.
"""

from __future__ import annotations

import difflib
import re
import time
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

INTERVAL = re.compile(r"([1-9]\d{0,3})(m|h|d)")
DURATION = re.compile(r"(\d{1,4})(s|m|h|d)")
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
AUTO = "auto"  # in place of an interval: as often as the source has something new
CRON_EXAMPLE = "0 6,18 * * mon-fri"

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# As cron counts them; 7 is Sunday again.
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()  # of the values, from `first` on


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("weekday", 0, 7, WEEKDAYS),
)


def interval_s(every: str) -> int:
    """Seconds of an interval such as "30m", "1h" or "1d". Raises ValueError for anything else."""
    return _seconds(INTERVAL, every, "an interval such as 30m, 1h or 1d, nor auto")


def duration_s(written: str) -> int:
    """Seconds of "0m", "90s" or "10m". Raises ValueError for anything else."""
    return _seconds(DURATION, written, "a length of time such as 90s, 10m or 0m")


def _seconds(form: re.Pattern[str], written: str, example: str) -> int:
    match = form.fullmatch(written)
    if match is None:
        raise ValueError(f"{written!r} is not {example}")
    return int(match[1]) * UNIT_S[match[2]]


def steady_s() -> float:
    """Seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def known_time_zone(name: str) -> str:
    """The name of a time zone. Raises ValueError with the nearest name if there is no such zone."""
    try:
        return zoneinfo.ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # OSError: a folder of time zones, such as Europe
        near = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), 1)
        hint = f"did you mean {near[0]}?" if near else "write one like Europe/Madrid"
        raise ValueError(f"{name!r} is not a time zone; {hint}") from None


def parse_cron(written: str) -> dict[str, str]:
    """Reads a line as crontab(5) defines it. Returns minute, hour, day, month and day_of_week, each
    `*` or a list of values; weekdays stand by name. Raises ValueError that says which field is
    wrong. A line that names both days of the month and weekdays is refused: cron runs if either
    fits, other programs if both do.
    """
    fields = written.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"{written!r} is not five fields: minute hour day month weekday, like {CRON_EXAMPLE}"
        )
    minutes, hours, days, months, weekdays = map(_values, _FIELDS, fields)
    if len(days) < 31 and len(weekdays) < 7:
        raise ValueError(
            f"{written!r} names days of the month and weekdays; write * for one of them"
        )
    if not any(day <= _LONGEST[month - 1] for day in days for month in months):
        raise ValueError(f"{written!r} never comes: none of its months has such a day")
    names = "*" if len(weekdays) == 7 else ",".join(WEEKDAYS[number] for number in weekdays)
    times = {"minute": _list(minutes, 60), "hour": _list(hours, 24)}
    return times | {"day": _list(days, 31), "month": _list(months, 12), "day_of_week": names}


def _list(values: Sequence[int], all_of_them: int) -> str:
    return "*" if len(values) == all_of_them else ",".join(map(str, values))


def _values(field: _Field, written: str) -> list[int]:
    found = {value for item in written.split(",") for value in _range(field, item)}
    return sorted({value % 7 for value in found} if _is_weekday(field) else found)


def _range(field: _Field, item: str) -> Sequence[int]:
    """The values of `*`, `5`, `1-5`, `*/15` or `8-18/2`."""
    span, _, step = item.partition("/")
    begin, dash, end = span.partition("-")
    if step and not (step.isdecimal() and int(step) > 0 and (dash or span == "*")):
        raise ValueError(f"{field.name} {item!r} is not a step such as */15 or 8-18/2")
    if span == "*":
        values: Sequence[int] = range(field.first, 7 if _is_weekday(field) else field.last + 1)
    elif dash:
        values = _between(field, _value(field, begin), _value(field, end), item)
    else:
        values = [_value(field, span)]
    return values[:: int(step)] if step else values


def _between(field: _Field, first: int, last: int, item: str) -> Sequence[int]:
    if first <= last:
        return range(first, last + 1)
    if _is_weekday(field):  # fri-mon
        return range(first, last + 7 + 1)
    raise ValueError(
        f"{field.name} {item!r} goes backwards; write {first}-{field.last},{field.first}-{last}"
    )


def _value(field: _Field, written: str) -> int:
    if written in field.names:
        return field.names.index(written) + field.first
    if written.isdecimal() and field.first <= int(written) <= field.last:
        return int(written)
    names = f", or {field.names[0]} to {field.names[-1]}" if field.names else ""
    raise ValueError(
        f"{field.name} {written!r} is not a number from {field.first} to {field.last}{names}"
    )


def _is_weekday(field: _Field) -> bool:
    return field.names is WEEKDAYS
