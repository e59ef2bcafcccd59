"""`coverage`: an estimate of how many agreements were never seen here, with what it assumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from crawler.register.completeness import (
    ASSUMPTIONS,
    LEAST_OVERLAP,
    Completeness,
    estimate,
    sightings_of,
)
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import Format, print_csv, print_jsonl, print_table, say
from storage import queries
from storage.filter import Filter, load_party_groups
from storage.register.blocks import touched_reports
from storage.sources.ledger import DAYS_KEPT

_DAYS = Number(gte=1, lte=DAYS_KEPT)
_COLUMNS = (
    "slice",
    "seen",
    "first sample",
    "second",
    "both",
    "estimated in all",
    "95 %",
    "share seen",
)


def coverage(
    *,
    sources: Annotated[
        bool, Parameter(negative="", help="What was asked of each source, and what came of it.")
    ] = False,
    days: Annotated[
        int, Parameter(help="With --sources: of so many days, today included.", validator=_DAYS)
    ] = 7,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
) -> None:
    """Estimate how many agreements were never seen here, by region and language."""
    if sources:
        from scheduler.cli.commands.reading.coverage_sources import coverage_of_sources

        coverage_of_sources(days, format)
        return
    with opened_database(configuration()) as database, database.read() as s:
        found = queries.agreements(s, Filter())
        documents = {
            document
            for agreement in found
            for document in (*agreement.document_ids, *agreement.mentions)
        }
        reports = {report.document_id: report for report in touched_reports(s, documents)}
    estimates = estimate(sightings_of(found, reports, load_party_groups().codes))
    if format == "jsonl":
        print_jsonl(map(_row, estimates))
    elif format == "csv":
        print_csv(map(_row, estimates))
    else:
        _print_estimates(estimates)


def _print_estimates(estimates: Sequence[Completeness]) -> None:
    print_table("", _COLUMNS, [_cells(one) for one in estimates if one.seen])
    say(f"There is no estimate if the two samples share fewer than {LEAST_OVERLAP} agreements.")
    say("What the estimates assume:")
    for assumption in ASSUMPTIONS:
        say(f"- {assumption}")


def _row(one: Completeness) -> dict[str, object]:
    return {
        "slice": one.slice,
        "seen": one.seen,
        "first": one.first,
        "second": one.second,
        "both": one.both,
        "estimated": one.estimated,
        "low": one.low,
        "high": one.high,
    }


def _cells(one: Completeness) -> tuple[str, ...]:
    counted = (one.slice, str(one.seen), str(one.first), str(one.second), str(one.both))
    if one.estimated is None or one.share is None:
        return (*counted, "", "", "")
    return (
        *counted,
        f"{one.estimated:.0f}",
        f"{one.low:.0f} to {one.high:.0f}",
        f"{one.share:.0%}",
    )
