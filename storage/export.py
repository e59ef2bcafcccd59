"""Agreements and documents as the rows of the public contract: JSON objects and CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from storage.register.records import NOTHING_HEARD, Agreement, FirstVoice, Heard, Lead

if TYPE_CHECKING:  # it brings SQLAlchemy, and what prints CSV may need no database
    from storage.search.document_rows import DocumentRow

AGREEMENT_COLUMNS = (
    "id",
    "title",
    "parties",
    "instrument",
    "topics",
    "status",
    "place",
    "event_date",
    "expected_on",
    "certainty",
    "first_reported_at",
    "first_voice",
    "text",
    "text_on",
    "text_url",
    "text_due_on",
    "history",
    "reports",
    "mentions",
    "name",
)
DOCUMENT_COLUMNS = (
    "document_id",
    "external_id",
    "title",
    "outlet",
    "language",
    "url",
    "published",
    "relevant",
    "score",
    "status",
    "parties",
    "topics",
    "place",
    "event_date",
    "agreement_id",
    "quote",
)
# A spreadsheet would run a cell that begins with one of these as a formula, also behind spaces and
# ends of lines; some read the wide forms of East Asian scripts as the plain ones.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # these are meant


def agreement_row(
    agreement: Agreement,
    rows: Mapping[int, DocumentRow],
    name: str = "",
    heard: Heard = NOTHING_HEARD,
) -> dict[str, Any]:
    """Return an agreement as `agreements --format jsonl` prints it.

    `rows` holds its documents by id (see `report_rows`); `listed` are those of them that are rows
    of lists of known agreements, and not published. `name` is what the agreement is called in
    the reader's language; its `title` is the headline of a report. `heard` is who reported it
    first, and where its text is.
    """
    documents = [*agreement.document_ids, *agreement.mentions]
    return {
        "id": agreement.id,
        "name": name,
        "title": agreement.title,
        "parties": list(agreement.parties),
        "instrument": agreement.instrument,
        "topics": list(agreement.topics),
        "status": agreement.status,
        "place": agreement.place,
        "place_key": agreement.place_key,
        "event_date": _iso(agreement.event_date),
        "expected_on": _iso(agreement.expected_on),
        "certainty": agreement.certainty,
        "first_reported_at": _iso(agreement.first_reported_at),
        "first_voice": _voice(heard.voice) if heard.voice else None,
        "text": agreement.text_state,
        "text_on": _iso(heard.text_on),
        "text_url": heard.text_url,
        "text_document_id": agreement.text_document_id,
        "text_due_on": _iso(agreement.text_due_on),
        "history": [
            {
                "status": step.status,
                "on": _iso(step.on),
                "expected_on": _iso(step.expected_on),
                "quote": step.quote,
                "document_ids": list(step.document_ids),
            }
            for step in agreement.history
        ],
        "reports": [_report(rows[document_id]) for document_id in documents if document_id in rows],
        "mentions": list(agreement.mentions),
        "listed": list(agreement.listed),
        "reasons": list(agreement.reasons),
        "links": [{"kind": kind, "id": other} for kind, other in agreement.links],
    }


def found_row(row: DocumentRow, snippet: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a document that was searched for as `search --format jsonl` prints it: with the pieces
    of its title and text in which the words stand.
    """
    return {**document_row(row), "snippet": snippet}


def document_row(row: DocumentRow) -> dict[str, Any]:
    """Return a document without what it was searched for."""
    return {
        "document_id": row.id,
        "external_id": row.external_id,
        "title": row.title,
        "outlet": row.outlet,
        "language": row.language,
        "url": row.url,
        "published": _iso(row.published_on),
        "relevant": row.relevant,
        "near_miss": row.near_miss,
        "score": row.score,
        "status": row.status,
        "parties": list(row.parties),
        "topics": list(row.topics),
        "place": row.place,
        "event_date": _iso(row.event_date),
        "agreement_id": row.agreement_id,
        "source_id": row.source_id,
        "quote": row.quote,
    }


def write_csv(
    rows: Iterable[Mapping[str, Any]],
    columns: Iterable[str],
    out: TextIO,
    *,
    byte_order_mark: bool = False,
) -> int:
    """Write JSON rows as CSV (RFC 4180) with a header, and return the number of rows.

    Lists are joined with "; ". Text that a spreadsheet would run as a formula gets an apostrophe in
    front. Excel needs a byte order mark to read UTF-8 as such; other programs take the mark for a
    part of the first column's name.
    """
    write = csv_writer(columns, out, byte_order_mark)
    written = 0
    for row in rows:
        write(row)
        written += 1
    return written


def csv_writer(
    columns: Iterable[str], out: TextIO, byte_order_mark: bool = False
) -> Callable[[Mapping[str, Any]], None]:
    """Write the header, and return a function that writes a row; both as `write_csv` does."""
    names = list(columns)
    if byte_order_mark:
        out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(names)

    def write(row: Mapping[str, Any]) -> None:
        writer.writerow([_cell(row.get(name)) for name in names])

    return write


def _voice(voice: FirstVoice) -> dict[str, Any]:
    return {
        "outlet": voice.outlet,
        "document_id": voice.document_id,
        "on": _iso(voice.on),
        "seen_at": _iso(voice.seen_at),
        "is_official": voice.is_official,
        "before_next": _lead(voice.next),
        "before_official": _lead(voice.official),
    }


def _lead(lead: Lead | None) -> dict[str, Any] | None:
    if lead is None:
        return None
    return {
        "outlet": lead.outlet,
        "document_id": lead.document_id,
        "on": _iso(lead.on),
        "days": lead.days,
        "hours": lead.hours,
    }


def _report(row: DocumentRow) -> dict[str, Any]:
    return {
        "document_id": row.id,
        "external_id": row.external_id,
        "outlet": row.outlet,
        "language": row.language,
        "url": row.url,
        "title": row.title,
        "published": _iso(row.published_on),
    }


def _iso(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _cell(value: Any) -> str | int | float | bool | None:
    if isinstance(value, (list, dict, str)):
        text = cell_text(value)
        return f"'{text}" if _may_be_formula(text) else text
    number_or_nothing: int | float | bool | None = value
    return number_or_nothing


def cell_text(value: Any) -> str:
    """Return a value as one cell shows it; a list is joined with "; "."""
    if isinstance(value, list):
        return "; ".join(map(cell_text, value))
    return _of_dict(value) if isinstance(value, dict) else str(value)


def _may_be_formula(text: str) -> bool:
    return text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(_FORMULA_STARTS)


def _of_dict(value: dict[str, Any]) -> str:
    if "document_ids" in value:  # a step
        return f"{value['on'] or 'undated'} {value['status'] or 'unknown'}"
    if "is_official" in value:  # the first voice
        return str(value["outlet"])
    return str(value.get("url") or value.get("external_id") or value.get("document_id") or value)
