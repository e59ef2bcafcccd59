"""What `search` and `agreements` share beside their filters: options, and the line below a
table.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter, validators

from scheduler.cli.output import Format, say
from scheduler.cli.wording import label, words

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


def say_count(shown: int, noun: str, most: int | None) -> None:
    """Say how many rows were printed, and how to get more if there may be more."""
    more = f"; {label('more')}" if shown == most else ""
    say(words().count(f"terminal.{noun}", shown) + more)
