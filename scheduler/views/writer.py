"""Writes rows as files: JSON lines, JSON, CSV, Excel and Parquet.

openpyxl and pyarrow, which is an extra, are imported where a file needs them.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TextIO

from scheduler.views.columns import Column, Door, Row, Table, flat
from storage.errors import ExportError

# A spreadsheet would run a cell that begins with one of these as a formula, also behind spaces and
# ends of lines; some read the wide forms of East Asian scripts as the plain ones.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # these are meant
# What json leaves as it is, but some terminals obey: the control characters behind ASCII, and those
# that turn the direction of writing.
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_CELL = 32_767  # characters: Excel repairs a file with longer ones
_FIRST_OF_EXCEL = date(1900, 3, 1)  # it has a 29 February 1900, before which its days are wrong
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Rows of a Parquet file that are held before they are written: they are what readers skip at once,
# and what memory holds. At 10,000 files are within a few per cent of the size that 100,000 give.
_GROUP = 10_000


# --- JSON ---------------------------------------------------------------------------------------


def json_line(row: Mapping[str, Any]) -> str:
    """A row as a line of JSON lines, with nothing in it that a terminal would obey."""
    written = json.dumps(row, ensure_ascii=False, default=iso)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", written) + "\n"


def json_document(about: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The pieces of a JSON object that has the rows under `items`, behind what it is about, and
    their number as `rows`.
    """
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "items": ['
    joint, count = "", 0
    for row in rows:
        yield joint + json.dumps(row, ensure_ascii=False, default=iso)
        joint, count = ",\n", count + 1
    yield f'], "rows": {count}}}\n'


def iso(value: object) -> str:
    """What JSON has no form for: a day or a moment as RFC 3339 writes it."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


# --- CSV ----------------------------------------------------------------------------------------


def write_csv(
    rows: Iterable[Mapping[str, Any]],
    columns: Iterable[str],
    out: TextIO,
    *,
    byte_order_mark: bool = False,
) -> int:
    """Write rows as CSV (RFC 4180) with a header, and return the number of rows.

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


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, (list, dict, str)):
        text = cell_text(value)
        starts = text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(_FORMULA_STARTS)
        return f"'{text}" if starts else text
    if isinstance(value, bool):  # Table Schema, R and DuckDB all read these as booleans
        return "true" if value else "false"
    number_or_nothing: int | float | None = value
    return number_or_nothing


def cell_text(value: Any) -> str:
    """A value as one cell shows it; a list is joined with "; "."""
    if isinstance(value, list):
        return "; ".join(map(cell_text, value))
    if not isinstance(value, dict):
        return str(value)
    if all(isinstance(number, int) for number in value.values()):  # how often each occurs
        return "; ".join(f"{name} {number}" for name, number in value.items())
    if "document_ids" in value:  # a step
        return f"{value['on'] or 'undated'} {value['status'] or 'unknown'}"
    if "is_official" in value:  # the first report
        return str(value["outlet"])
    if "kind" in value:  # a link to another agreement
        return f"{value['kind']} {value['id']}"
    found = value.get("url") or value.get("external_id") or value.get("document_id")
    return str(found or "; ".join(f"{name}: {cell_text(one)}" for name, one in value.items()))


# --- Excel --------------------------------------------------------------------------------------


def write_workbook(
    file: IO[bytes],
    table: Table[Any],
    rows: Iterable[Mapping[str, Any]],
    about: Iterable[tuple[str, str]],
) -> None:
    """Write a workbook: a sheet that says `about` it, with the number of rows, and a sheet with the
    rows of the table, which is shown first.

    All text is written as text, so that nothing is run as a formula. Lists are joined as in CSV.
    Days can be sorted and filtered by Excel.
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    notes, sheet = book.create_sheet("about"), book.create_sheet(table.name)
    days = {column.name for column in table.at(Door.SHEET) if column.type == "date"}
    book.active, written = 1, 0

    def cell(value: object, name: str = "") -> object:
        made = openpyxl.cell.WriteOnlyCell(sheet)
        if name in days and value and (day := date.fromisoformat(str(value))) >= _FIRST_OF_EXCEL:
            made.value, made.number_format = day, "yyyy-mm-dd"
            return made
        if isinstance(value, int | float):
            made.value = value
            return made
        text = _NOT_IN_XML.sub("", "" if value is None else cell_text(value))
        made.value, made.data_type = text[:_LONGEST_CELL], "s"
        return made

    sheet.freeze_panes = "A2"
    sheet.append([cell(name) for name in table.names()])
    for row in rows:
        sheet.append([cell(row.get(name), name) for name in table.names()])
        written += 1
    for name, value in (*about, ("rows", str(written))):
        notes.append([cell(name), cell(value)])
    book.save(file)


# --- Parquet ------------------------------------------------------------------------------------


def has_pyarrow() -> bool:
    """Whether Parquet can be written here."""
    return find_spec("pyarrow") is not None


class ParquetFile:
    """Writes the rows of a list into a Parquet file as they come, with the types of its columns.

    Lists within a row are text, as in CSV. `about` goes into the metadata. Raises ExportError if
    pyarrow is not there.
    """

    def __init__(
        self, file: IO[bytes] | Path, table: Table[Any], door: Door, about: Mapping[str, str]
    ) -> None:
        try:
            import pyarrow.parquet
        except ImportError as error:
            install = f"{sys.executable} -m pip install 'pyarrow>=21'"
            raise ExportError(f"--parquet needs pyarrow: {install}") from error
        types = {
            "integer": pyarrow.int64(),
            "number": pyarrow.float64(),
            "date": pyarrow.date32(),
            "boolean": pyarrow.bool_(),
        }
        self._columns, self._waiting = table.at(door), list[Row]()
        fields = [
            pyarrow.field(
                column.name,
                types.get(column.type, pyarrow.string()),
                nullable=not column.required,
                metadata={"description": table.meaning(column)},
            )
            for column in self._columns
        ]
        self._schema = pyarrow.schema(fields, metadata=dict(about))
        self._table_of = pyarrow.Table.from_pylist
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema, compression="zstd")

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._writer:
            if kind is None and self._waiting:
                self._write()

    def add(self, row: Mapping[str, Any]) -> None:
        self._waiting.append(
            {column.name: _typed(row.get(column.name), column) for column in self._columns}
        )
        if len(self._waiting) >= _GROUP:
            self._write()

    def _write(self) -> None:
        self._writer.write_table(self._table_of(self._waiting, schema=self._schema))
        self._waiting.clear()


def _typed(value: Any, column: Column[Any]) -> Any:
    if column.type == "date":
        return date.fromisoformat(value) if isinstance(value, str) else value
    return cell_text(value) if value is not None and flat(column.type) == "string" else value
