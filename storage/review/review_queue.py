"""What waits until a person decides whether it reports a step: documents of which the judge was
unsure, and the entries of the register that nobody confirmed yet, by a report of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.documents.texts import load_judgeable
from storage.documents.verdicts import verdict_of
from storage.filter import Filter
from storage.records import Document, Grade, Verdict
from storage.register.decisions import has_pin
from storage.register.entry import PinKind
from storage.register.list_rows import published
from storage.register.tables import AgreementParties, Agreements, Decisions, Pins, Reports
from storage.search.document_rows import (
    OF_WAITING,
    DocumentRow,
    document_row,
    report_rows,
    select_rows,
)
from storage.search.filtering import documents_matching, ruled_out


def queue(s: Session, limit: int | None = None, after: int | None = None) -> list[DocumentRow]:
    """Return what waits, first what an answer would change most in the register.

    First come unconfirmed entries, which a "yes" confirms and a "no" takes away; then documents
    that would make an entry, those that would add to one, and those in which a second reader read
    no step. Of each, what a reader found unclear comes first, then what is nearest to the
    threshold.
    `after` is the document after which the list goes on, whether or not it still waits. The
    `agreement_id` of a row is the unconfirmed entry that it is a report of, if it does not wait
    itself.
    """
    places = list(_entry_places(s, limit if after is None else None))
    if limit is None or len(places) < limit:  # documents come behind the entries
        places = sorted((*places, *_document_places(s)))
    if after is not None:
        last = next(
            (place for place in places if place.document_id == after), _former_place(s, after)
        )
        places = [place for place in places if last is None or place > last]
    shown = places[:limit]
    rows = report_rows(s, [place.document_id for place in shown], *OF_WAITING)
    return [
        replace(rows[place.document_id], agreement_id=place.agreement_id or None)
        for place in shown
        if place.document_id in rows
    ]


def queued(s: Session, document_id: int) -> DocumentRow | None:
    """Return this document, if it waits itself or is a report of an unconfirmed entry."""
    entry = unconfirmed_entry(s, document_id)
    if entry is None and not is_waiting(s, document_id):
        return None
    return replace(report_rows(s, [document_id], *OF_WAITING)[document_id], agreement_id=entry)


def unconfirmed_entry(s: Session, document_id: int) -> str | None:
    """Return the unconfirmed entry that this document is a report of; None if there is none."""
    found = s.scalar(_UNCONFIRMED.where(Reports.document_id == document_id))
    return None if found is None else f"A{found}"


def count_queue(s: Session) -> int:
    return count_waiting(s) + count_entries(s)


def count_entries(s: Session) -> int:
    unconfirmed = select(func.count()).select_from(Agreements).where(*_IS_UNCONFIRMED)
    return int(s.execute(unconfirmed).scalar_one())


# --- the order -----------------------------------------------------------------------------------

_ENTRY, _MAKES, _ADDS, _REFUSED = range(4)  # what an answer would change, the most first


class _Place(NamedTuple):
    """A place in the queue; places are compared from the left."""

    changes: int
    is_clear: bool
    distance: float  # from the threshold of alerts, as probabilities go; without one the largest
    document_id: int
    agreement_id: str = ""


def _entry_places(s: Session, most: int | None) -> Iterator[_Place]:
    """Yield the place of each unconfirmed entry, in order, by its most probable report."""
    for row in s.execute(_BEST_REPORTS.limit(most)):
        yield _Place(_ENTRY, bool(row.is_clear), row.distance, row.id, f"A{row.agreement_id}")


def _document_places(s: Session) -> Iterator[_Place]:
    """Yield the places of the documents of which the judge was unsure."""
    rows = s.execute(_in_queue(_RANKED)).all()
    entries: dict[str, set[int]] = {}
    for party in s.execute(_PARTIES_OF_ENTRIES):
        entries.setdefault(party.party, set()).add(party.agreement_id)
    for row in rows:
        parties = [entries.get(code, set()) for code in row.card.get("parties", ())]
        is_new = bool(parties) and not set.intersection(*parties)
        answer = _answer_of(row)
        changes = _REFUSED if answer == "no" else _MAKES if is_new else _ADDS
        yield _document_place(row, changes)


def _former_place(s: Session, document_id: int) -> _Place | None:
    """The place of a document that waits no longer, as far as it is known."""
    row = s.execute(_judged(_RANKED).where(Documents.id == document_id)).one_or_none()
    if row is None:
        return None
    if row.near_miss:
        return _document_place(row, _MAKES)
    distance = 1.0 if row.probability is None else row.probability
    return _Place(_ENTRY, _answer_of(row) != "unclear", distance, row.id)


def _document_place(row: Any, changes: int) -> _Place:
    distance = 1.0 if row.probability is None else 1 - row.probability
    return _Place(changes, _answer_of(row) != "unclear", distance, row.id)


def _answer_of(row: Any) -> str:
    """What a second reader answered; "" where none read it."""
    return str((row.second_reading or {}).get("answer", ""))


def arrived(s: Session, flt: Filter, after: datetime | None, until: datetime) -> list[DocumentRow]:
    """Return those that wait, were first seen after `after` and by `until`, and match a filter."""
    rows = _waiting_among(select_rows(*OF_WAITING)).where(Documents.first_seen_at <= until)
    if after is not None:
        rows = rows.where(Documents.first_seen_at > after)
    found = s.execute(rows.order_by(_BY_PROBABILITY, Documents.id)).all()
    (matching,) = documents_matching(s, [flt], [row.id for row in found])
    return [document_row(row) for row in found if row.id in matching]


def count_waiting(s: Session) -> int:
    return int(s.execute(_in_queue((func.count(),))).scalar_one())


def is_waiting(s: Session, document_id: int) -> bool:
    statement = _in_queue((Documents.id,)).where(Documents.id == document_id)
    return s.scalar(statement) is not None


def read_judged(s: Session, document_id: int) -> tuple[Document, Verdict] | None:
    """Return a document with the stored verdict on it; None if its text was deleted."""
    of_document = select(sql.plain(Matches)).where(Matches.document_id == document_id)
    row = s.execute(of_document).one_or_none()
    for _, document in load_judgeable(s, [document_id]) if row is not None else ():
        return document, verdict_of(row, document.language)
    return None


def answered(s: Session) -> tuple[int, int]:
    """Count the answers in force: of how many documents, and how many of these report a step.

    A "no" counts while the judge would still have the document reviewed; a "yes" where the judge
    gave a probability, for a document that was added is no longer one to review. Answers to the
    audit are another sample. Documents that the judge passed over in silence and a person added of
    their own accord are counted with these, which only makes the bound wider.
    """
    outside_audit = ~has_pin(Matches.document_id, PinKind.AUDIT)
    refused = select(func.count()).where(
        Matches.near_miss.is_(True), ruled_out(Matches.document_id), outside_audit
    )
    added = Matches.document_id.in_(_ADDED)
    # Those are few. By its index of `near_miss` SQLite would look through nearly all documents.
    is_settled = ~func.coalesce(Matches.near_miss, False)
    statement = select(func.count()).where(
        Matches.probability.is_not(None), is_settled, added, outside_audit
    )
    relevant = s.execute(statement.select_from(Matches)).scalar_one()
    return s.execute(refused.select_from(Matches)).scalar_one() + relevant, relevant


def answers_to_alerts(s: Session) -> list[tuple[int, str, int | None, bool]]:
    """Return the answers in force about alerts, of each the last one: (document, source, the entry
    that it was in then, whether the alert was right). What waited for review, and what a person
    added, was no alert.
    """
    last = {row.document_id: row for row in s.execute(_ANSWERS_TO_ALERTS)}
    return [
        (
            number,
            row.outlet or row.source_id or "",
            row.agreement_id,
            row.kind != PinKind.IRRELEVANT,
        )
        for number, row in last.items()
    ]


_ADDED = (
    select(Pins.document_id)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(Pins.kind == PinKind.RELEVANT, Decisions.undone_at.is_(None))
    .correlate(None)
)
_ANSWERS_TO_ALERTS = (
    select(
        Pins.document_id, Pins.kind, Decisions.agreement_id, Documents.source_id, Documents.outlet
    )
    .join(Decisions, Decisions.id == Pins.decision_id)
    .join(Documents, Documents.id == Pins.document_id)
    .join(Matches, Matches.document_id == Documents.id)
    .where(Pins.kind.in_((PinKind.CONFIRMED, PinKind.FIELD, PinKind.IRRELEVANT)))
    .where(Decisions.undone_at.is_(None), Matches.registers.is_(True))
    .where(Pins.other_document_id.is_(None))  # else it was ruled out with that one, and never read
    .where(published(Documents.source_id), Documents.id.not_in(_ADDED))
    .order_by(Decisions.id)
)


_BY_PROBABILITY = Matches.probability.desc().nulls_last()
_RANKED = (
    Documents.id,
    Matches.near_miss,
    Matches.probability,
    Matches.card,
    Matches.second_reading,
)
_IS_UNCONFIRMED = (Agreements.grade == Grade.UNCONFIRMED, Agreements.listed_only.is_(False))
_UNCONFIRMED = (
    select(func.min(Reports.agreement_id))
    .join(Agreements, Agreements.id == Reports.agreement_id)
    .where(*_IS_UNCONFIRMED)
)
# An alert is the nearer to the threshold, the less probable it is.
_DISTANCE = func.coalesce(Matches.probability, 1.0)
_IS_CLEAR = func.coalesce(Matches.second_reading["answer"].as_string(), "") != "unclear"
_REPORTS_OF_UNCONFIRMED = (
    select(
        *(Reports.agreement_id, Documents.id, _IS_CLEAR.label("is_clear")),
        _DISTANCE.label("distance"),
        func.row_number()
        .over(
            partition_by=Reports.agreement_id,
            order_by=(_DISTANCE.desc(), _IS_CLEAR, Documents.id),
        )
        .label("rank"),
    )
    .select_from(Reports)
    .join(Agreements, Agreements.id == Reports.agreement_id)
    .join(Documents, Documents.id == Reports.document_id)
    .join(Matches, Matches.document_id == Documents.id)
    .where(*_IS_UNCONFIRMED, published(Documents.source_id))
)
_BEST = _REPORTS_OF_UNCONFIRMED.subquery()
_BEST_REPORTS = (
    select(_BEST).where(_BEST.c.rank == 1).order_by(_BEST.c.is_clear, _BEST.c.distance, _BEST.c.id)
)
_PARTIES_OF_ENTRIES = (
    select(AgreementParties.party, AgreementParties.agreement_id)
    .join(Agreements, Agreements.id == AgreementParties.agreement_id)
    .where(Agreements.listed_only.is_(False))
)


def _judged(columns: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Matches)
    return joined.join(Documents, Documents.id == Matches.document_id)


def _in_queue(columns: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    return _waiting_among(_judged(columns))


def _waiting_among(judged: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    in_doubt = (Matches.near_miss.is_(True), Matches.relevant.is_(False))
    return judged.where(*in_doubt, ~ruled_out(Matches.document_id))
