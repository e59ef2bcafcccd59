"""`agreements`: the register, as a table, JSON lines or CSV."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.commands.reading.leading_on import say_parties, say_relaxed
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows
from scheduler.cli.output import check_excel, print_csv, print_jsonl, say, shown
from scheduler.cli.register_table import original_of, print_agreements, register_rows
from scheduler.cli.terminal.opening import Open, check_open, open_original, result_number
from scheduler.cli.wording import words
from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query as Asked
from storage import export, queries
from storage.database.session import Session


def agreements(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    sort: Annotated[
        Literal["reported", "day"], Parameter(help="Reported last first, or latest step first.")
    ] = "reported",
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
    open_: Open = None,
) -> None:
    """List the register; the agreement that was reported last comes first, or as --sort says."""
    check_excel(format, excel)
    check_open(open_, format)
    asked = typed_query(query, filters)
    chosen, most = configuration(), open_ or most_rows(limit, format)
    with opened_database(chosen) as database, database.read() as s:
        rows = register_rows(s, queries.agreements(s, asked.filter, most, by_day=sort == "day"))
        say_parties(s, asked, query)
        if not rows:
            _say_what_else(s, asked)
        say_unknown_names(s, chosen, filters)
    if open_ is not None:
        open_original(original_of(result_number(rows, open_)), open_)
    elif format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv(rows, export.AGREEMENT_COLUMNS, excel=excel)
    else:
        print_agreements(rows, most)


def _say_what_else(s: Session, asked: Asked) -> None:
    """Say which names may be meant, and what would be found without one of the conditions."""
    meant = instead_of(asked.query)
    if meant:
        say(f"{words().say('hint.instead')} {shown(meant)}")
    say_relaxed(asked, partial(queries.count_agreements, s), "agreements")
