"""Lists as rows of cells, read one after the other: CSV in any charset and with any separator, or a
sheet of a workbook.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.extract.encoding import guess_charset
from storage.errors import AccordwatchError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = ",;\t|"
_PIECE = 1 << 20  # bytes that are read at a time
_SAMPLE = 1 << 16  # bytes that a charset is guessed from
_LONGEST_CELL = 1 << 20  # characters: many times the longest cell of a spreadsheet
_CSV_NAMES = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list with their numbers, as a spreadsheet counts them. `remarks` say how the
    file was read where this was a guess. `since_1904`: serial numbers of days count from there.
    """

    rows: Iterator[tuple[int, Sequence[object]]]
    remarks: tuple[str, ...] = ()
    since_1904: bool = False


def is_list(file: str) -> bool:
    """Whether a file is a list that can be read, by its name."""
    return file.lower().endswith((*_CSV_NAMES, *_WORKBOOKS))


@contextmanager
def opened_sheet(
    file: str, *, sheet: str | None = None, encoding: str | None = None
) -> Iterator[Sheet]:
    """The rows of a file. Raises AccordwatchError if it cannot be read as a list."""
    from scheduler.lists.workbook import opened_workbook

    name = file.lower()
    try:
        if name.endswith(_WORKBOOKS):
            with opened_workbook(file, sheet) as (rows, remarks, since_1904):
                yield Sheet(rows, remarks, since_1904)
        elif name.endswith(_CSV_NAMES):
            with _opened_csv(file, encoding) as found:
                yield found
        else:
            kinds = ", ".join((*_CSV_NAMES, *_WORKBOOKS))
            raise AccordwatchError(
                f"{file}: is no list that can be read; save it as one of {kinds}"
            )
    except OSError as error:
        raise AccordwatchError(f"{file}: cannot be read: {error.strerror or error}") from error


@contextmanager
def _opened_csv(file: str, encoding: str | None) -> Iterator[Sheet]:
    charset = encoding or _charset(Path(file))
    remarks = () if charset.startswith("utf") or encoding else (f"read as {charset}",)
    try:
        codecs.lookup(charset)
    except LookupError as error:
        raise AccordwatchError(f"--encoding {encoding}: no charset has this name") from error
    with Path(file).open(encoding=charset, newline="") as stream:
        separator = _separator(stream.readline(_SAMPLE))
        stream.seek(0)
        yield Sheet(_csv_rows(stream, separator, file), remarks)


def _csv_rows(
    lines: Iterable[str], separator: str, file: str
) -> Iterator[tuple[int, Sequence[object]]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader((line.replace("\0", "") for line in lines), delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise AccordwatchError(f"{file}: row {number}: cannot be read: {error}") from error
        except UnicodeDecodeError as error:
            raise AccordwatchError(
                f"{file}: row {number}: is not {error.encoding}; say what it is: --encoding cp1252"
            ) from error
        if number == 1 and len(cells) == 1 and cells[0].startswith("sep="):
            continue  # a hint that spreadsheets leave for each other
        yield number, cells


def _separator(first: str) -> str:
    """What stands between the cells: what the first line has most, outside of quotation marks."""
    if first.lstrip("\ufeff").startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[-1]
    bare = "".join(part for place, part in enumerate(first.split('"')) if place % 2 == 0)
    return max(_SEPARATORS, key=bare.count)


def _charset(file: Path) -> str:
    """The charset of a file: UTF-8 if all of it is, else the one that its letters fit best."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        head = stream.read(_SAMPLE)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        piece = head
        try:
            while piece:
                decoder.decode(piece)
                piece = stream.read(_PIECE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return guess_charset(head if not head.isascii() else piece)
    return "utf-8"
