"""`agreements`: the register, as a table, JSON lines or CSV."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.commands.reading.leading_on import say_parties, say_relaxed
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import (
    Excel,
    Limit,
    Query,
    Shape,
    most_rows,
    print_agreements,
    print_list,
)
from scheduler.cli.output import check_excel, say, shown
from scheduler.cli.terminal.opening import Open, check_open, open_original, result_number
from scheduler.cli.wording import words
from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query as Asked
from scheduler.views.agreements import AGREEMENTS, entries_of
from storage import queries
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
        found = queries.agreements(s, asked.filter, most, by_day=sort == "day")
        entries = entries_of(s, found, words().language)
        say_parties(s, asked, query)
        if not entries:
            _say_what_else(s, asked)
        say_unknown_names(s, chosen, filters)
    if open_ is not None:
        open_original(result_number(entries, open_).original, open_)
    elif format == "table":
        print_agreements(entries, most)
    else:
        print_list(AGREEMENTS, entries, format, excel=excel)


def _say_what_else(s: Session, asked: Asked) -> None:
    """Say which names may be meant, and what would be found without one of the conditions."""
    meant = instead_of(asked.query)
    if meant:
        say(f"{words().say('hint.instead')} {shown(meant)}")
    say_relaxed(asked, partial(queries.count_agreements, s), "agreements")
