"""Lists as files, and what an import makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from scheduler.exchange.list_import import (
    ImportedList,
    ImportOrder,
    ListName,
    RowOutcome,
    import_list,
)
from scheduler.exchange.list_rows import opened_rows, read_rows
from storage.database.session import Database

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
OURS = ListName("ours", "Our list")
HEADER = "parties,title,kind,signed,in_force,ended,url,topics,place,note,reference"
ROWS = (
    "EU; Albania,Agreement on readmission,agreement,2005-04-14,2006-05-01,,,readmission_returns,Luxembourg,,OJ 1",
    "Italy; Libya,Memorandum on migration,memorandum_of_understanding,2017-02-02,,,https://example.org/it-ly,,Rome,,",
)


def written(folder: Path, rows: Iterable[str], name: str = "list.csv") -> str:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return str(path)


def workbook(folder: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> str:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / "list.xlsx"
    book.save(path)
    return str(path)


def imported(
    database: Database,
    file: str,
    of: ListName = OURS,
    now: datetime = NOW,
) -> tuple[ImportedList, list[RowOutcome]]:
    received: list[RowOutcome] = []
    with opened_rows(file) as found:
        _, rows = read_rows(found, file, now.date())
        done = import_list(database, rows, ImportOrder(of, "amina", now), received.append)
    return done, received
