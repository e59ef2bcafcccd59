"""Prints data to stdout as tables, JSON lines or CSV, and all else to stderr."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from cyclopts import Parameter, validators
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from scheduler.cli.invocation import INVOCATION
from scheduler.views.columns import Door, Table
from scheduler.views.columns import moment as moment
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import shown as shown
from scheduler.views.words.lines import web_address
from scheduler.views.words.names import parties_in_words
from scheduler.views.writer import json_line, write_csv
from storage.errors import ConfigurationError
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Grade

# As git sets them: end at once if it fits (F), let colours through (R), leave it on the screen (X).
_LESS = "FRX"


@contextmanager
def paged(out: Console, *, allowed: bool = True) -> Iterator[None]:
    """Show what is printed to `out` in the block page by page, if it is longer than the screen.
    Never when stdout is no terminal, with --no-pager, or where `$PAGER` is empty or `cat`.
    """
    is_plain = os.environ.get("TERM") == "dumb" or INVOCATION.get().no_pager
    command = pager() if allowed and sys.stdout.isatty() and not is_plain else []
    if not command:
        yield
        return
    with out.capture() as captured:
        yield
    text = captured.get()
    if text.count("\n") < out.height or not _shown_by(command, text):
        sys.stdout.write(text)
        sys.stdout.flush()


def pager() -> list[str]:
    """The pager and its options: `$PAGER`, else less, else more; [] for none."""
    configured = os.environ.get("PAGER")
    if configured is None:
        return [name for name in ("less", "more") if shutil.which(name)][:1]
    try:
        words = shlex.split(configured)
    except ValueError:  # an open quote
        words = [configured]
    return [] if words in ([], ["cat"]) else words


def _shown_by(command: list[str], text: str) -> bool:
    """Whether the pager ran, whatever it ended with; a reader may leave in the middle."""
    environment = {"LESS": _LESS, **os.environ}
    try:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - the person's own $PAGER
    except OSError as error:
        print(f"{command[0]}: {error.strerror}; see $PAGER, or --no-pager", file=sys.stderr)
        return False
    data: bytes | None = text.encode(sys.stdout.encoding or "utf-8", "replace")
    while True:
        try:
            running.communicate(data)
            return True
        except KeyboardInterrupt:  # it is for the pager, which goes on
            data = None


# --- `--open N` -----------------------------------------------------------------------------------

T = TypeVar("T")


def result_number(rows: Sequence[T], number: int) -> T:
    """The result that the table shows with this number. Raises ConfigurationError."""
    if not rows:
        raise ConfigurationError(f"--open {number}: nothing fits; widen the filters")
    if number > len(rows):
        raise ConfigurationError(f"--open {number}: the last result has the number {len(rows)}")
    return rows[number - 1]


def open_original(url: str | None, number: int) -> None:
    """Open an address in the browser, or print it where there is none. Raises ConfigurationError
    for what is no http(s) address: a browser would run `javascript:` and show `file:`.
    """
    address = web_address(url)
    if address is None:
        held = f": {shown(url)}" if url else ""
        raise ConfigurationError(f"--open {number}: has no address that a browser may open{held}")
    say(f"opening {address}")
    if not webbrowser.open(address):
        say("no browser was found; this is the address")
        print(address)


Format = Literal["table", "jsonl", "csv"]

# A pipe has no width, and a table in a log or an issue should not be folded at 80 columns.
_PIPE_WIDTH = 140


class _CleanConsole(Console):
    """Drops control characters: lines repeat texts from outside, which no terminal may obey."""

    def print(self, *objects: Any, **options: Any) -> None:
        cleaned = (shown(one) if isinstance(one, str) else one for one in objects)
        super().print(*cleaned, **options)


def stdout() -> Console:
    return _CleanConsole(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def stderr() -> Console:
    return _CleanConsole(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(message: str) -> None:
    print(shown(message), file=sys.stderr, flush=True)


def print_jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write(json_line(row))


def counted(number: int, thing: str) -> str:
    """ "1 document", "2 documents"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, pages: bool = True
) -> None:
    """Print plain text; a Text has its own style. A long table is shown page by page, if `pages`.
    No word is broken that fits on a line: if the longest words of all columns do not fit side by
    side, each row is written as lines of its own. A pipe has room for everything.
    """
    cells = [
        [cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row] for row in rows
    ]
    needed = table_width(columns, [[cell.plain for cell in row] for row in cells])
    out = stdout()
    if not sys.stdout.isatty():
        out.width = max(out.width, needed)
    with paged(out, allowed=pages):
        if needed <= out.width:
            table = RichTable(title=title, title_justify="left", header_style="bold", expand=False)
            widths = _widths(columns, [[cell.plain for cell in row] for row in cells], out.width)
            for column, width in zip(columns, widths, strict=True):
                table.add_column(column, overflow="fold", width=width)
            for row in cells:
                table.add_row(*row)
            out.print(table)
        else:
            if title:
                out.print(Text(title, style="italic"))
            for row in cells:
                for column, cell in zip(columns, row, strict=True):
                    if cell:
                        out.print(Text(f"{column}: ", style="dim") + cell, overflow="fold")
                out.print()


def table_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How wide a table is whose words stay whole: their longest, and the borders."""
    cells_of_columns = zip(columns, *rows, strict=True)
    return sum(_longest_word(cells) + 3 for cells in cells_of_columns) + 1


def _longest_word(cells: Iterable[str]) -> int:
    words = (word for cell in cells for word in cell.split())
    return max(map(cell_len, words), default=0)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths of columns whose words stay whole. Room that is left goes to the narrowest column that
    is cut. Rich does not see whose words do not fit, and would make the table too wide.
    """
    by_column = list(zip(columns, *rows, strict=True))
    widths = [_longest_word(cells) for cells in by_column]
    full = [
        max(cell_len(line) for cell in cells for line in cell.splitlines() or [""])
        for cells in by_column
    ]
    for _ in range(room - table_width(columns, rows)):
        cut = [one for one, width in enumerate(widths) if width < full[one]]
        if not cut:
            break
        widths[min(cut, key=lambda one: widths[one])] += 1
    return widths


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


# --- what commands that print a list share --------------------------------------------------------

# A table is for eyes: whoever needs more than two screens passes --limit, or prints jsonl.
TABLE_ROWS = 50

Query = Annotated[
    str,
    Parameter(
        help="Words that must all occur; accents and Arabic vowels do not matter. Also "
        '"a phrase", begin*, this OR that, -without. Put -- before a query that begins with -.'
    ),
]
Shape = Annotated[Format, Parameter(help="table for people; jsonl and csv print every row.")]
Who = Annotated[str | None, Parameter(help="Who decides; else the name of this login.")]
Why = Annotated[str, Parameter(help="The reason; saved with the decision.")]
_MOST_ROWS = 2**31 - 1  # more cannot be asked of a database
Excel = Annotated[
    bool, Parameter(negative="", help="csv that Excel opens with its accents and Arabic.")
]
Item = TypeVar("Item")


@Parameter(name="*")
@dataclass(frozen=True)
class ListOptions:
    """How a list is printed, as it was typed."""

    format: Shape = "table"
    limit: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=1, lte=_MOST_ROWS),
            help=f"Print at most this many rows; a table has {TABLE_ROWS} if this is left out.",
        ),
    ] = None
    excel: Excel = False

    def __post_init__(self) -> None:
        if self.excel and self.format != "csv":
            raise ConfigurationError("--excel goes with csv only: --format csv --excel")

    @property
    def is_table(self) -> bool:
        return self.format == "table"

    @property
    def most(self) -> int | None:
        """How many rows at most."""
        return TABLE_ROWS if self.limit is None and self.is_table else self.limit

    def print(self, table: Table[Item], items: Sequence[Item]) -> None:
        print_list(table, items, self.format, excel=self.excel)


@Parameter(name="*")
@dataclass(frozen=True)
class OpenListOptions(ListOptions):
    """The same of a list whose originals can be opened."""

    open: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=1),
            help="Open the original of the result with this number in the browser; print no table.",
        ),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.open is not None and not self.is_table:
            raise ConfigurationError("--open shows one result in the browser: leave out --format")

    @property
    def most(self) -> int | None:
        return self.open or super().most


AS_TABLE, AS_NUMBERED_TABLE = ListOptions(), OpenListOptions()


def print_list(
    table: Table[Item], items: Sequence[Item], format: Format = "table", *, excel: bool = False
) -> None:
    if format == "jsonl":
        print_jsonl(map(table.row, items))
    elif format == "csv":
        print_csv((table.row(item, Door.SHEET) for item in items), table.names(), excel=excel)
    elif items:
        labels = words()
        print_table("", table.headings(labels), [table.cells(item, labels) for item in items])


def print_count(shown: int, noun: str, most: int | None) -> None:
    """Print how many rows were printed, and how to get more if there may be more."""
    more = f"; {label('more')}" if shown == most else ""
    say(words().count_of(f"terminal.{noun}", shown) + more)


def say_left_out(unconfirmed: int) -> None:
    if unconfirmed:
        every = " ".join(f"--grade {grade}" for grade in Grade)
        say(f"{unconfirmed} unconfirmed are left out; with them: {every}")


# --- names instead of codes for the terminal ------------------------------------------------------


def words() -> Labels:
    return labels_of(reader_language())


def label(key: str, **values: object) -> str:
    return words().term(f"terminal.{key}", **values)


def names(codes: Iterable[str]) -> str:
    """Names of parties: ("MA", "NE") gives "Morocco, Niger", and no code gives "unknown"."""
    return parties_in_words(codes, words())


def reader_language(environ: Mapping[str, str] = os.environ) -> str:
    """The terminal's language (POSIX.1-2017, 8.2) if digests are written in it; else "en"."""
    values = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, values), "")
    code, rest = locale[:2], locale[2:3]
    return code if code in SPOKEN_LANGUAGES and rest in ("", "_", ".", "@") else "en"
