"""`search`: the documents that are stored, as a table, JSON lines or CSV."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, to_filter
from scheduler.cli.listing import Excel, Limit, Query, Shape, most_rows, say_count
from scheduler.cli.output import check_excel, print_jsonl, print_table, say
from scheduler.cli.terminal.opening import Open, check_open, open_original, result_number
from scheduler.cli.wording import columns, label, names, status_name
from storage import export, queries

_COLUMNS = ("published", "lang", "outlet", "title", "parties", "status", "agreement")


def search(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    everything: Annotated[
        bool, Parameter(negative="", help="Also documents that report no agreement.")
    ] = False,
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
    open_: Open = None,
) -> None:
    """List the documents that report an agreement, newest first."""
    check_excel(format, excel)
    check_open(open_, format)
    chosen, most = configuration(), open_ or most_rows(limit, format)
    with opened_database(chosen) as database, database.read() as s:
        rows = list(queries.search(s, to_filter(query, filters), everything=everything, limit=most))
        say_unknown_names(s, chosen, filters)
    exported = map(export.document_row, rows)
    if open_ is not None:
        open_original(result_number(rows, open_).url, open_)
    elif format == "jsonl":
        print_jsonl(exported)
    elif format == "csv":
        export.write_csv(exported, export.DOCUMENT_COLUMNS, sys.stdout, byte_order_mark=excel)
    else:
        _print_documents(rows, most)


def _print_documents(rows: list[queries.DocumentRow], most: int | None) -> None:
    if not rows:
        hints = "Widen the filters, use --everything, or collect first: accordwatch run"
        say(f"No document fits. {hints}")
        return
    numbered = ((str(number), *_cells(row)) for number, row in enumerate(rows, 1))
    print_table("", ("#", *columns(*_COLUMNS)), numbered)
    say_count(len(rows), "documents", most)


def _cells(row: queries.DocumentRow) -> tuple[str, ...]:
    return (
        str(row.published_on or label("undated")),
        row.language,
        row.outlet or "",
        row.title,
        names(row.parties),
        status_name(row.status),
        row.agreement_id or "",
    )
