"""Sheets of Excel workbooks, read.

Cells are read as they were saved: a formula is its text, and is never evaluated.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from storage.errors import AccordwatchError

# A list of 100,000 rows unpacks to 60 MB. A file of a few kilobytes may unpack to terabytes.
_MOST_UNPACKED = 500_000_000
_MOST_COLUMNS = 60
_MOST_EMPTY = 1_000  # rows: sheets often go on for a million rows that somebody has formatted


@contextmanager
def opened_workbook(
    file: str, sheet: str | None = None
) -> Iterator[Iterator[tuple[int, Sequence[object]]]]:
    """Yield the rows of a sheet, by default the first one, with their numbers. Raises
    AccordwatchError.
    """
    import openpyxl

    _check_size(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a damaged part makes of its own code
        raise AccordwatchError(f"{file}: is no workbook that can be read: {error}") from error
    try:
        there = {one.title: one for one in book.worksheets}
        chosen = there.get(sheet) if sheet else next(iter(there.values()), None)
        if chosen is None:
            wanted = f"no sheet is called {sheet!r}; there is {', '.join(there)}"
            raise AccordwatchError(f"{file}: {wanted if sheet else 'has no sheet'}")
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
