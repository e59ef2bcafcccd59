"""The documents that wait until a person says whether they report a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from storage.database.session import Session
from storage.database.statements import plain
from storage.documents.judgeable import load_judgeable
from storage.documents.tables import Documents, Matches, Texts
from storage.documents.verdict_rows import card_of, frame_of, reading_of, verdict_of
from storage.filter import Filter
from storage.records import Card, Document, ReadFrame, SecondReading, Verdict
from storage.register.decisions import says
from storage.register.records import Agreement, PinKind
from storage.search.filtering import FilteredReport, ruled_out, wants


@dataclass(frozen=True, slots=True)
class QueuedDocument:
    """A document in the queue, as lists show it. `probability` is None where no judge was asked."""

    document_id: int
    title: str
    outlet: str | None
    language: str
    url: str | None
    published_on: date | None
    probability: float | None
    card: Card
    frame: ReadFrame | None
    second_reading: SecondReading | None = None


def waiting(s: Session, limit: int | None = None, after: int | None = None) -> list[QueuedDocument]:
    """Return the documents that wait, the most probable first, those without a probability last.

    `after` is the document after which the list goes on, whether or not it still waits.
    """
    rows = _in_queue(COLUMNS).order_by(_BY_PROBABILITY, Documents.id).limit(limit)
    if after is not None:
        rows = rows.where(_follows(s, after))
    return list(map(waiting_of, s.execute(rows)))


def waiting_one(s: Session, document_id: int) -> QueuedDocument | None:
    """Return this document, if it waits."""
    row = s.execute(_in_queue(COLUMNS).where(Documents.id == document_id)).one_or_none()
    return None if row is None else waiting_of(row)


def _follows(s: Session, document_id: int) -> ColumnElement[bool]:
    """The condition that a document stands behind this one in the order of the queue."""
    probability = s.scalar(select(Matches.probability).where(Matches.document_id == document_id))
    later = Documents.id > document_id
    unknown = Matches.probability.is_(None)
    if probability is None:
        return and_(unknown, later)
    less = Matches.probability < probability
    return or_(unknown, less, and_(Matches.probability == probability, later))


def arrived(
    s: Session, flt: Filter, after: datetime | None, until: datetime
) -> list[QueuedDocument]:
    """Return those that wait, were first seen after `after` and by `until`, and fit the filter.

    Filters by party or topic look at the card, since only relevant documents have rows for these.
    """
    rows = _in_queue((*COLUMNS, *_FOR_FILTERS)).join(
        Texts, Texts.document_id == Documents.id, isouter=True
    )
    rows = rows.where(Documents.first_seen_at <= until)
    if after is not None:
        rows = rows.where(Documents.first_seen_at > after)
    found = s.execute(rows.order_by(_BY_PROBABILITY, Documents.id))
    return [one for row in found if _fits(flt, row, one := waiting_of(row))]


def count_waiting(s: Session) -> int:
    """Return how many documents wait."""
    return int(s.execute(_in_queue((func.count(),))).scalar_one())


def is_waiting(s: Session, document_id: int) -> bool:
    """Whether this document is in the queue."""
    found = _in_queue((Documents.id,)).where(Documents.id == document_id)
    return s.scalar(found) is not None


def read_judged(s: Session, document_id: int) -> tuple[Document, Verdict] | None:
    """Return a document with the stored verdict on it; None if its text is no longer kept."""
    of_document = select(plain(Matches)).where(Matches.document_id == document_id)
    row = s.execute(of_document).one_or_none()
    for _, document in load_judgeable(s, [document_id]) if row is not None else ():
        return document, verdict_of(row, document.language)
    return None


def answered(s: Session) -> tuple[int, int]:
    """Count the answers in force: of how many documents, and how many of these report a step.

    A "no" counts while the judge would still ask; a "yes" where the judge gave a probability, for
    a document that was added is no longer kept as one to review. Answers to the audit are another
    sample. Documents that the judge passed over in silence and a person added of their own accord
    are counted with these, which only makes the bound wider.
    """
    outside_audit = ~says(Matches.document_id, PinKind.AUDIT)
    refused = select(func.count()).where(
        Matches.near_miss.is_(True), ruled_out(Matches.document_id), outside_audit
    )
    added = says(Matches.document_id, PinKind.RELEVANT)
    found = select(func.count()).where(
        Matches.probability.is_not(None), Matches.near_miss.is_(False), added, outside_audit
    )
    relevant = s.execute(found.select_from(Matches)).scalar_one()
    return s.execute(refused.select_from(Matches)).scalar_one() + relevant, relevant


COLUMNS = (
    Documents.id,
    Documents.title,
    Documents.outlet,
    Documents.language,
    Documents.url,
    Documents.published_on,
    Matches.probability,
    Matches.card,
    Matches.frame,
    Matches.second_reading,
)


_FOR_FILTERS = (
    Documents.source_id,
    Documents.dated_on,
    Matches.score,
    Matches.rules,
    Texts.folded,
)
_BY_PROBABILITY = Matches.probability.desc().nulls_last()


def _in_queue(columns: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Matches)
    joined = joined.join(Documents, Documents.id == Matches.document_id)
    in_doubt = (Matches.near_miss.is_(True), Matches.relevant.is_(False))
    return joined.where(*in_doubt, ~ruled_out(Matches.document_id))


def _fits(flt: Filter, row: Any, one: QueuedDocument) -> bool:
    card = one.card
    said = Agreement(
        id="",
        title=one.title,
        parties=card.parties,
        instrument=card.instrument,
        topics=card.topics,
        status=card.status,
        place=card.place,
        event_date=card.event_date,
        history=(),
    )
    filtered_report = FilteredReport(
        document_id=one.document_id,
        language=one.language,
        source_id=row.source_id,
        outlet=one.outlet,
        score=row.score,
        dated_on=row.dated_on,
        folded=row.folded or "",
        rules=tuple(kept["id"] for kept in row.rules),
    )
    return wants(flt, said, None, [filtered_report])


def waiting_of(row: Any) -> QueuedDocument:
    """Return what lists show of a row of COLUMNS."""
    return QueuedDocument(
        document_id=row.id,
        title=row.title,
        outlet=row.outlet,
        language=row.language,
        url=row.url,
        published_on=row.published_on,
        probability=row.probability,
        card=card_of(row.card),
        frame=frame_of(row.frame),
        second_reading=reading_of(row.second_reading),
    )
