"""Documents as lists show them: a row each, with what it reports and where that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.records import Card, ReadFrame, SecondReading, Translation
from storage.register.decisions import has_pin
from storage.register.entry import PinKind
from storage.register.tables import Reports
from storage.search.filtering import ruled_out


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as lists show it. `quote` is the sentence that shows best what it reports.
    `ruled_out` means that a curator decided that it reports nothing, so that it is not `relevant`,
    whatever the rules say; `added`, that a curator decided that it is a report. `probability` is
    None where no judge was used. It, `frame` and `second_reading` are read for those that wait.
    `translations` are a machine's, of `title` and `quote`.
    """

    id: int
    external_id: str | None
    title: str
    outlet: str | None
    language: str
    url: str | None
    published_on: date | None
    score: float
    card: Card
    agreement_id: str | None
    quote: str
    first_seen_at: datetime
    relevant: bool = True
    near_miss: bool = False
    source_id: str | None = None
    ruled_out: bool = False
    added: bool = False
    probability: float | None = None
    frame: ReadFrame | None = None
    second_reading: SecondReading | None = None
    translations: tuple[Translation, ...] = ()


# What lists of those that wait for a person show besides.
OF_WAITING = (Matches.probability, Matches.frame, Matches.second_reading)


def report_rows(s: Session, document_ids: Iterable[int], *more: Any) -> dict[int, DocumentRow]:
    """Return these documents, by id; with `more` columns, such as OF_WAITING."""
    rows = sql.rows_of(s, select_rows(*more).where(Documents.id.in_(sql.IDS)), document_ids)
    return {row.id: document_row(row) for row in rows}


def select_rows(*more: Any) -> Select[*tuple[Any, ...]]:
    # A document that stands in two agreements is shown once, with the older one.
    home = (
        select(func.min(Reports.agreement_id))
        .where(Reports.document_id == Documents.id)
        .scalar_subquery()
    )
    columns = (
        Documents.id,
        Documents.external_id,
        Documents.title,
        Documents.outlet,
        Documents.language,
        Documents.url,
        Documents.published_on,
        Documents.source_id,
        Documents.first_seen_at,
        Matches.score,
        Matches.card,
        Matches.quote,
        Matches.relevant,
        Matches.near_miss,
        home.label("home"),
        ruled_out(Documents.id).label("ruled_out"),
        has_pin(Documents.id, PinKind.RELEVANT).label("added"),
        Matches.second_reading["translations"].label("translations"),
    )
    return select(*columns, *more).join(Matches, Matches.document_id == Documents.id)


def document_row(row: Any) -> DocumentRow:
    agreement_id = None if row.home is None else f"A{row.home}"
    relevant = row.relevant and not row.ruled_out
    values = row._asdict() | {"agreement_id": agreement_id, "relevant": relevant}
    values["translations"] = row.translations or ()  # NULL without a reading
    return record_of(DocumentRow, values)


def rows_in_order(rows: Mapping[int, DocumentRow], ids: Sequence[int]) -> list[DocumentRow]:
    """Return the rows of `ids` in that order; ids without a row are left out."""
    return [rows[row_id] for row_id in ids if row_id in rows]
