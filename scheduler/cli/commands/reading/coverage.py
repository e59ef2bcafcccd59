"""`coverage`: an estimate of how many agreements were never seen here, with what it assumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

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
from scheduler.jobs.health.source_findings import source_findings
from storage import queries
from storage.filter import Filter, load_party_groups
from storage.records import Source
from storage.register.blocks import touched_reports
from storage.sources.ledger import DAYS_KEPT, Tally, tallies, total

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
        bool, Parameter(negative="", help="What was requested of each source, and what it brought.")
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


# --- `coverage --sources` -------------------------------------------------------------------------

_STORED = ("stored", "changed")
_KNOWN = ("unchanged", "duplicate")
_REASONS_SHOWN = 3
_SOURCE_COLUMNS = (
    "source",
    "polls",
    "new",
    "again",
    "stored",
    "known",
    "not stored",
    "alerts",
    "to review",
)


def coverage_of_sources(days: int, format: Format) -> None:
    """Print the ledger of the last `days` days, today included."""
    chosen, now = configuration(), datetime.now(UTC)
    since = now.date() - timedelta(days=days - 1)
    enabled = [source for source in chosen.sources if source.enabled]
    with opened_database(chosen) as database, database.read() as s:
        counted = {name: total(found.values()) for name, found in tallies(s, since).items()}
        found = source_findings(s, enabled, now, chosen.settings.monitor)
        lines = {one.name: one.line for one in found}
    troubles: dict[str, list[str]] = {}
    for name, line in lines.items():
        troubles.setdefault(name.split(":")[1], []).append(line)
    rows = [
        row_of(source, counted.get(source.id, Tally()), troubles.get(source.id, []))
        for source in chosen.sources
        if source.enabled or source.id in counted
    ]
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv([row | {"outcomes": _listed(row["outcomes"])} for row in rows])
    else:
        _print_tables(rows, days)


def row_of(source: Source, tally: Tally, troubles: Sequence[str]) -> dict[str, Any]:
    """A source's sums, as programs read them."""
    return {
        "source": source.id,
        "country": source.country,
        "language": source.language,
        "polls": tally.polls,
        "polls_failed": tally.polls_failed,
        "offered": tally.offered,
        "new": tally.new,
        "again": tally.again,
        "fetched": tally.fetched,
        "stored": tally.stored,
        "known": _sum(tally, _KNOWN),
        "not_stored": sum(tally.outcomes.values()) - _sum(tally, (*_STORED, *_KNOWN)),
        "outcomes": dict(sorted(tally.outcomes.items())),
        "left": dict(sorted(tally.left.items())),
        "alerts": tally.matched,
        "to_review": tally.reviewed,
        "titled": tally.titled,
        "dated": tally.dated,
        "cut": tally.cut,
        "languages": dict(sorted(tally.languages.items())),
        "newest_on": tally.newest_on,
        "troubles": list(troubles),
    }


def _sum(tally: Tally, names: Iterable[str]) -> int:
    return sum(tally.outcomes.get(name, 0) for name in names)


def _listed(outcomes: dict[str, int]) -> str:
    return "; ".join(f"{name} {n}" for name, n in outcomes.items())


def _print_tables(rows: Sequence[dict[str, Any]], days: int) -> None:
    print_table("", _SOURCE_COLUMNS, [_source_cells(str(row["source"]), row) for row in rows])
    for title, key in (("By country", "country"), ("By language", "language")):
        columns = (key, *_SOURCE_COLUMNS[1:])
        print_table(title, columns, [_source_cells(name, row) for name, row in _summed(rows, key)])
    polled = sum(1 for row in rows if row["polls"])
    stored = sum(row["stored"] for row in rows)
    last = "today" if days == 1 else f"the last {days} days"
    say(f"{stored:,} documents stored in {last}, from {len(rows)} sources, {polled} of them polled")
    for row in rows:
        for line in row["troubles"]:
            say(f"- {line}")


def _summed(rows: Sequence[dict[str, Any]], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    names = sorted({str(row[key] or "") for row in rows})
    for name in names:
        mine = [row for row in rows if str(row[key] or "") == name]
        sums: dict[str, Any] = {
            column: sum(row[column] for row in mine)
            for column, value in mine[0].items()
            if isinstance(value, int)
        }
        outcomes: Counter[str] = Counter()
        for row in mine:
            outcomes.update(row["outcomes"])
        yield name or "none", sums | {"outcomes": dict(outcomes)}


def _source_cells(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    failed = f" ({row['polls_failed']:,} failed)" if row["polls_failed"] else ""
    numbers = (row[key] for key in ("new", "again", "stored", "known"))
    return (
        name,
        f"{row['polls']:,}{failed}",
        *(f"{n:,}" for n in numbers),
        _not_stored(row),
        f"{row['alerts']:,}",
        f"{row['to_review']:,}",
    )


def _not_stored(row: dict[str, Any]) -> str:
    """ "12: robots 9, http_404 2, timeout 1"."""
    reasons = Counter(row["outcomes"])
    for name in (*_STORED, *_KNOWN):
        reasons.pop(name, None)
    if not reasons:
        return "0"
    shown = ", ".join(f"{name} {n:,}" for name, n in reasons.most_common(_REASONS_SHOWN))
    return f"{row['not_stored']:,}: {shown}{' ...' if len(reasons) > _REASONS_SHOWN else ''}"
