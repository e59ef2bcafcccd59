"""Sheets of Excel workbooks, read and written. The only module that imports openpyxl.

Cells are read as they were saved: a formula is its text, and is never evaluated. A merged cell
stands in each row that it covers.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from scheduler.lists.words import column_names, plain
from storage.errors import AccordwatchError
from storage.export import cell_text

# A list of 100,000 rows unpacks to 60 MB. A file of a few kilobytes may unpack to terabytes.
_MOST_UNPACKED = 500_000_000
_MOST_COLUMNS = 60
_MOST_EMPTY = 1_000  # rows: sheets often go on for a million rows that somebody has formatted
_HEADER_WITHIN = 15
_LONGEST_CELL = 32_767  # characters: Excel repairs a file with longer ones
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_Rows = Iterator[tuple[int, Sequence[object]]]


@contextmanager
def opened_workbook(
    file: str, sheet: str | None = None
) -> Iterator[tuple[_Rows, tuple[str, ...], bool]]:
    """The rows of a sheet with their numbers, remarks on the choice of the sheet, and whether days
    count from 1904. Raises AccordwatchError.
    """
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    _check_size(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a damaged part makes of its own code
        raise AccordwatchError(f"{file}: is no workbook that can be read: {error}") from error
    try:
        chosen, remarks = _chosen(book, sheet, file)
        yield _rows(chosen, _merged(file, chosen), file), remarks, book.epoch == CALENDAR_MAC_1904
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


def _chosen(book: Any, wanted: str | None, file: str) -> tuple[Any, tuple[str, ...]]:
    """The sheet that was asked for, else the one whose first rows name the most columns."""
    sheets = book.worksheets
    if wanted is not None:
        for one in sheets:
            if one.title == wanted:
                return one, ()
        there = ", ".join(one.title for one in sheets)
        raise AccordwatchError(f"{file}: no sheet is called {wanted!r}; there is {there}")
    if not sheets:
        raise AccordwatchError(f"{file}: has no sheet")
    best = max(sheets, key=lambda one: (_likeness(one, file), -sheets.index(one)))
    others = [one.title for one in sheets if one is not best]
    if not others:
        return best, ()
    said = f"read the sheet {best.title!r}, not {', '.join(others)}; --sheet NAME reads another"
    return best, (said,)


def _likeness(sheet: Any, file: str) -> int:
    """How many columns the best row among the first ones of a sheet names."""
    most = 0
    for number, cells in _rows(sheet, {}, file):
        if number > _HEADER_WITHIN:
            break
        most = max(most, sum(plain(str(cell or "")) in column_names() for cell in cells))
    return most


def _rows(sheet: Any, merged: Mapping[tuple[int, int], tuple[int, int]], file: str) -> _Rows:
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    kept: dict[tuple[int, int], object] = {}
    origins = set(merged.values())
    empty = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), 1):
            row = list(cells)
            row += [None] * (_MOST_COLUMNS - len(row)) if merged else []
            for place, cell in enumerate(row):
                if (number, place) in origins:
                    kept[number, place] = cell
                elif (number, place) in merged:
                    row[place] = kept.get(merged[number, place])
            empty = 0 if any(cell not in (None, "") for cell in row) else empty + 1
            if empty > _MOST_EMPTY:
                return
            yield number, row
    except AccordwatchError:
        raise
    except Exception as error:  # the same: a damaged sheet shows when it is read
        raise AccordwatchError(f"{file}: the sheet cannot be read to its end: {error}") from error


def _merged(file: str, sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """The cells that merged cells cover, each with the first cell of its range."""
    from openpyxl.utils.cell import column_index_from_string

    found: dict[tuple[int, int], tuple[int, int]] = {}
    with zipfile.ZipFile(file) as packed:
        name = str(sheet._worksheet_path)  # what is read row by row does not tell its merged cells
        with packed.open(name) as part:
            for left, top, right, bottom in _ranges(part):
                first = (int(top), column_index_from_string(left.decode()) - 1)
                for number in range(first[0], min(int(bottom), first[0] + _MOST_EMPTY) + 1):
                    for place in range(first[1], column_index_from_string(right.decode())):
                        if place < _MOST_COLUMNS and (number, place) != first:
                            found[number, place] = first
    return found


def _ranges(part: IO[bytes]) -> Iterator[tuple[bytes, ...]]:
    before = b""
    while piece := part.read(1 << 20):
        text = before + piece
        end = 0
        for match in _MERGED.finditer(text):
            yield match.groups()
            end = match.end()
        before = text[max(end, len(text) - 100) :]


def write_workbook(
    file: IO[bytes],
    title: str,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    about: Iterable[tuple[str, str]],
) -> None:
    """Write a workbook: a sheet `title` with these columns, and a sheet that says `about` it.

    All text is written as text, so that nothing is run as a formula. Lists are joined as in CSV.
    """
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet, notes = book.create_sheet(title), book.create_sheet("about")

    def cell(value: object) -> object:
        made = WriteOnlyCell(sheet)
        if isinstance(value, int | float):
            made.value = value
            return made
        text = _NOT_IN_XML.sub("", "" if value is None else cell_text(value))
        made.value, made.data_type = text[:_LONGEST_CELL], "s"
        return made

    sheet.freeze_panes = "A2"
    sheet.append([cell(name) for name in columns])
    for row in rows:
        sheet.append([cell(row.get(name)) for name in columns])
    for name, value in about:
        notes.append([cell(name), cell(value)])
    book.save(file)
