"""The names that curators gave to agreements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from storage.database.session import Session
from storage.database.statements import IDS, plain, rows_of
from storage.register.agreements import number
from storage.register.records import PinKind
from storage.register.tables import Decisions, Pins, Reports

_PINS, _REPORTS, _DECISIONS = plain(Pins), plain(Reports), plain(Decisions)


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
    select(_PINS.c.decision_id)
    .join(_REPORTS, _REPORTS.c.document_id == _PINS.c.document_id)
    .where(_PINS.c.kind == PinKind.NAME, _REPORTS.c.agreement_id.in_(IDS))
    .correlate(None)
)
_HOLDING_NAMED = (
    select(_PINS.c.decision_id, _PINS.c.value, _REPORTS.c.agreement_id, func.count().label("held"))
    .join(_REPORTS, _REPORTS.c.document_id == _PINS.c.document_id)
    .join(_DECISIONS, _DECISIONS.c.id == _PINS.c.decision_id)
    .where(_PINS.c.decision_id.in_(_NAMED), _DECISIONS.c.undone_at.is_(None))
    .group_by(_PINS.c.decision_id, _PINS.c.value, _REPORTS.c.agreement_id)
)
