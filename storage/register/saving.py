"""Storing the agreements of a block that was partitioned again, under the ids that they have, and
finding what is news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, case, delete, func, insert, select, update

from storage.database import sql
from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.documents.verdicts import party_codes
from storage.records import NewsKind
from storage.register.agreements import agreements_with, number
from storage.register.entry import Agreement, Report, Step, documents_of
from storage.register.tables import (
    AgreementCodes,
    AgreementParties,
    Agreements,
    AgreementTopics,
    Aliases,
    Reports,
    Steps,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch changed in the register, or in one document.

    `document_ids` are the reports that are new to the register. There are none if known reports of
    a step were only grouped differently. For a document that stands in no agreement (a near miss,
    for instance), `agreement` holds the document's card, with the id "". `detail`
    distinguishes two changes of one document.
    """

    agreement: Agreement
    kind: NewsKind
    step: Step | None
    document_ids: tuple[int, ...]
    detail: str = ""


def changes_of(
    agreement: Agreement, known: Collection[int], accounts: Collection[Hashable]
) -> list[Change]:
    """Return what is news about an agreement. `known` are the documents, and `accounts` the
    accounts of steps (see `account_of`), that were in the register before. A step is also a change,
    without new reports, if all its reports were known but stood in other steps or agreements.
    """
    is_new = documents_of(agreement).isdisjoint(known)
    changes = []
    for step in agreement.history:
        fresh = tuple(document for document in step.document_ids if document not in known)
        if fresh or account_of(agreement, step) not in accounts:
            kind = NewsKind.NEW_REPORT
            if len(fresh) == len(step.document_ids):
                kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
            changes.append(Change(agreement, kind, step, fresh))
    mentions = tuple(document for document in agreement.mentions if document not in known)
    if mentions:
        changes.append(Change(agreement, NewsKind.NEW_REPORT, None, mentions))
    return changes


def account_of(agreement: Agreement, step: Step) -> Hashable:
    """Return which reports are of a step, with everything about it that filters look at."""
    facts = (agreement.parties, agreement.topics, agreement.instrument)
    vouched = (agreement.grade, agreement.grade_basis, agreement.text_state)
    days = (step.on, step.expected_on)
    return (frozenset(step.document_ids), step.status, *days, *facts, *vouched)


class Stood(NamedTuple):
    """The agreements that held the reports of a block, and by document the ids of the agreements
    before a decision that was undone: an agreement gets such an id back if it is free.
    """

    agreements: Sequence[Agreement]
    former: Mapping[int, str] = MappingProxyType({})


def save(
    s: Session,
    block_reports: Sequence[Report],
    agreements: Sequence[Agreement],
    now: datetime,
    stood: Stood | None = None,
) -> list[Change]:
    """Replace the agreements that held the reports of a block by these, and return what is news.

    `block_reports` are the reports that were partitioned: whole agreements. Reports that `stood` in
    those agreements but are missing here have become irrelevant and leave the register. A link may
    name a document of the other agreement ("D17"). Only what differs is written.
    """
    if stood is None:
        stood = Stood(agreements_with(s, {report.document_id for report in block_reports}))
    before, former = stood
    held = {number(agreement.id): documents_of(agreement) for agreement in before}
    free_ids = _free(s, former, held)
    after_ids, merged, gone = succeed(held, list(map(documents_of, agreements)), free_ids)
    ids = [old_id if old_id in held else _mint(s, now, old_id) for old_id in after_ids]
    unlinked = [replace(new, id=f"A{row_id}") for new, row_id in zip(agreements, ids, strict=True)]
    after = _linked(s, unlinked)
    _write(s, before, after, block_reports, now)
    for old_id, heir in merged.items():
        row_id = ids[heir]
        sql.change(s, Aliases, Aliases.agreement_id == old_id, agreement_id=row_id)
        sql.put(s, Aliases, alias=old_id, agreement_id=row_id)
    for chunk in sql.chunks([*merged, *gone]):
        sql.remove(s, Agreements, Agreements.id.in_(chunk))
    write_codes(s, after, block_reports)
    known = set[int]().union(*held.values())
    accounts = {account_of(agreement, step) for agreement in before for step in agreement.history}
    return [change for agreement in after for change in changes_of(agreement, known, accounts)]


def _write(
    s: Session,
    before: Iterable[Agreement],
    after: Iterable[Agreement],
    reports: Iterable[Report],
    now: datetime,
) -> None:
    """Write the agreements that are not stored as they are now."""
    stored = {agreement.id: agreement for agreement in before}
    differing = [agreement for agreement in after if stored.get(agreement.id) != agreement]
    if not differing:
        return
    listed = {report.document_id: _listed_on(report) for report in reports}
    rows = [
        _agreement_row(agreement, _last_reported_on(agreement, listed), now)
        for agreement in differing
    ]
    s.execute(_UPDATE_AGREEMENT, rows)
    write_parts(s, [(stored.get(agreement.id), agreement) for agreement in differing])


_VOUCHED = ("grade", "grade_basis", "grade_by", "grade_at", "text_state", "text_document_id")


def set_vouched(s: Session, agreement: Agreement, now: datetime) -> None:
    """Store how sure an agreement is, and its text, which is all that has changed of it."""
    values = {name: getattr(agreement, name) for name in _VOUCHED} | {"changed_at": now}
    s.execute(_UPDATE_AGREEMENT, {"row_id": number(agreement.id), **values})


# --- ids ----------------------------------------------------------------------------------------


def _free(s: Session, former: Mapping[int, str], held: Collection[int]) -> dict[int, int]:
    """Return, by document, the former ids that no agreement outside of the block has today."""
    wanted = {document_id: number(agreement_id) for document_id, agreement_id in former.items()}
    existing = sql.values_among(s, Agreements.id, Agreements.id, set(wanted.values()))
    taken = existing - set(held)
    return {document_id: row_id for document_id, row_id in wanted.items() if row_id not in taken}


def _mint(s: Session, now: datetime, former_id: int | None = None) -> int:
    """Insert an empty agreement, with `former_id` under that id again; return its row id."""
    empty = ("parties", "topics", "reasons", "doubts", "links")
    times = {"last_reported_on": now.date(), "minted_at": now, "changed_at": now}
    row: dict[str, Any] = {"title": "", "grade_by": "", **times} | {name: [] for name in empty}
    if former_id is not None:
        sql.remove(s, Aliases, Aliases.alias == former_id)
        row["id"] = former_id
    return int(s.execute(_INSERT_AGREEMENT, row).scalar_one())


_INSERT_AGREEMENT = insert(Agreements).returning(Agreements.id)
_UPDATE_AGREEMENT = update(Agreements).where(Agreements.id == bindparam("row_id"))


# --- links --------------------------------------------------------------------------------------


def _linked(s: Session, agreements: list[Agreement]) -> list[Agreement]:
    """Replace links to documents by links to the agreements that hold them."""
    home = {
        f"D{document}": agreement.id
        for agreement in agreements
        for document in documents_of(agreement)
    }
    targets = {target for agreement in agreements for _, target in agreement.links}
    elsewhere = {target for target in targets if target.startswith("D")} - home.keys()
    documents = [int(target[1:]) for target in elsewhere]
    homes = sql.values_by(s, Reports.document_id, Reports.agreement_id, documents)
    home |= {f"D{document}": f"A{row_id}" for document, row_id in homes.items()}
    return [_relinked(agreement, home) for agreement in agreements]


def _relinked(agreement: Agreement, home: Mapping[str, str]) -> Agreement:
    if not agreement.links:
        return agreement
    links = tuple((kind, home.get(target, target)) for kind, target in agreement.links)
    return replace(agreement, links=links)


# --- rows ---------------------------------------------------------------------------------------


def _listed_on(report: Report) -> date:
    """Return the day that lists sort by. A day of publication in the future is the page's error."""
    return min(report.published_on, report.seen_on) if report.published_on else UNDATED


def _last_reported_on(agreement: Agreement, listed: Mapping[int, date]) -> date:
    """Return the last day of publication; if no report has one, the last day of a step."""
    reported_on = max(listed[document] for document in documents_of(agreement))
    if reported_on != UNDATED:
        return reported_on
    days = [step.on for step in agreement.history if step.on is not None]
    return max(days, default=UNDATED)


def _agreement_row(agreement: Agreement, last_reported_on: date, now: datetime) -> dict[str, Any]:
    return {name: getattr(agreement, name) for name in _SAME_NAME} | {
        "row_id": number(agreement.id),
        "last_reported_on": last_reported_on,
        "listed_only": agreement.is_only_listed,
        "changed_at": now,
    }


# The columns of an agreement that have the names of its fields.
_SAME_NAME = [
    column.name
    for column in sql.plain(Agreements).columns
    if column.name != "id" and hasattr(Agreement, column.name)
]


# --- which stored agreement each newly partitioned one continues ----------------------------------

_NOTHING: Mapping[int, int] = MappingProxyType({})


def succeed(
    before: Mapping[int, Set[int]], after: Sequence[Set[int]], former: Mapping[int, int] = _NOTHING
) -> tuple[list[int | None], dict[int, int], list[int]]:
    """Match the agreements before (id -> documents) with those after (documents, in order): (the id
    that each of these keeps, None if it is new; each id that ends, with the index of the agreement
    that took most of its reports; the ids of agreements that have no report left).

    An agreement keeps the oldest of the ids whose reports it holds. If an agreement was split, the
    part with most of its reports keeps its id, or the first of several. `former` maps documents to
    the ids they had before a decision that was undone; these ids take precedence.
    """
    ids = _given_back(after, former)
    merged: dict[int, int] = {}
    gone: list[int] = []
    homes: dict[int, list[int]] = {}
    for index, documents in enumerate(after):
        for document_id in documents:
            homes.setdefault(document_id, []).append(index)
    for old_id in sorted(before):
        shared = Counter(
            index for document_id in before[old_id] for index in homes.get(document_id, ())
        )
        heirs = sorted(shared)
        free = [index for index in heirs if ids[index] is None]
        if old_id in ids:
            continue
        if free:
            ids[max(free, key=shared.__getitem__)] = old_id
        elif heirs:
            merged[old_id] = max(heirs, key=shared.__getitem__)
        else:
            gone.append(old_id)
    return ids, merged, gone


def _given_back(after: Sequence[Set[int]], former: Mapping[int, int]) -> list[int | None]:
    """Assign each former id to the agreement with most of the reports that once had it."""
    ids: list[int | None] = [None] * len(after)
    for old_id in sorted(set(former.values())):
        stood = {document_id for document_id, former_id in former.items() if former_id == old_id}
        shared = {
            index: len(stood & documents)
            for index, documents in enumerate(after)
            if ids[index] is None
        }
        best = max(shared, key=shared.__getitem__, default=None)
        if best is not None and shared[best]:
            ids[best] = old_id
    return ids


# --- the rows that belong to an agreement ---------------------------------------------------------

_AGREEMENTS, _DOCUMENTS = sql.plain(Agreements), sql.plain(Documents)
_STEPS, _REPORTS = sql.plain(Steps), sql.plain(Reports)
_PARTIES, _TOPICS, _CODES = (
    sql.plain(AgreementParties),
    sql.plain(AgreementTopics),
    sql.plain(AgreementCodes),
)


def write_parts(s: Session, changed: Iterable[tuple[Agreement | None, Agreement]]) -> None:
    """Write steps, reports, parties and topics where they differ from what was stored."""
    stale: dict[Table, list[int]] = {}
    fresh: dict[Table, list[dict[str, Any]]] = {}
    for before, after in changed:
        old = _parts(before) if before is not None else {}
        for table, rows in _parts(after).items():
            if rows != old.get(table, []):
                fresh.setdefault(table, []).extend(rows)
                stale.setdefault(table, []).extend([number(after.id)] if old.get(table) else [])
    for table, ids in stale.items():
        sql.for_all(s, _CLEAR[table], ids)
    for table, rows in fresh.items():
        if rows:
            s.execute(_FILL[table], rows)
    moved = {row["agreement_id"] for table in (_STEPS, _REPORTS) for row in fresh.get(table, [])}
    sql.for_all(s, _SET_LEARNT, moved)


_CLEAR = {
    table: delete(table).where(table.c.agreement_id.in_(sql.IDS))
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
    .where(_STEPS.c.agreement_id.in_(sql.IDS))
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
    same = {name: getattr(step, name) for name in ("status", "on", "quote", "expected_on")}
    return {"agreement_id": row_id, "position": position, **same}


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
    """Write the codes by which reports of the same days find agreements, where they differ."""
    named = {report.document_id: party_codes(report.card) for report in reports}
    codes = {
        number(agreement.id): {code for one in documents_of(agreement) for code in named[one]}
        for agreement in agreements
    }
    stored = sql.all_values_by(s, AgreementCodes.agreement_id, AgreementCodes.code, codes)
    differing = [row_id for row_id, mine in codes.items() if mine != {*stored.get(row_id, ())}]
    sql.for_all(s, _DELETE_CODES, differing)
    rows = [
        {"agreement_id": row_id, "code": code}
        for row_id in differing
        for code in sorted(codes[row_id])
    ]
    if rows:
        s.execute(insert(_CODES), rows)


_DELETE_CODES = delete(_CODES).where(_CODES.c.agreement_id.in_(sql.IDS))
