"""`changes`: what the register has learnt lately, as a table, JSON lines or CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter, validators

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows, print_list
from scheduler.cli.output import check_excel, moment, say
from scheduler.cli.wording import label, words
from scheduler.views.changes import CHANGES, DAYS, Changes, begins, changes_since

_ALL = 10**9


def changes(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    days: Annotated[
        int,
        Parameter(
            validator=validators.Number(gte=1, lte=36_500),
            help="Learnt in so many days before now; --since asks for what was since a day (UTC).",
        ),
    ] = DAYS,
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
) -> None:
    """List new agreements, and new steps of known ones, by the moment at which they were learnt."""
    check_excel(format, excel)
    flt = typed_query(query, filters).filter
    chosen, most = configuration(), most_rows(limit, format)
    since = begins(flt.since, days, datetime.now(UTC))
    with opened_database(chosen) as database, database.read() as s:
        found = changes_since(s, flt, since, most or _ALL, words().language)
        say_unknown_names(s, chosen, filters)
    lines = found.lines[:most]
    print_list(CHANGES, lines, format, excel=excel)
    if format == "table":
        _say_how_many(found, len(lines))


def _say_how_many(found: Changes, printed: int) -> None:
    since = words().say("learnt.since", moment=moment(found.since))
    if not printed:
        say(words().say("learnt.nothing", since=since))
        return
    more = found.more + len(found.lines) - printed
    said = words().count("learnt.counted", printed)
    say(f"{since}{words().say('colon')}{said}" + (f"; {label('more')}" if more else ""))
