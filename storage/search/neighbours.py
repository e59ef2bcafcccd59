"""Agreements that an editor may want to merge with one, or move a report to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.register.agreements import load_agreements, number
from storage.register.records import Agreement
from storage.register.tables import AgreementParties, Agreements


def neighbours(
    s: Session, parties: Collection[str], on: date | None, *, without: str = "", most: int = 8
) -> list[Agreement]:
    """Return the agreements that share at least two of `parties` (or the only one), at most `most`.

    Those that share more come first, then those whose last day is nearest to `on`. `without` is an
    id that is left out.
    """
    shared = func.count(AgreementParties.party)
    sharing = (
        select(Agreements.id, shared, Agreements.event_date)
        .join(AgreementParties, Agreements.id == AgreementParties.agreement_id)
        .where(AgreementParties.party.in_(sorted(parties)), Agreements.id != number(without))
        .group_by(Agreements.id, Agreements.event_date)
        .having(shared >= min(2, len(parties)))
    )
    by_distance = sorted(
        (-parties_shared, _days_between(day, on), row_id)
        for row_id, parties_shared, day in s.execute(sharing)
    )
    return load_agreements(s, [row_id for *_, row_id in by_distance[:most]])


def _days_between(one: date | None, other: date | None) -> int:
    """Days between two dates; one that is unknown counts as far away from all."""
    if one is None or other is None:
        return (date.max - UNDATED).days
    return abs((one - other).days)
