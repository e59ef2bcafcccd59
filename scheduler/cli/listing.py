"""What commands that print a list share: their options, and how they print it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import Parameter, validators

from scheduler.cli.output import Format, print_csv, print_jsonl, print_table, say
from scheduler.cli.wording import label, words
from scheduler.views.columns import Door, Table

if TYPE_CHECKING:
    from scheduler.views.agreements import Entry

# A table is for eyes: what does not fit two screens is asked for with --limit, or as jsonl.
TABLE_ROWS = 50

Query = Annotated[
    str,
    Parameter(
        help="Words that must all stand in it; accents and Arabic vowels do not matter. Also "
        '"a phrase", begin*, this OR that, and -without, which no query begins with but behind --.'
    ),
]
Shape = Annotated[Format, Parameter(help="table for people; jsonl and csv print every row.")]
Excel = Annotated[
    bool, Parameter(negative="", help="csv that Excel opens with its accents and Arabic.")
]
Limit = Annotated[
    int | None,
    Parameter(
        validator=validators.Number(gte=1),
        help=f"Print at most this many rows; a table has {TABLE_ROWS} if this is left out.",
    ),
]


def most_rows(limit: int | None, format: Format) -> int | None:
    """How many rows are asked for; None for all."""
    return TABLE_ROWS if limit is None and format == "table" else limit


Item = TypeVar("Item")


def print_list(
    table: Table[Item], items: Sequence[Item], format: Format = "table", *, excel: bool = False
) -> None:
    """Print a list as its description says."""
    if format == "jsonl":
        print_jsonl(map(table.row, items))
    elif format == "csv":
        print_csv((table.row(one, Door.SHEET) for one in items), table.names(), excel=excel)
    elif items:
        labels = words()
        print_table("", table.headings(labels), [table.cells(one, labels) for one in items])


def print_agreements(
    entries: Sequence[Entry], most: int | None = None, *, pages: bool = True
) -> None:
    """Print the table of agreements with their numbers; `most` is the limit they were asked for
    with.
    """
    from scheduler.views.agreements import AGREEMENTS  # other lists need none of it

    if not entries:
        say("No agreement fits. Widen the filters, or collect first: accordwatch run")
        return
    labels = words()
    rows = ((str(n), *AGREEMENTS.cells(one, labels)) for n, one in enumerate(entries, 1))
    print_table("", ("#", *AGREEMENTS.headings(labels)), rows, pages=pages)
    say_count(len(entries), "agreements", most)


def say_count(shown: int, noun: str, most: int | None) -> None:
    """Say how many rows were printed, and how to get more if there may be more."""
    more = f"; {label('more')}" if shown == most else ""
    say(words().count(f"terminal.{noun}", shown) + more)
