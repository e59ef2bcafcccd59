"""`agreements`: the register, as a table, JSON lines or CSV."""

from __future__ import annotations

import sys

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, to_filter
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows
from scheduler.cli.output import check_excel, print_jsonl
from scheduler.cli.register_table import print_agreements, register_rows
from storage import export, queries


def agreements(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
) -> None:
    """List the register; the agreement that was reported last comes first."""
    check_excel(format, excel)
    chosen, most = configuration(), most_rows(limit, format)
    with opened_database(chosen) as database, database.read() as s:
        rows = register_rows(s, queries.agreements(s, to_filter(query, filters), most))
        say_unknown_names(s, chosen, filters)
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        export.write_csv(rows, export.AGREEMENT_COLUMNS, sys.stdout, byte_order_mark=excel)
    else:
        print_agreements(rows, most)
