"""The names that curators gave to agreements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from storage.database.session import Session
from storage.database.statements import IDS, rows_of
from storage.register.agreements import number
from storage.register.records import PinKind
from storage.register.tables import Decisions, Pins, Reports


def given_names(s: Session, agreement_ids: Iterable[str]) -> dict[str, str]:
    """Return the given names of those of these agreements that have one.

    A name is stored with the reports that the agreement had then. It belongs to the agreement that
    holds most of them today, or to the oldest of several. Of two names the later one counts.
    """
    asked = {number(agreement_id) for agreement_id in agreement_ids}
    homes: dict[int, Any] = {}
    for row in rows_of(s, _HOLDING_NAMED, asked):
        best = homes.get(row.decision_id)
        if best is None or (-row.held, row.agreement_id) < (-best.held, best.agreement_id):
            homes[row.decision_id] = row
    ordered = sorted(homes.items())
    return {f"A{row.agreement_id}": row.value for _, row in ordered if row.agreement_id in asked}


_NAMED = (
    select(Pins.decision_id)
    .join(Reports, Reports.document_id == Pins.document_id)
    .where(Pins.kind == PinKind.NAME, Reports.agreement_id.in_(IDS))
    .correlate(None)
)
_HOLDING_NAMED = (
    select(Pins.decision_id, Pins.value, Reports.agreement_id, func.count().label("held"))
    .join(Reports, Reports.document_id == Pins.document_id)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(Pins.decision_id.in_(_NAMED), Decisions.undone_at.is_(None))
    .group_by(Pins.decision_id, Pins.value, Reports.agreement_id)
)
