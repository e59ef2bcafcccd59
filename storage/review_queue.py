"""The documents that wait until a person says whether they report a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from storage.documents.judgeable import load_judgeable
from storage.documents.tables import Documents, Matches
from storage.documents.verdict_rows import card_of, frame_of, verdict_of
from storage.filtering import document_condition, ruled_out
from storage.records import Card, Document, ReadFrame, Verdict
from storage.register.decisions import says
from storage.register.records import PinKind
from storage.telling.records import Filter


@dataclass(frozen=True, slots=True)
class Waiting:
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


@dataclass(frozen=True, slots=True)
class Answered:
    """How many documents of the queue persons answered, and how many of these they found to report
    a step.
    """

    answers: int
    relevant: int


def waiting(
    s: Session, limit: int | None = None, flt: Filter | None = None, since: datetime | None = None
) -> list[Waiting]:
    """Return the documents that wait, the most probable first, those without a probability last.

    `flt` leaves out what does not fit it, `since` what was first seen before then.
    """
    by_probability = Matches.probability.desc().nulls_last()
    rows = _in_queue(s, _COLUMNS, flt, since).order_by(by_probability, Documents.id).limit(limit)
    return list(map(_waiting, s.execute(rows)))


def count_waiting(s: Session, flt: Filter | None = None, since: datetime | None = None) -> int:
    """Return how many documents `waiting` returns without a limit."""
    return int(s.execute(_in_queue(s, (func.count(),), flt, since)).scalar_one())


def is_waiting(s: Session, document_id: int) -> bool:
    """Whether this document is in the queue."""
    found = _in_queue(s, (Documents.id,), None, None).where(Documents.id == document_id)
    return s.scalar(found) is not None


def read_judged(s: Session, document_id: int) -> tuple[Document, Verdict] | None:
    """Return a document with the stored verdict on it; None if its text is no longer kept."""
    row = s.scalars(select(Matches).where(Matches.document_id == document_id)).one_or_none()
    for _, document in load_judgeable(s, [document_id]) if row is not None else ():
        return document, verdict_of(row, document.language)
    return None


def answered(s: Session) -> Answered:
    """Count the answers in force.

    A "no" counts while the judge would still ask; a "yes" where the judge gave a probability, for
    a document that was added is no longer kept as one to review. Documents that the judge passed
    over in silence and a person added are counted with these, which only makes the bound wider.
    """
    refused = select(func.count()).where(
        Matches.near_miss.is_(True), ruled_out(Matches.document_id)
    )
    added = says(Matches.document_id, PinKind.RELEVANT)
    found = select(func.count()).where(
        Matches.probability.is_not(None), Matches.near_miss.is_(False), added
    )
    relevant = s.execute(found.select_from(Matches)).scalar_one()
    return Answered(s.execute(refused.select_from(Matches)).scalar_one() + relevant, relevant)


_COLUMNS = (
    Documents.id,
    Documents.title,
    Documents.outlet,
    Documents.language,
    Documents.url,
    Documents.published_on,
    Matches.probability,
    Matches.card,
    Matches.frame,
)


def _in_queue(
    s: Session, columns: tuple[Any, ...], flt: Filter | None, since: datetime | None
) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Matches)
    joined = joined.join(Documents, Documents.id == Matches.document_id)
    return joined.where(and_(*_conditions(s, flt, since)))


def _conditions(
    s: Session, flt: Filter | None, since: datetime | None
) -> Iterator[ColumnElement[bool]]:
    yield Matches.near_miss.is_(True)
    yield Matches.relevant.is_(False)
    yield ~ruled_out(Matches.document_id)
    if flt is not None:
        yield document_condition(s, flt)
    if since is not None:
        yield Documents.first_seen_at > since


def _waiting(row: Any) -> Waiting:
    return Waiting(
        row.id,
        row.title,
        row.outlet,
        row.language,
        row.url,
        row.published_on,
        row.probability,
        card_of(row.card),
        frame_of(row.frame),
    )
