"""The rows that belong to an agreement: steps, reports, parties, topics and codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, case, delete, func, insert, select, update

from storage.database.session import Session
from storage.database.statements import IDS, for_all, plain, rows_of
from storage.documents.tables import Documents
from storage.documents.verdict_rows import party_codes
from storage.register.agreements import number
from storage.register.records import Agreement, Report, Step, documents_of
from storage.register.tables import (
    AgreementCodes,
    AgreementParties,
    Agreements,
    AgreementTopics,
    Reports,
    Steps,
)

_AGREEMENTS, _DOCUMENTS = plain(Agreements), plain(Documents)
_STEPS, _REPORTS = plain(Steps), plain(Reports)
_PARTIES, _TOPICS, _CODES = plain(AgreementParties), plain(AgreementTopics), plain(AgreementCodes)


def write_parts(s: Session, changed: Iterable[tuple[Agreement | None, Agreement]]) -> None:
    """Write steps, reports, parties and topics where they differ.

    `changed` pairs each agreement, as it was stored (None if it is new), with what it is now.
    """
    stale: dict[Table, list[int]] = {}
    fresh: dict[Table, list[dict[str, Any]]] = {}
    for before, after in changed:
        old = _parts(before) if before is not None else {}
        for table, rows in _parts(after).items():
            if rows != old.get(table, []):
                fresh.setdefault(table, []).extend(rows)
                stale.setdefault(table, []).extend([number(after.id)] if old.get(table) else [])
    for table, ids in stale.items():
        for_all(s, _CLEAR[table], ids)
    for table, rows in fresh.items():
        if rows:
            s.execute(_FILL[table], rows)
    moved = {row["agreement_id"] for table in (_STEPS, _REPORTS) for row in fresh.get(table, [])}
    for_all(s, _SET_LEARNT, moved)


_CLEAR = {
    table: delete(table).where(table.c.agreement_id.in_(IDS))
    for table in (_STEPS, _REPORTS, _PARTIES, _TOPICS)
}
_FILL = {table: insert(table) for table in _CLEAR}

_FIRST = select(func.min(_REPORTS.c.document_id)).where(
    _REPORTS.c.agreement_id == _STEPS.c.agreement_id, _REPORTS.c.step == _STEPS.c.position
)
_SEEN, _MINTED = _DOCUMENTS.c.first_seen_at, _AGREEMENTS.c.minted_at
LEARNT = (  # of a step
    select(case((_SEEN > _MINTED, _SEEN), else_=_MINTED))
    .join_from(
        _AGREEMENTS, _DOCUMENTS, _DOCUMENTS.c.id == _FIRST.correlate(_STEPS).scalar_subquery()
    )
    .where(_AGREEMENTS.c.id == _STEPS.c.agreement_id)
)
_SET_LEARNT = (
    update(_STEPS)
    .where(_STEPS.c.agreement_id.in_(IDS))
    .values(learnt_at=LEARNT.correlate(_STEPS).scalar_subquery())
)


def _parts(agreement: Agreement) -> dict[Table, list[dict[str, Any]]]:
    row_id = number(agreement.id)
    parties, topics = dict.fromkeys(agreement.parties), dict.fromkeys(agreement.topics)
    steps = enumerate(agreement.history)
    return {
        _STEPS: [_step_row(row_id, position, step) for position, step in steps],
        _REPORTS: _report_rows(row_id, agreement),
        _PARTIES: [{"agreement_id": row_id, "party": code} for code in parties],
        _TOPICS: [{"agreement_id": row_id, "topic": topic} for topic in topics],
    }


def _step_row(row_id: int, position: int, step: Step) -> dict[str, Any]:
    return {
        "agreement_id": row_id,
        "position": position,
        "status": step.status,
        "on": step.on,
        "quote": step.quote,
        "expected_on": step.expected_on,
    }


def _report_rows(row_id: int, agreement: Agreement) -> list[dict[str, Any]]:
    places: list[tuple[int | None, Sequence[int]]] = [
        *((position, step.document_ids) for position, step in enumerate(agreement.history)),
        (None, agreement.mentions),
    ]
    listed = {*agreement.listed}
    return [
        {
            "agreement_id": row_id,
            "document_id": document,
            "step": step,
            "position": position,
            "listed": document in listed,
        }
        for step, documents in places
        for position, document in enumerate(documents)
    ]


def write_codes(s: Session, agreements: Iterable[Agreement], reports: Iterable[Report]) -> None:
    """Write the codes by which reports of the same days find each agreement.

    They may change although nothing else of the agreement does.
    """
    named = {report.document_id: party_codes(report.card) for report in reports}
    codes = {
        number(agreement.id): {code for one in documents_of(agreement) for code in named[one]}
        for agreement in agreements
    }
    stored: dict[int, set[str]] = {}
    for row in rows_of(s, _CODES_OF, codes):
        stored.setdefault(row.agreement_id, set()).add(row.code)
    differing = [row_id for row_id, mine in codes.items() if mine != stored.get(row_id, set())]
    for_all(s, _DELETE_CODES, differing)
    rows = [
        {"agreement_id": row_id, "code": code}
        for row_id in differing
        for code in sorted(codes[row_id])
    ]
    if rows:
        s.execute(insert(_CODES), rows)


_CODES_OF = select(_CODES.c.agreement_id, _CODES.c.code).where(_CODES.c.agreement_id.in_(IDS))
_DELETE_CODES = delete(_CODES).where(_CODES.c.agreement_id.in_(IDS))
