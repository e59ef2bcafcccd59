"""`pending`: what was signed and is neither ratified nor in force, with the days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows, say_count
from scheduler.cli.output import check_excel, print_csv, print_jsonl, print_table, say
from scheduler.cli.wording import columns, instrument_name, label, status_name, words
from scheduler.searching.pending import COLUMNS, LONGEST, pending_rows
from scheduler.words.page import words_of
from storage.register.given_names import given_names
from storage.search.waiting import waiting

_SHOWN = ("id", "name", "instrument", "status", "signed", "waiting", "text")


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
        found = waiting(s, flt, most, longest_first=sort == LONGEST)
        given = given_names(s, [one.id for one in found])
        say_unknown_names(s, chosen, filters)
    rows = pending_rows(found, given, datetime.now(UTC).date(), words())
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv(rows, COLUMNS, excel=excel)
    elif not rows:
        say(words_of(words().language).say("page.pending.nothing"))
    else:
        print_table("", columns(*_SHOWN), map(_cells, rows))
        say_count(len(rows), "agreements", most)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    said, days = words_of(words().language), row["days"]
    return (
        row["id"],
        row["name"],
        instrument_name(row["instrument"]) or label("unknown"),
        status_name(row["status"], row["instrument"]) or label("unknown"),
        row["pending_since"] or label("undated"),
        said.count("page.pending.days", days) if days is not None else label("unknown"),
        said.say(f"page.text_states.{row['text']}") if row["text"] else "",
    )
