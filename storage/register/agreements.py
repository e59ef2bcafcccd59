"""The register as it is stored: blocks of reports out, partitioned agreements in."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from storage.database.base import UNDATED
from storage.database.columns import clean_json
from storage.database.statements import IDS, chunks, for_all, plain, put, rows_of
from storage.documents.verdict_rows import party_codes
from storage.records import Instrument, Status, Topic
from storage.register.records import Agreement, Report, Step
from storage.register.succession import succeed
from storage.register.tables import (
    AgreementCodes,
    AgreementParties,
    Agreements,
    AgreementTopics,
    Aliases,
    RegisterStamp,
    Reports,
    Steps,
)
from storage.telling.records import NewsKind

_AGREEMENTS, _STEPS, _REPORTS = plain(Agreements), plain(Steps), plain(Reports)
_PARTIES, _TOPICS, _CODES = plain(AgreementParties), plain(AgreementTopics), plain(AgreementCodes)


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch did to the register, or to one document.

    `document_ids` are the reports that are new to the register: none, where a step's reports were only put together
    in another way. `agreement` holds the card of a document
    that stands in none (near misses; id ""). `detail` tells two changes of one document apart.
    """

    agreement: Agreement
    kind: NewsKind
    step: Step | None
    document_ids: tuple[int, ...]
    detail: str = ""


def save(
    s: Session,
    block_reports: Sequence[Report],
    agreements: Sequence[Agreement],
    now: datetime,
    *,
    dropped: Collection[int] = (),
    before: Sequence[Agreement] | None = None,
    former: Mapping[int, str] | None = None,
) -> list[Change]:
    """Store the agreements of a block in place of those that held its reports; what is news about it.

    `block_reports` is what was partitioned, whole agreements; reports missing from it that stood in these
    agreements, and the documents `dropped`, have become irrelevant and leave the register. A link may name
    a document ("D17") of the other agreement. `before`: the agreements that these documents stand in, where they have
    been read already. `former`: under which ids documents stood before a decision that was undone. Only what differs is
    written.
    """
    documents = {report.document_id for report in block_reports}
    if before is None:
        before = load_agreements(s, agreement_ids(s, documents.union(dropped)))
    held = {number(agreement.id): documents_of(agreement) for agreement in before}
    known = set[int]().union(*held.values())
    given_back = _free(s, former or {}, held)
    succession = succeed(held, [documents_of(agreement) for agreement in agreements], given_back)
    ids = [old_id if old_id in held else _mint(s, now, old_id) for old_id in succession.ids]
    numbered = _linked(
        s, [replace(new, id=f"A{row_id}") for new, row_id in zip(agreements, ids, strict=True)]
    )
    stored = {agreement.id: agreement for agreement in before}
    listed = {report.document_id: _listed_on(report) for report in block_reports}
    differing = [agreement for agreement in numbered if stored.get(agreement.id) != agreement]
    if differing:
        rows = [_agreement_row(one, _last_reported_on(one, listed), now) for one in differing]
        s.execute(_UPDATE_AGREEMENT, rows)
        _write_parts(s, [(stored.get(agreement.id), agreement) for agreement in differing])
    for old_id, heir in succession.merged.items():
        _redirect(s, old_id, ids[heir])
    _remove(s, [*succession.merged, *succession.gone])
    _write_codes(s, numbered, block_reports)
    stood = {_account(agreement, step) for agreement in before for step in agreement.history}
    return [change for agreement in numbered for change in changes_of(agreement, known, stood)]


def changes_of(
    agreement: Agreement, known: Collection[int], stood: Collection[Hashable]
) -> list[Change]:
    """What is news about an agreement, where the documents `known` and the accounts `stood` were in the register.

    A step whose reports are all known, but were put together in another way, is a change without new reports.
    """
    is_new = not documents_of(agreement) & set(known)
    changes = []
    for step in agreement.history:
        fresh = tuple(document for document in step.document_ids if document not in known)
        if fresh or _account(agreement, step) not in stood:
            kind = NewsKind.NEW_REPORT
            if len(fresh) == len(step.document_ids):
                kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
            changes.append(Change(agreement, kind, step, fresh))
    mentions = tuple(document for document in agreement.mentions if document not in known)
    if mentions:
        changes.append(Change(agreement, NewsKind.NEW_REPORT, None, mentions))
    return changes


def _account(agreement: Agreement, step: Step) -> Hashable:
    """Which reports tell a step, and all that filters ask of it."""
    facts = (agreement.parties, agreement.topics, agreement.instrument, step.status)
    return (frozenset(step.document_ids), *facts)


def resolve(s: Session, agreement_id: str) -> str | None:
    """The id under which an agreement stands today, through merges; None where there is none."""
    row_id = number(agreement_id)
    if s.scalar(select(Agreements.id).where(Agreements.id == row_id)) is not None:
        return f"A{row_id}"
    heir = s.scalar(select(Aliases.agreement_id).where(Aliases.alias == row_id))
    return None if heir is None else f"A{heir}"


def number(agreement_id: str) -> int:
    """17 for "A17"; 0, which no agreement has, for anything else."""
    digits = agreement_id.removeprefix("A").removeprefix("a")
    # Nine digits fit the integer of both databases.
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def documents_of(agreement: Agreement) -> set[int]:
    """All its documents, mentions among them."""
    return {*agreement.document_ids, *agreement.mentions}


def agreement_ids(s: Session, document_ids: Iterable[int]) -> list[int]:
    """Row ids of the agreements that these documents stand in, oldest first."""
    return sorted({row.agreement_id for row in rows_of(s, _HOLDING, document_ids)})


_HOLDING = select(_REPORTS.c.agreement_id).where(_REPORTS.c.document_id.in_(IDS)).distinct()


def load_agreements(s: Session, ids: Iterable[int]) -> list[Agreement]:
    """These agreements, in the order of `ids`; ids that do not exist are left out."""
    ids = list(ids)
    found: dict[int, Agreement] = {}
    for chunk in chunks(ids):
        found |= _load(s, chunk)
    return [found[row_id] for row_id in ids if row_id in found]


def stamp(s: Session) -> str | None:
    """The word that the last change left; None where there was none."""
    return s.scalar(_STAMP)


def restamp(s: Session) -> str:
    """Say that the register, or what it is made of, is another one. Gives the word that says so."""
    word = secrets.token_hex(16)
    put(s, RegisterStamp, "id", {"id": 1, "stamp": word})
    return word


_STAMP = select(plain(RegisterStamp).c.stamp)


# --- reading ------------------------------------------------------------------------------------


def _load(s: Session, ids: Sequence[int]) -> dict[int, Agreement]:
    documents: dict[tuple[int, int | None], list[int]] = {}
    for agreement_id, position, document_id in s.execute(_REPORTS_OF, {"ids": ids}):
        documents.setdefault((agreement_id, position), []).append(document_id)
    histories: dict[int, list[Step]] = {}
    for agreement_id, position, status, on, quote in s.execute(_STEPS_OF, {"ids": ids}):
        told_by = tuple(documents.get((agreement_id, position), ()))
        step = Step(Status(status) if status else None, on, quote, told_by)
        histories.setdefault(agreement_id, []).append(step)
    rows = s.execute(_AGREEMENTS_OF, {"ids": ids})
    return {
        row.id: _agreement(row, histories.get(row.id, []), documents.get((row.id, None), []))
        for row in rows
    }


_REPORTS_OF = (
    select(_REPORTS.c.agreement_id, _REPORTS.c.step, _REPORTS.c.document_id)
    .where(_REPORTS.c.agreement_id.in_(IDS))
    .order_by(_REPORTS.c.agreement_id, _REPORTS.c.position, _REPORTS.c.document_id)
)
_STEPS_OF = (
    select(_STEPS.c.agreement_id, _STEPS.c.position, _STEPS.c.status, _STEPS.c.on, _STEPS.c.quote)
    .where(_STEPS.c.agreement_id.in_(IDS))
    .order_by(_STEPS.c.agreement_id, _STEPS.c.position)
)
_AGREEMENTS_OF = select(_AGREEMENTS).where(_AGREEMENTS.c.id.in_(IDS))


def _agreement(row: Any, history: list[Step], mentions: list[int]) -> Agreement:
    return Agreement(
        id=f"A{row.id}",
        title=row.title,
        parties=tuple(row.parties),
        instrument=Instrument(row.instrument) if row.instrument else None,
        topics=tuple(map(Topic, row.topics)),
        status=Status(row.status) if row.status else None,
        place=row.place,
        event_date=row.event_date,
        history=tuple(history),
        mentions=tuple(mentions),
        reasons=tuple(row.reasons),
        links=tuple((kind, other) for kind, other in row.links),
        first_reported_at=row.first_reported_at,
    )


# --- writing ------------------------------------------------------------------------------------


def _linked(s: Session, agreements: list[Agreement]) -> list[Agreement]:
    """The same, links that name a document led to the agreement that holds it, one of these or a stored one."""
    home = {
        f"D{document}": agreement.id
        for agreement in agreements
        for document in documents_of(agreement)
    }
    named = {
        other for agreement in agreements for _, other in agreement.links if other.startswith("D")
    } - home.keys()
    for row in rows_of(s, _HOMES, [int(other[1:]) for other in named]):
        home[f"D{row.document_id}"] = f"A{row.agreement_id}"
    return [
        replace(
            agreement,
            links=tuple((kind, home.get(other, other)) for kind, other in agreement.links),
        )
        if agreement.links
        else agreement
        for agreement in agreements
    ]


_HOMES = select(_REPORTS.c.document_id, _REPORTS.c.agreement_id).where(
    _REPORTS.c.document_id.in_(IDS)
)


def _free(s: Session, former: Mapping[int, str], held: Collection[int]) -> dict[int, int]:
    """The former ids of documents that no agreement elsewhere has today."""
    wanted = {document_id: number(agreement_id) for document_id, agreement_id in former.items()}
    ids = set(wanted.values())
    elsewhere = {row.id for row in rows_of(s, _EXISTING, ids)} - set(held)
    return {
        document_id: row_id for document_id, row_id in wanted.items() if row_id not in elsewhere
    }


def _mint(s: Session, now: datetime, former_id: int | None = None) -> int:
    """A new agreement; under a former id, which leads to another agreement no more, where one is given."""
    empty: dict[str, Any] = {"title": "", "parties": [], "topics": [], "reasons": [], "links": []}
    row = empty | {"last_reported_on": now.date(), "minted_at": now, "changed_at": now}
    if former_id is not None:
        s.execute(delete(Aliases).where(Aliases.alias == former_id))
        row["id"] = former_id
    return int(s.execute(_INSERT_AGREEMENT, row).scalar_one())


_EXISTING = select(_AGREEMENTS.c.id).where(_AGREEMENTS.c.id.in_(IDS))
_INSERT_AGREEMENT = insert(_AGREEMENTS).returning(_AGREEMENTS.c.id)
_UPDATE_AGREEMENT = update(_AGREEMENTS).where(_AGREEMENTS.c.id == bindparam("row_id"))


def _listed_on(report: Report) -> date:
    """The day that lists sort by; a day of publication in the future is an error of the page."""
    return min(report.published_on, report.seen_on) if report.published_on else UNDATED


def _last_reported_on(agreement: Agreement, listed: Mapping[int, date]) -> date:
    """The last day of publication; where no report has one, the day of the last step that has one."""
    reported_on = max(listed[document] for document in documents_of(agreement))
    if reported_on != UNDATED:
        return reported_on
    return max((step.on for step in agreement.history if step.on is not None), default=UNDATED)


def _agreement_row(agreement: Agreement, last_reported_on: date, now: datetime) -> dict[str, Any]:
    return {
        "row_id": number(agreement.id),
        "title": agreement.title,
        "parties": clean_json(agreement.parties),
        "instrument": agreement.instrument,
        "topics": clean_json(agreement.topics),
        "status": agreement.status,
        "place": agreement.place,
        "event_date": agreement.event_date,
        "first_reported_at": agreement.first_reported_at,
        "last_reported_on": last_reported_on,
        "reasons": clean_json(agreement.reasons),
        "links": clean_json(agreement.links),
        "changed_at": now,
    }


def _write_parts(s: Session, changed: Iterable[tuple[Agreement | None, Agreement]]) -> None:
    """Write the steps, reports, parties and topics of agreements (as stored, as they are now) where they differ."""
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


def _parts(agreement: Agreement) -> dict[Table, list[dict[str, Any]]]:
    row_id = number(agreement.id)
    return {
        _STEPS: [
            _step_row(row_id, position, step) for position, step in enumerate(agreement.history)
        ],
        _REPORTS: _report_rows(row_id, agreement),
        _PARTIES: [
            {"agreement_id": row_id, "party": code} for code in dict.fromkeys(agreement.parties)
        ],
        _TOPICS: [
            {"agreement_id": row_id, "topic": topic} for topic in dict.fromkeys(agreement.topics)
        ],
    }


_CLEAR = {
    table: delete(table).where(table.c.agreement_id.in_(IDS))
    for table in (_STEPS, _REPORTS, _PARTIES, _TOPICS)
}
_FILL = {table: insert(table) for table in _CLEAR}


def _step_row(row_id: int, position: int, step: Step) -> dict[str, Any]:
    return {
        "agreement_id": row_id,
        "position": position,
        "status": step.status,
        "on": step.on,
        "quote": step.quote,
    }


def _report_rows(row_id: int, agreement: Agreement) -> list[dict[str, Any]]:
    places: list[tuple[int | None, Sequence[int]]] = [
        *((position, step.document_ids) for position, step in enumerate(agreement.history)),
        (None, agreement.mentions),
    ]
    return [
        {"agreement_id": row_id, "document_id": document, "step": step, "position": position}
        for step, documents in places
        for position, document in enumerate(documents)
    ]


def _write_codes(s: Session, agreements: Iterable[Agreement], reports: Iterable[Report]) -> None:
    """What the agreements are met by on the days they tell of; it can change where nothing else of them does."""
    named = {report.document_id: party_codes(report.card) for report in reports}
    codes = {
        number(agreement.id): set[str]().union(
            *(named[document] for document in documents_of(agreement))
        )
        for agreement in agreements
    }
    known: dict[int, set[str]] = {}
    for row in rows_of(s, _CODES_OF, codes):
        known.setdefault(row.agreement_id, set()).add(row.code)
    differing = [row_id for row_id, mine in codes.items() if mine != known.get(row_id, set())]
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


def _redirect(s: Session, old_id: int, heir: int) -> None:
    s.execute(update(Aliases).where(Aliases.agreement_id == old_id).values(agreement_id=heir))
    put(s, Aliases, "alias", {"alias": old_id, "agreement_id": heir})


def _remove(s: Session, ids: Sequence[int]) -> None:
    for chunk in chunks(ids):
        s.execute(delete(Agreements).where(Agreements.id.in_(chunk)))
