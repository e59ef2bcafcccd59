"""The past as a condition: which steps and documents were there on a day, by each of three clocks,
and which agreements changed their status often.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, false, func, select, true
from sqlalchemy.orm import aliased

from storage.database import sql
from storage.database.session import Session
from storage.filter import Clock, Filter
from storage.register.tables import Agreements, Reports, Steps
from storage.search.tables import SEARCH_ROWS, Condition, Rows


def end_of(day: date) -> datetime:
    """The moment at which a day is over, by UTC."""
    last = min(day, date.max - timedelta(days=1))
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def of_report(reports: type[Reports]) -> Condition:
    same = Steps.agreement_id == reports.agreement_id
    return and_(same, Steps.position == reports.step)


def steps_then(flt: Filter) -> list[Condition]:
    """The conditions that a step was there on the day of the filter's `as_of`, by its clock."""
    if flt.as_of is None:
        return []
    if flt.clock is Clock.STOOD:
        return [Steps.on <= flt.as_of]
    if flt.clock is Clock.PUBLISHED:
        told = select(_TOLD.document_id).where(_TOLD.agreement_id == Steps.agreement_id)
        told = told.where(_TOLD.step == Steps.position, _TOLD_IN.c.id == _TOLD.document_id)
        told = told.where(_TOLD_IN.c.published_on <= flt.as_of)
        return [told.correlate(Steps).exists()]
    return [Steps.learnt_at < end_of(flt.as_of)]


_TOLD, _TOLD_IN = aliased(Reports), SEARCH_ROWS.alias()


def documents_then(flt: Filter, rows: Rows) -> list[Condition]:
    """The conditions that a document was there on the day of `as_of`, by the clock; of how things
    stood, that it tells of a step by then.
    """
    if flt.as_of is None:
        return []
    if flt.clock is Clock.STOOD:
        told = select(_TOLD.document_id).join(Steps, of_report(_TOLD)).where(*steps_then(flt))
        return [rows.id.in_(told)]
    if flt.clock is Clock.PUBLISHED:
        return [rows.published_on <= flt.as_of]
    return [rows.first_seen_at < end_of(flt.as_of)]


def status_known(flt: Filter) -> Any:
    """The status of an agreement, on the day of the filter's `as_of`, if it has one."""
    if flt.as_of is None:
        return Agreements.status
    known = select(Steps.status).where(Steps.agreement_id == Agreements.id)
    known = known.where(Steps.status.is_not(None), *steps_then(flt))
    last = known.order_by(Steps.position.desc()).limit(1)
    return last.correlate(Agreements).scalar_subquery()  # not with steps, where those are joined


def restless(s: Session, flt: Filter) -> Select[int]:
    """The agreements that changed their status as often within 365 days as a filter wants: a step
    whose status is not the one before. The first status that is known is no change, nor is what
    comes behind the step that gave the entry its status (`Agreement.in_doubt`).
    """
    of_step: Any = {"partition_by": Steps.agreement_id, "order_by": Steps.position}
    status, day = Agreements.status, Agreements.event_date
    is_today = true() if flt.as_of is None else false()
    gave = and_(Steps.status == status, Steps.on.is_not_distinct_from(day), is_today)
    last = func.max(case((gave, Steps.position))).over(partition_by=Steps.agreement_id)
    before = func.lag(Steps.status).over(**of_step).label("before")
    stages: Any = select(*_OF_STAGES, before, func.coalesce(last, Steps.position).label("last"))
    stages = stages.join(Agreements, Agreements.id == Steps.agreement_id)
    stages = stages.where(Steps.status.is_not(None), *steps_then(flt)).subquery()
    of_each, at = stages.c.agreement_id, stages.c.position
    first: Any = func.lag(stages.c.on, int(flt.changes or 1) - 1)
    first = first.over(partition_by=of_each, order_by=at).label("first_on")
    changes: Any = select(of_each, stages.c.on, first)
    changes = changes.where(stages.c.before != stages.c.status, at <= stages.c.last).subquery()
    within = sql.days_between(s, changes.c.first_on, changes.c.on) <= _YEAR_DAYS
    return select(changes.c.agreement_id).where(within)


_OF_STAGES = (Steps.agreement_id, Steps.position, Steps.on, Steps.status)
_YEAR_DAYS = 365
