"""Lists of known agreements as files: a CSV file or a sheet of a workbook, with the columns of the
template, a row for each agreement.

A row that does not fit the template is named with its column and what would be right.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from scheduler.configuration.party_names import nearest_parties, party_meant
from scheduler.views.words.lines import clean, web_address
from storage.errors import AccordwatchError
from storage.records import Instrument, Status, Topic

# The template: each column with what stands in it. docs/register.md has the same table.
TEMPLATE: Mapping[str, str] = {
    "parties": "codes or names of two or more, with semicolons between them: EU; Albania",
    "title": "what the agreement is called",
    "kind": f"one of {', '.join(Instrument)}",
    "signed": "a day: 2005-04-14, 2005-04 or 2005",
    "in_force": "a day",
    "ended": "a day",
    "url": "the address of the text",
    "topics": f"of {', '.join(Topic)}, with semicolons between them",
    "place": "where it was signed",
    "note": "what else is to be found by a search",
    "reference": "the number of the row elsewhere, such as OJ L 124",
}
# The columns of days, and the step that each of them is.
STEPS: Mapping[str, Status] = {
    "signed": Status.SIGNED,
    "in_force": Status.IN_FORCE,
    "ended": Status.TERMINATED,
}
_LONGEST = 2_000  # characters of a title, reference or note; what goes beyond is cut
_FIRST_YEAR = 1800
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ]\d\d:\d\d.*)?)?)?")
_LINK = re.compile(r'=HYPERLINK\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)")?\s*\)', re.IGNORECASE)
_LONGEST_CELL = 1 << 20  # characters: many times the longest cell of a spreadsheet
_CSV_NAMES, _WORKBOOKS = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")

NumberedRows = Iterator[tuple[int, Sequence[object]]]


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day of a list. `parts` are year, month and day as far as the list gives them."""

    parts: tuple[int, ...]

    @property
    def on(self) -> date | None:
        return date(*self.parts) if len(self.parts) == 3 else None

    def __str__(self) -> str:
        year, *rest = self.parts
        return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """An agreement as a row of a list has it. `days` are those of its steps, in their order.
    `remarks` name the cells that could not be read and were left out.
    """

    number: int
    parties: tuple[str, ...]
    title: str = ""
    kind: Instrument | None = None
    topics: tuple[Topic, ...] = ()
    days: Mapping[Status, ListedDay] = field(default_factory=dict)
    url: str | None = None
    place: str | None = None
    note: str = ""
    reference: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """What keeps a row from being an agreement: "parties: no state is called 'Absurdistan'"."""

    number: int
    message: str


def given_columns(written: Iterable[str]) -> dict[str, str]:
    """Return the column of the template for each header that is mapped, such as "Pays=parties".
    Raises AccordwatchError.
    """
    columns = {}
    for pair in written:
        header, _, column = pair.rpartition("=")
        if column not in TEMPLATE or not header.strip():
            raise AccordwatchError(
                f"--map {pair!r} should be a header and its column of the template, like "
                f"Pays=parties; columns are {', '.join(TEMPLATE)}"
            )
        columns[header.strip()] = column
    return columns


@contextmanager
def opened_rows(file: str, sheet: str | None = None) -> Iterator[NumberedRows]:
    """Open a file, and yield its rows with their numbers, as a spreadsheet counts them. Raises
    AccordwatchError if it cannot be read as a list.
    """
    name = file.lower()
    try:
        if name.endswith(_WORKBOOKS):
            with opened_workbook(file, sheet) as rows:
                yield rows
        elif name.endswith(_CSV_NAMES):
            with Path(file).open("rb") as stream:  # UTF-16 is what Excel writes as "Unicode text"
                is_utf16 = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            encoding = "utf-16" if is_utf16 else "utf-8-sig"
            with Path(file).open(encoding=encoding, newline="") as lines:
                yield _csv_rows(lines, file)
        else:
            kinds = ", ".join((*_CSV_NAMES, *_WORKBOOKS))
            advice = f"is no list that can be read; save it as one of {kinds}"
            raise AccordwatchError(f"{file}: {advice}")
    except OSError as error:
        raise AccordwatchError(f"{file}: cannot be read: {error.strerror or error}") from error


def read_rows(
    rows: NumberedRows,
    file: str,
    today: date,
    *,
    columns: Mapping[str, str] | None = None,
    parties: Sequence[str] = (),
) -> tuple[list[str], Iterator[ListedAgreement | RowFault]]:
    """Return the headers that are not read, and the rows below. `columns` maps headers to columns
    of the template, `parties` take part in each agreement, `today` is the last day of a step.
    Raises AccordwatchError if no column names the parties.
    """
    _, first = next(rows, (1, ()))
    headers = [clean(str(cell or "")) for cell in first]
    known = {name: name for name in TEMPLATE} | dict(columns or {})
    for header in columns or {}:
        if header not in headers:
            there = ", ".join(filter(None, headers)) or "nothing"
            raise AccordwatchError(f"{file}: no column is called {header!r}; there is {there}")
    places = [(known.get(header, ""), header) for header in headers]
    if "parties" not in {column for column, _ in places}:
        there = ", ".join(filter(None, headers)) or "nothing"
        raise AccordwatchError(
            f"{file}: the first row names no column `parties`; it has {there}. Say which one it "
            "is: --map HEADER=parties. docs/register.md has the template"
        )
    unread = [header for column, header in places if header and not column]
    return unread, (
        _read_row(number, cells, places, tuple(parties), today)
        for number, cells in rows
        if any(str(cell if cell is not None else "").strip() for cell in cells)
    )


def parties_in(cell: str) -> tuple[str, ...]:
    """Return the codes of the parties of a cell. Raises ValueError with what is wrong with one."""
    codes = set()
    for name in filter(None, (one.strip() for one in cell.split(";"))):
        code = party_meant(name)
        if code is None:
            near = [f"{known} ({one})" for one, known in nearest_parties(name).items()]
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"no state or body is called {name!r}{hint}")
        codes.add(code)
    return tuple(sorted(codes))


def day_in(cell: object) -> ListedDay | None:
    """Return the day of a cell; None if it is empty. Raises ValueError with what is wrong."""
    if isinstance(cell, date):  # a datetime is one, too
        return ListedDay((cell.year, cell.month, cell.day))
    text = _text(cell)
    if not text:
        return None
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a day like 2005-04-14, 2005-04 or 2005")
    parts = tuple(int(part) for part in match.groups() if part)
    try:
        date(*(*parts, 1, 1)[:3])
    except ValueError as error:
        raise ValueError(f"{text} is no day of the calendar") from error
    if parts[0] < _FIRST_YEAR:
        raise ValueError(f"{parts[0]} is before {_FIRST_YEAR}; is the year right?")
    return ListedDay(parts)


# --- one row ------------------------------------------------------------------------------------


class _CellError(ValueError):
    """A cell keeps the row from being an agreement; `str()` names its column."""


def _read_row(
    number: int,
    cells: Sequence[object],
    places: Sequence[tuple[str, str]],
    parties: tuple[str, ...],
    today: date,
) -> ListedAgreement | RowFault:
    row: dict[str, list[tuple[str, object]]] = {}
    for (column, header), cell in zip(places, cells, strict=False):
        if column and _text(cell):
            row.setdefault(column, []).append((header, cell))
    texts = {column: "; ".join(_shown(cell) for _, cell in found) for column, found in row.items()}
    remarks: list[str] = []
    try:
        codes = _parties(row, parties)
        days = _days(row, today, remarks)
    except _CellError as error:
        return RowFault(number, str(error))
    kind = _kind(texts.get("kind", ""), remarks)
    named = [one.strip() for one in texts.get("topics", "").split(";") if one.strip()]
    unknown = [one for one in named if one not in {*Topic}]
    if unknown:
        remarks.append(f"topics: {unknown[0][:60]!r} is not one of {', '.join(Topic)}")
    return ListedAgreement(
        number=number,
        parties=codes,
        title=texts.get("title", "")[:_LONGEST],
        kind=kind,
        topics=tuple(topic for topic in Topic if topic in named),
        days=days,
        url=_address(row, remarks),
        place=texts.get("place") or None,
        note=texts.get("note", "")[:_LONGEST],
        reference=texts.get("reference", "")[:_LONGEST],
        remarks=tuple(remarks),
    )


def _parties(
    row: Mapping[str, Sequence[tuple[str, object]]], parties: tuple[str, ...]
) -> tuple[str, ...]:
    codes = {*parties}
    for header, cell in row.get("parties", ()):
        try:
            codes |= {*parties_in(_shown(cell))}
        except ValueError as error:
            raise _CellError(f"{header}: {error}") from error
    if len(codes) < 2:
        named = f"names {codes.pop()} only" if codes else "names nobody"
        raise _CellError(f"parties: {named}; an agreement has two parties or more")
    return tuple(sorted(codes))


def _days(
    row: Mapping[str, Sequence[tuple[str, object]]], today: date, remarks: list[str]
) -> dict[Status, ListedDay]:
    days: dict[Status, ListedDay] = {}
    for column, status in STEPS.items():
        for header, cell in row.get(column, ())[:1]:
            try:
                day = day_in(cell)
            except ValueError as error:
                raise _CellError(f"{header}: {error}") from error
            if day is None:
                continue
            if day.parts > (today.year, today.month, today.day)[: len(day.parts)]:
                remarks.append(f"{header}: {day} is still to come, so it is no step yet")
                continue
            for before in days.values():
                known = min(len(day.parts), len(before.parts))
                if day.parts[:known] < before.parts[:known]:
                    order = f"{day} is before {before}, the day of an earlier step"
                    raise _CellError(f"{header}: {order}")
            days[status] = day
    return days


def _kind(text: str, remarks: list[str]) -> Instrument | None:
    if text in {*Instrument}:
        return Instrument(text)
    if text:
        remarks.append(f"kind: {text[:60]!r} is not {TEMPLATE['kind']}")
    return None


def _address(row: Mapping[str, Sequence[tuple[str, object]]], remarks: list[str]) -> str | None:
    for header, cell in row.get("url", ())[:1]:
        link = _LINK.fullmatch(_text(cell))
        written = link[1] if link else _text(cell)
        address = web_address(written)
        if address is None:
            remarks.append(f"{header}: {written[:60]!r} is no address like https://example.org/a")
        return address
    return None


def _shown(cell: object) -> str:
    """What a cell shows: of a link its words."""
    link = _LINK.fullmatch(_text(cell))
    return clean((link[2] or link[1]) if link else _text(cell))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a year, or the number of a treaty
    return str(cell).strip()


# --- CSV files ----------------------------------------------------------------------------------


def _csv_rows(stream: Iterable[str], file: str) -> NumberedRows:
    """Rows with whichever of comma, semicolon and tab the first line has most."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = (line.replace("\0", "") for line in stream)
    try:
        first = next(lines, "")
        separator = max(",;\t", key=first.count)
        yield from enumerate(csv.reader(chain([first], lines), delimiter=separator), 1)
    except csv.Error as error:
        raise AccordwatchError(f"{file}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise AccordwatchError(f"{file}: is not UTF-8; save it as CSV UTF-8") from error


# --- sheets of Excel workbooks --------------------------------------------------------------------

# A list of 100,000 rows unpacks to 60 MB. A file of a few kilobytes may unpack to terabytes.
_MOST_UNPACKED = 500_000_000
_MOST_COLUMNS = 60
_MOST_EMPTY = 1_000  # rows: sheets often go on for a million rows that somebody has formatted


@contextmanager
def opened_workbook(
    file: str, sheet: str | None = None
) -> Iterator[Iterator[tuple[int, Sequence[object]]]]:
    """Yield the numbered rows of a sheet, by default the first. Raises AccordwatchError."""
    import openpyxl

    _check_size(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a damaged part makes of its own code
        raise AccordwatchError(f"{file}: is no workbook that can be read: {error}") from error
    try:
        there = {worksheet.title: worksheet for worksheet in book.worksheets}
        chosen = there.get(sheet) if sheet else next(iter(there.values()), None)
        if chosen is None:
            missing = f"no sheet is called {sheet!r}; there is {', '.join(there)}"
            raise AccordwatchError(f"{file}: {missing if sheet else 'has no sheet'}")
        yield _rows(chosen, file)
    finally:
        book.close()


def _check_size(file: str) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile as error:
        raise AccordwatchError(f"{file}: is no workbook (.xlsx), whatever its name says") from error
    if unpacked > _MOST_UNPACKED:
        size = f"{unpacked / 1e6:,.0f} MB"
        raise AccordwatchError(
            f"{file}: unpacks to {size}, more than any list needs; save the sheet as CSV"
        )


def _rows(sheet: Any, file: str) -> Iterator[tuple[int, Sequence[object]]]:
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    empty = 0
    try:
        rows = sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(rows, 1):
            empty = 0 if any(cell not in (None, "") for cell in cells) else empty + 1
            if empty > _MOST_EMPTY:
                return
            yield number, cells
    except Exception as error:  # the same: a damaged sheet shows when it is read
        raise AccordwatchError(f"{file}: the sheet cannot be read to its end: {error}") from error
