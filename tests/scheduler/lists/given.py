"""Lists as files, and what an import makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from scheduler.lists.importing import ImportedList, ListWish, RowOutcome, import_list, read_list
from scheduler.lists.sheets import opened_sheet
from scheduler.lists.stored_rows import ListName
from storage.database.session import Database

NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
OURS = ListName("ours", "Our list")
HEADER = "parties,title,kind,signed,in force,ended,url,topics,place,note,reference"
ROWS = (
    "EU; Albania,Agreement on readmission,agreement,2005-04-14,2006-05-01,,,readmission,Luxembourg,,OJ 1",
    "Italy and Libya,Memorandum on migration,MoU,2017-02-02,,,https://example.org/it-ly,,Rome,,",
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
    wish: ListWish | None = None,
    of: ListName = OURS,
    now: datetime = NOW,
) -> tuple[ImportedList, list[RowOutcome]]:
    heard: list[RowOutcome] = []
    with opened_sheet(file) as sheet:
        _, rows = read_list(sheet, wish or ListWish(), file, now)
        done = import_list(database, rows, of, "amina", now, heard.append)
    return done, heard
