"""Prints data to stdout as tables, JSON lines or CSV, and all else to stderr."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.terminal.paging import paged
from scheduler.views.columns import moment as moment
from scheduler.views.words.lines import shown as shown
from scheduler.views.writer import json_line, write_csv
from storage.errors import ConfigurationError

Format = Literal["table", "jsonl", "csv"]

# A pipe has no width, and a table in a log or an issue should not be folded at 80 columns.
_PIPE_WIDTH = 140


class _CleanConsole(Console):
    """The edge of the terminal: whatever a line repeats from outside, no terminal obeys it."""

    def print(self, *objects: Any, **options: Any) -> None:
        cleaned = (shown(one) if isinstance(one, str) else one for one in objects)
        super().print(*cleaned, **options)


def stdout() -> Console:
    return _CleanConsole(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def stderr() -> Console:
    return _CleanConsole(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(message: str) -> None:
    """Print a line for the person at the terminal."""
    print(shown(message), file=sys.stderr, flush=True)


def print_jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json_line(row))


def counted(number: int, thing: str) -> str:
    """ "1 document", "2 documents"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def check_excel(format: str, excel: bool) -> None:
    """Raises ConfigurationError if --excel stands beside a format other than csv."""
    if excel and format != "csv":
        raise ConfigurationError("--excel goes with csv only: --format csv --excel")


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, pages: bool = True
) -> None:
    """Print a table of plain text. Cells are never read as markup; a Text has its own style. A long
    one is shown page by page on a terminal, if `pages`.

    No word is broken that fits on a line: if the longest words of all columns do not fit side by
    side on the screen, each row is written as lines of its own. A pipe has room for everything.
    """
    cells = [[_as_text(cell) for cell in row] for row in rows]
    needed = table_width(columns, [[cell.plain for cell in row] for row in cells])
    out = stdout()
    if not sys.stdout.isatty():
        out.width = max(out.width, needed)
    with paged(out, allowed=pages):
        if needed <= out.width:
            out.print(_table(title, columns, cells, out.width))
        else:
            _print_as_lines(out, title, columns, cells)


def _as_text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(shown(cell))


def _print_as_lines(
    out: Console, title: str, columns: Sequence[str], cells: Sequence[Sequence[Text]]
) -> None:
    if title:
        out.print(Text(title, style="italic"))
    for row in cells:
        for column, cell in zip(columns, row, strict=True):
            if cell:
                out.print(Text(f"{column}: ", style="dim") + cell, overflow="fold")
        out.print()


def table_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many characters wide a table is whose words stay whole: the longest word of each column,
    and the borders.
    """
    cells_of_columns = zip(columns, *rows, strict=True)
    return sum(_longest_word(cells) + 3 for cells in cells_of_columns) + 1


def _longest_word(cells: Iterable[str]) -> int:
    words = (word for cell in cells for word in cell.split())
    return max(map(cell_len, words), default=0)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Text]], room: int) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    widths = _widths(columns, [[cell.plain for cell in row] for row in rows], room)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, overflow="fold", width=width)
    for row in rows:
        table.add_row(*row)
    return table


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The widths of columns whose words stay whole. What room is left goes to the narrowest column
    that is not whole yet, so that the widest are cut. Rich itself does not see whose words do not
    fit then, and the table becomes wider than the screen.
    """
    by_column = list(zip(columns, *rows, strict=True))
    widths = [_longest_word(cells) for cells in by_column]
    wanted = [max(map(_longest_line, cells)) for cells in by_column]
    for _ in range(room - table_width(columns, rows)):
        cut = [one for one, width in enumerate(widths) if width < wanted[one]]
        if not cut:
            break
        widths[min(cut, key=lambda one: widths[one])] += 1
    return widths


def _longest_line(cell: str) -> int:
    return max(map(cell_len, cell.splitlines()), default=0)


def print_csv(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = (), *, excel: bool = False
) -> None:
    """Print rows with these columns. If none are named, the rows have the same keys, which are the
    header, and nothing is printed if there are no rows. A terminal gets no control characters.
    """
    if not columns:
        rows = list(rows)
        if not rows:
            return
        columns = list(rows[0])
    if sys.stdout.isatty():
        written = io.StringIO(newline="")
        write_csv(rows, columns, written)
        sys.stdout.write(shown(written.getvalue()))
    else:
        write_csv(rows, columns, sys.stdout, byte_order_mark=excel)
