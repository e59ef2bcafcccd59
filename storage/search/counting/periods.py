"""How many agreements of a selection have a step in each year, or month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import distinct, extract, func, select

from storage.database.session import Session
from storage.filter import Filter
from storage.register.tables import Agreements, Steps
from storage.search.filtering import agreement_condition

Counts = Sequence[tuple[int, int]]


def steps_by_year(s: Session, flt: Filter) -> Counts:
    """Return the years in which agreements of a filter have steps, and how many: (2026, 12).

    Only steps within the days of the filter count; an agreement counts once a year.
    """
    return _counted(s, flt, extract("year", Steps.on))


def steps_by_month(s: Session, flt: Filter) -> Counts:
    """Return the same by months: (202603, 5) for March 2026."""
    return _counted(s, flt, month_of(Steps.on))


def month_of(day: Any) -> Any:
    """Return the SQL number of a day's month, 202603 for March 2026."""
    return extract("year", day) * 100 + extract("month", day)


def _counted(s: Session, flt: Filter, period: Any) -> Counts:
    chosen = select(Agreements.id).where(agreement_condition(s, flt))
    found = chosen.cte("chosen").prefix_with("MATERIALIZED")
    rows = select(period, func.count(distinct(Steps.agreement_id)))
    rows = rows.join(found, found.c.id == Steps.agreement_id).where(Steps.on.is_not(None))
    if flt.since:
        rows = rows.where(Steps.on >= flt.since)
    if flt.until:
        rows = rows.where(Steps.on <= flt.until)
    return [(int(one), n) for one, n in s.execute(rows.group_by(period).order_by(period))]
