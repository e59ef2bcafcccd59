"""Lists as files: CSV, an Excel workbook, JSON or Parquet; and one agreement as a file."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.responses import Response, StreamingResponse

from scheduler.exchange.citation import EntryCitation
from scheduler.views.agreements import AGREEMENTS, REPORTS
from scheduler.views.columns import Door, Table, flat
from scheduler.views.register_entries import Entry, entries_of, named_entries, reports_of
from scheduler.views.words.lines import cut
from scheduler.views.words.names import name_of
from scheduler.views.writer import (
    ParquetFile,
    csv_writer,
    has_pyarrow,
    json_document,
    write_workbook,
)
from scheduler.web.site.addresses import requested_address
from scheduler.web.site.context import Context
from scheduler.web.site.installation import LOOPBACK
from storage.database.session import Database, Session
from storage.filter import BY_REPORT, Filter, Order
from storage.lists import queries
from storage.records import Grade
from storage.register.entry import Agreement
from storage.search.document_rows import DocumentRow

Item = TypeVar("Item")
_CHUNK = 64_000  # characters or bytes that are sent at a time
_LONGEST_NAME = 100  # characters of a file name
_IN_MEMORY = 5_000_000  # bytes of a workbook; a larger one is written to disk


class Form(StrEnum):
    CSV = "csv"
    LONG = "long.csv"  # of a count: a row for each number
    EXCEL = "xlsx"
    JSON = "json"
    PARQUET = "parquet"
    BIBTEX = "bib"
    RIS = "ris"
    SVG = "svg"
    PNG = "png"
    README = "txt"


LIST_FORMS = (Form.CSV, Form.EXCEL, Form.JSON, Form.PARQUET, Form.README)
_NAMES_AND_TYPES = {
    Form.CSV: ("CSV", "text/csv"),
    Form.LONG: ("CSV (long)", "text/csv"),
    Form.EXCEL: ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.JSON: ("JSON", "application/json"),
    Form.PARQUET: ("Parquet", "application/vnd.apache.parquet"),
    Form.BIBTEX: ("BibTeX", "application/x-bibtex"),
    Form.RIS: ("RIS", "application/x-research-info-systems"),
    Form.SVG: ("SVG", "image/svg+xml"),
    Form.PNG: ("PNG", "image/png"),
    Form.README: ("README", "text/plain"),
}


def download_links(
    address_of: Callable[[str], str], forms: Sequence[Form] = LIST_FORMS
) -> list[tuple[str, str]]:
    """The name and the address of each form that can be had here, for the page."""
    there = [form for form in forms if form is not Form.PARQUET or has_pyarrow()]
    return [(_NAMES_AND_TYPES[form][0], address_of(form)) for form in there]


def wanted_form(written: str, forms: Sequence[Form] = LIST_FORMS) -> Form | None:
    """The form that an address names; None for the page. Raises HTTPException (422, 501)."""
    if not written:
        return None
    if written not in forms:
        raise HTTPException(422, f"format {written[:50]!r} is not one of {', '.join(forms)}")
    if written == Form.PARQUET and not has_pyarrow():
        raise HTTPException(501, "Parquet needs pyarrow on the server: pip install 'pyarrow>=21'")
    return Form(written)


Filters = Sequence[tuple[str, str]]


def download(
    context: Context, form: Form, table: Table[Item], filters: Filters, items: Iterable[Item]
) -> Response:
    """The file of a list, sent as its rows come. It says from where it is, when it was made and
    with which filters. JSON has all of each row.
    """
    body: Iterator[bytes]
    made, address = _made_at(context).isoformat(), requested_address(context.request)
    has_grades = "grade" in table.names() and "grade" not in dict(filters)
    chosen = [*filters, ("grade", "; ".join(Grade))] if has_grades else filters
    about = [("what", table.name), ("made_at", made), ("address", address), *chosen]
    if form is Form.JSON:
        named = [{"name": name, "value": value} for name, value in chosen]
        of = {"made_at": made, "address": address, "filters": named}
        body = (piece.encode() for piece in json_document(of, map(table.row, items)))
        return attached(context, form, table.name, filters, body)
    if form is Form.README:  # what a workbook says on its first sheet, to lie beside other files
        lines = [*about, ("rows", str(sum(1 for _ in items))), *_terms(context, table)]
        body = (f"{name}: {value}\n".encode() for name, value in lines)
        return attached(context, form, table.name, filters, body)
    rows = (table.row(item, Door.SHEET) for item in items)
    if form in (Form.CSV, Form.LONG):
        body = _csv(rows, table.names(), {"downloaded_at": made, "downloaded_from": address})
    else:
        body = _whole(form, table, rows, about)
    return attached(context, form, table.name, filters, body)


def _terms(context: Context, table: Table[Any]) -> Iterator[tuple[str, str]]:
    """The license, or that there is none, and what each column holds."""
    license = context.chosen.settings.dataset.license
    yield "license", license or "none was granted: ask whoever runs this register"
    yield "about", table.description
    for column in table.at(Door.SHEET):
        yield column.name, f"{flat(column.type)}. {table.meaning(column)}"
    yield "downloaded_at", "datetime. In CSV alone: when the file was made (UTC)."
    yield "downloaded_from", "string. In CSV alone: the address of the file, with its filters."


def _made_at(context: Context) -> datetime:
    return context.now().astimezone(UTC)


def attached(
    context: Context, form: Form, what: str, filters: Filters, body: Iterable[bytes]
) -> Response:
    """A file to be saved, whose name says with which filters and when it was made."""
    named = "-".join(f"{name}-{value}" for name, value in filters)
    plain = re.sub(r"[^A-Za-z0-9]+", "-", named).strip("-")
    suffix = f"-{cut(plain, _LONGEST_NAME).rstrip('…')}" if plain else ""
    name = f"accordwatch-{what}{suffix}-{_made_at(context):%Y%m%dT%H%MZ}.{form}"
    answer = StreamingResponse(body, media_type=_NAMES_AND_TYPES[form][1])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def _csv(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], origin: Mapping[str, str]
) -> Iterator[bytes]:
    """The rows, each with its origin in the last columns: CSV has no other place to say it, and its
    rows are pasted below those of others.
    """
    out = io.StringIO(newline="")
    write = csv_writer([*columns, *origin], out)
    for row in rows:
        write({**row, **origin})
        if out.tell() > _CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _whole(
    form: Form, table: Table[Any], rows: Iterable[Mapping[str, Any]], about: Filters
) -> Iterator[bytes]:
    """A file that can be sent only when all of it is written."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        if form is Form.PARQUET:
            named = {f"accordwatch.{name}": value for name, value in about}
            with ParquetFile(file, table, Door.SHEET, named) as writer:
                for row in rows:
                    writer.add(row)
        else:
            write_workbook(file, table, rows, about)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


# --- one agreement as a file ----------------------------------------------------------------------

FORMS = (*LIST_FORMS, Form.BIBTEX, Form.RIS)


def citation_of(
    context: Context, agreement: Agreement, named: str | None, seen_on: date | None = None
) -> EntryCitation:
    """How to cite an agreement: as it is today, at the address where others reach it."""
    words = context.words
    own = context.chosen.settings.dataset
    return EntryCitation(
        id=agreement.id,
        name=name_of(agreement, named, words),
        register=own.register_name,
        publisher=own.publisher,
        address=cited_address(context, f"/agreements/{agreement.id}"),
        seen_on=seen_on or context.now().date(),
        language=words.language,
    )


def permanent_address(context: Context, path: str) -> str:
    """The address of a page where others reach it; "" if they do not."""
    page = context.page_address
    return page + path if page and urlsplit(page).hostname not in LOOPBACK else ""


def cited_address(context: Context, path: str) -> str:
    """The address of a page where others reach it, else that of the data set; "" for none."""
    return permanent_address(context, path) or context.chosen.settings.dataset.address


def citations(
    context: Context,
    form: Form,
    filters: Filters,
    entries: Iterable[Entry],
    what: str = "citations",
) -> Response:
    """A file that cites each of these agreements, in BibTeX or RIS."""

    def cited() -> Iterator[bytes]:
        for entry in entries:
            own = citation_of(context, entry.agreement, entry.given)
            yield (own.as_bibtex() + "\n" if form is Form.BIBTEX else own.as_ris()).encode()

    return attached(context, form, what, filters, cited())


def entry_file(context: Context, s: Session, agreement: Agreement, form: Form) -> Response:
    """The file of an agreement. A table has a row a report; JSON has what the API answers."""
    filters, (entry,) = [("id", agreement.id)], entries_of(s, [agreement], context.language)
    if form in (Form.BIBTEX, Form.RIS):
        return citations(context, form, filters, [entry], "agreement")
    if form is Form.JSON:
        return download(context, form, AGREEMENTS, filters, [entry])
    return download(context, form, REPORTS, filters, list(reports_of(entry)))


# --- what files of lists are made of --------------------------------------------------------------

_ROWS_AT_A_TIME = 200
Key = TypeVar("Key", str, int)


def all_agreements(
    database: Database, flt: Filter, language: str, order: Order = BY_REPORT
) -> Iterator[Entry]:
    def read(s: Session, after: str | None) -> list[Entry]:
        return entries_of(s, queries.agreements(s, flt, _ROWS_AT_A_TIME, after, order), language)

    return _paged(database, read, lambda entry: entry.agreement.id)


def all_pending(
    database: Database, flt: Filter, language: str, today: date, *, longest_first: bool
) -> Iterator[Entry]:
    def read(s: Session, after: str | None) -> list[Entry]:
        agreements = queries.waiting(s, flt, _ROWS_AT_A_TIME, after, longest_first=longest_first)
        return named_entries(s, agreements, language, today)

    return _paged(database, read, lambda entry: entry.agreement.id)


def all_documents(
    database: Database, flt: Filter, *, everything: bool, by_relevance: bool
) -> Iterator[DocumentRow]:
    def read(s: Session, after: int | None) -> list[DocumentRow]:
        document_rows = queries.search(
            s,
            flt,
            everything=everything,
            by_relevance=by_relevance,
            limit=_ROWS_AT_A_TIME,
            after=after,
        )
        return list(document_rows)

    return _paged(database, read, lambda row: row.id)


def _paged(
    database: Database,
    read: Callable[[Session, Key | None], Sequence[Item]],
    key: Callable[[Item], Key],
) -> Iterator[Item]:
    after = None
    while True:
        with database.read() as s:
            items = read(s, after)
        yield from items
        if len(items) < _ROWS_AT_A_TIME:
            return
        after = key(items[-1])
