"""`changes`: what the register has learnt lately, as a table, JSON lines or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter, validators

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows
from scheduler.cli.output import check_excel, moment, print_csv, print_jsonl, print_table, say
from scheduler.cli.wording import certainty_name, columns, label, status_name, words
from scheduler.searching.changes import (
    COLUMNS,
    DAYS,
    Changes,
    Learned,
    begins,
    change_row,
    changes_since,
)

_SHOWN = ("learnt", "news", "id", "name", "status", "certainty", "day")
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
        found = changes_since(s, flt, since, most or _ALL)
        say_unknown_names(s, chosen, filters)
    lines = found.lines[:most]
    if format == "table":
        _print(found, lines)
        return
    rows = [change_row(line, words()) for line in lines]
    if format == "jsonl":
        print_jsonl(rows)
    else:
        print_csv(rows, COLUMNS, excel=excel)


def _print(found: Changes, lines: Sequence[Learned]) -> None:
    since = words().say("learnt.since", moment=moment(found.since))
    if not lines:
        say(words().say("learnt.nothing", since=since))
        return
    print_table("", columns(*_SHOWN), map(_cells, lines))
    more = found.more + len(found.lines) - len(lines)
    said = words().count("learnt.counted", len(lines))
    say(f"{since}{words().say('colon')}{said}" + (f"; {label('more')}" if more else ""))


def _cells(line: Learned) -> tuple[str, ...]:
    one, step = line.agreement, line.step
    status = step.status if step else one.status
    return (
        moment(line.learnt_at),
        line.news(words()),
        one.id,
        line.name(words()),
        status_name(status, one.instrument) or label("unknown"),
        certainty_name(one.certainty),
        str(step.on) if step and step.on else label("undated"),
    )
