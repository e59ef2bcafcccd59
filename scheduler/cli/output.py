"""Data goes to stdout, all else to stderr: tables for people, JSON lines and CSV for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.errors import ConfigurationError

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


def check_excel(format: str, excel: bool) -> None:
    """Raises ConfigurationError where --excel is said of another format than csv."""
    if excel and format != "csv":
        raise ConfigurationError("--excel is about csv: say --format csv --excel")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of plain text; cells are never read as markup."""
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    stdout().print(table)


def shown(text: str) -> str:
    """Text from outside without control and direction characters that would garble a terminal."""
    return "".join(character for character in text if character.isprintable() or character == "\n")
