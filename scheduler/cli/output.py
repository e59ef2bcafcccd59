"""Data goes to stdout, all else to stderr: tables for people, JSON lines and CSV for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.errors import ConfigurationError
from storage.export import write_csv

Format = Literal["table", "jsonl", "csv"]

# A pipe has no width; a table in a log or an issue should not fold at 80 columns.
_PIPE_WIDTH = 140


def stdout() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def stderr() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(message: str) -> None:
    """A line for the person at the terminal."""
    print(message, file=sys.stderr, flush=True)


def print_jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def counted(number: int, thing: str) -> str:
    """ "1 document", "2 documents"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def check_excel(format: str, excel: bool) -> None:
    """Raises ConfigurationError where --excel is said of another format than csv."""
    if excel and format != "csv":
        raise ConfigurationError("--excel is about csv: say --format csv --excel")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of plain text; cells are never read as markup.

    No word is broken that fits a line: where the longest words of the columns do not stand side by side on the
    screen, each row is written as lines of its own. A pipe has room for all.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    needed = table_width(columns, cells)
    out = stdout()
    if not sys.stdout.isatty():
        out.width = max(out.width, needed)
    if needed <= out.width:
        out.print(_table(title, columns, cells))
        return
    if title:
        out.print(Text(title, style="italic"))
    for row in cells:
        for column, cell in zip(columns, row, strict=True):
            if cell:
                out.print(Text(f"{column}: ", style="dim") + Text(cell), overflow="fold")
        out.print()


def table_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many characters a table needs whose words stay whole: the longest word of each column, and its borders."""
    longest = [
        max((cell_len(word) for cell in (column, *texts) for word in cell.split()), default=0)
        for column, *texts in zip(columns, *rows, strict=True)
    ]
    return sum(width + 3 for width in longest) + 1


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for number, column in enumerate(columns):
        words = [word for cell in (column, *(row[number] for row in rows)) for word in cell.split()]
        table.add_column(column, overflow="fold", min_width=max(map(cell_len, words), default=0))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def print_csv(rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows that all have the same keys, with these as the header; nothing where there is no row."""
    listed = list(rows)
    if listed:
        write_csv(listed, listed[0], sys.stdout)


def shown(text: str) -> str:
    """Text from outside without control and direction characters that would garble a terminal."""
    return "".join(character for character in text if character.isprintable() or character == "\n")
