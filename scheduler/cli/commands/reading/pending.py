"""`pending`: what was signed and is neither ratified nor in force, with the days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows, print_list, say_count
from scheduler.cli.output import check_excel, say
from scheduler.cli.wording import words
from scheduler.views.agreements import PENDING, pending_entries
from scheduler.views.words.page import words_of


def pending(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    sort: Annotated[
        Literal["newest", "longest"], Parameter(help="The one signed last first, or the oldest.")
    ] = "newest",
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
) -> None:
    """List what was signed or concluded, and is neither ratified nor in force as far as reports
    tell.
    """
    check_excel(format, excel)
    flt = typed_query(query, filters).filter
    chosen, most = configuration(), most_rows(limit, format)
    with opened_database(chosen) as database, database.read() as s:
        today, longest = datetime.now(UTC).date(), sort == "longest"
        found = pending_entries(s, flt, today, words().language, most, longest_first=longest)
        say_unknown_names(s, chosen, filters)
    print_list(PENDING, found, format, excel=excel)
    if format == "table" and found:
        say_count(len(found), "agreements", most)
    elif format == "table":
        say(words_of(words().language).say("page.pending.nothing"))
