"""Agreements that wait for ratification or entry into force."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.filter import Filter
from storage.register.agreements import load_agreements, number
from storage.register.records import Agreement
from storage.register.tables import Agreements
from storage.search.filtering import agreement_condition


def waiting(
    s: Session,
    flt: Filter,
    limit: int | None = None,
    after: str | None = None,
    *,
    longest_first: bool = False,
) -> list[Agreement]:
    """Return the agreements of a filter that wait, the one signed last first, or the one that waits
    longest. What was signed on an unknown day comes last. `after` is the last one of the page
    before.
    """
    ids = select(Agreements.id).where(_waits(s, flt))
    is_dated, day = Agreements.pending_since > UNDATED, Agreements.pending_since
    if after is not None:
        of_last = Agreements.id == number(after)
        dated = select(is_dated).where(of_last).scalar_subquery()
        since = select(day).where(of_last).scalar_subquery()
        later = tuple_(day, Agreements.id)
        if longest_first:
            same = and_(is_dated == dated, later > tuple_(since, number(after)))
            ids = ids.where(same | (is_dated < dated))
        else:
            ids = ids.where(later < tuple_(since, number(after)))
    order = (
        (is_dated.desc(), day, Agreements.id)
        if longest_first
        else (day.desc(), Agreements.id.desc())
    )
    return load_agreements(s, s.scalars(ids.order_by(*order).limit(limit)).all())


def count_waiting(s: Session, flt: Filter) -> int:
    """Count the agreements of a filter that wait."""
    rows = select(func.count()).select_from(Agreements).where(_waits(s, flt))
    return s.execute(rows).scalar_one()


def _waits(s: Session, flt: Filter) -> ColumnElement[bool]:
    return and_(Agreements.pending_since.is_not(None), agreement_condition(s, flt))
