"""`search` and `agreements`: what is stored, as a table, JSON lines or CSV."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter, validators

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, to_filter
from scheduler.cli.output import Format, check_excel, print_jsonl, print_table, say
from scheduler.cli.wording import (
    agreement_names,
    columns,
    label,
    names,
    place_name,
    status_name,
    topic_names,
    words,
)
from storage import export, queries
from storage.database.session import Session
from storage.register.given_names import given_names
from storage.register.records import Agreement

# A table is for eyes: what does not fit two screens is asked for with --limit, or as jsonl.
TABLE_ROWS = 50

Query = Annotated[
    str, Parameter(help="Words that must all stand in it; accents and Arabic vowels do not matter.")
]
Shape = Annotated[Format, Parameter(help="table for people; jsonl and csv print every row.")]
Excel = Annotated[
    bool, Parameter(negative="", help="csv that Excel opens with its accents and Arabic.")
]
Limit = Annotated[
    int | None,
    Parameter(
        validator=validators.Number(gte=1),
        help=f"At most so many rows (table: {TABLE_ROWS} unless said).",
    ),
]


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
) -> None:
    """List the documents that report an agreement, newest first."""
    check_excel(format, excel)
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        most = limit if limit is not None or format != "table" else TABLE_ROWS
        rows = list(queries.search(s, to_filter(query, filters), everything=everything, limit=most))
        say_unknown_names(s, chosen, filters)
    if format == "jsonl":
        print_jsonl(map(export.document_row, rows))
    elif format == "csv":
        export.write_csv(
            map(export.document_row, rows),
            export.DOCUMENT_COLUMNS,
            sys.stdout,
            byte_order_mark=excel,
        )
    else:
        _print_documents(rows, most)


def agreements(
    query: Query = "",
    /,
    *,
    filters: FilterOptions | None = None,
    format: Shape = "table",
    limit: Limit = None,
    excel: Excel = False,
) -> None:
    """List the register, the agreement reported last first."""
    check_excel(format, excel)
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        most = limit if limit is not None or format != "table" else TABLE_ROWS
        found = queries.agreements(s, to_filter(query, filters), most)
        rows = register_rows(s, found)
        say_unknown_names(s, chosen, filters)
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        export.write_csv(rows, export.AGREEMENT_COLUMNS, sys.stdout, byte_order_mark=excel)
    else:
        print_agreements(rows, most)


def register_rows(s: Session, found: Sequence[Agreement]) -> list[dict[str, object]]:
    """Agreements as rows, with their reports, under the names that this reader knows them by."""
    documents = [
        document
        for agreement in found
        for document in (*agreement.document_ids, *agreement.mentions)
    ]
    reports = queries.report_rows(s, documents)
    called = agreement_names(found, given_names(s, [agreement.id for agreement in found]))
    return [export.agreement_row(agreement, reports, called[agreement.id]) for agreement in found]


def print_agreements(rows: list[dict[str, object]], most: int | None = None) -> None:
    """The register as a table for people."""
    if not rows:
        say("No agreement fits. Widen the filters, or collect first: accordwatch run")
        return
    cells = [
        (
            str(row["id"]),
            str(row["name"]),
            status_name(row["status"], row["instrument"]) or label("unknown"),
            str(row["event_date"] or label("unknown")),
            place_name(row["place"]),
            topic_names(_list(row["topics"])),
            str(len(_list(row["reports"]))),
        )
        for row in rows
    ]
    print_table("", columns("id", "name", "status", "day", "place", "topics", "reports"), cells)
    _say_count(len(rows), "agreements", most)


def _print_documents(rows: list[queries.DocumentRow], most: int | None) -> None:
    if not rows:
        say(
            "No document fits. Widen the filters, use --everything, or collect first: accordwatch run"
        )
        return
    cells = [
        (
            str(row.published_on or label("undated")),
            row.language,
            row.outlet or "",
            row.title,
            names(row.parties),
            status_name(row.status),
            row.agreement_id or "",
        )
        for row in rows
    ]
    print_table(
        "", columns("published", "lang", "outlet", "title", "parties", "status", "agreement"), cells
    )
    _say_count(len(rows), "documents", most)


def _say_count(shown: int, noun: str, most: int | None) -> None:
    more = f"; {label('more')}" if shown == most else ""
    say(words().count(f"terminal.{noun}", shown) + more)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
