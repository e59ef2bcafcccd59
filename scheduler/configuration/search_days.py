"""What "last year", "Monday" or "five years" in the words of a search mean today."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial


def end_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _year(back: int) -> tuple[date, date]:
    year = datetime.now(UTC).year - back
    return date(year, 1, 1), date(year, 12, 31)


def _month(back: int) -> tuple[date, date]:
    last = datetime.now(UTC).date().replace(day=1) - timedelta(days=back)
    return last.replace(day=1), end_of(last.year, last.month)


def _week() -> tuple[date, date]:
    return _weekday(0)[0], _weekday(0)[0] + timedelta(days=6)


def _weekday(number: int) -> tuple[date, date]:
    """The last Monday (0), Tuesday ... that has come."""
    today = datetime.now(UTC).date()
    day = today - timedelta(days=(today.weekday() - number) % 7)
    return day, day


def back(number: int, unit: str) -> tuple[date, date]:
    """From so many days, weeks, months, years or decades ago on."""
    return _moved(-number, unit), date.max


def ahead(number: int, unit: str) -> tuple[date, date]:
    return _moved(0, unit), _moved(number, unit)


def _moved(number: int, unit: str) -> date:
    """Today, so many days, weeks, months, years or decades later."""
    today = datetime.now(UTC).date()
    if unit in ("days", "weeks"):
        return today + timedelta(days=number * (7 if unit == "weeks" else 1))
    months = number * {"months": 1, "years": 12, "decades": 120}[unit]
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    year = max(year, 1)
    return date(year, month + 1, min(today.day, end_of(year, month + 1).day))


# What "last year" and the like mean today.
PERIODS: Mapping[str, Callable[[], tuple[date, date]]] = {
    "this_year": partial(_year, 0),
    "last_year": partial(_year, 1),
    "this_week": partial(_week),
    "this_month": partial(_month, 0),
    "last_month": partial(_month, 1),
    **{f"past_{unit}": partial(back, 1, f"{unit}s") for unit in ("week", "month", "year")},
    **{f"weekday_{number}": partial(_weekday, number) for number in range(7)},
    "past_decade": partial(back, 1, "decades"),
}
