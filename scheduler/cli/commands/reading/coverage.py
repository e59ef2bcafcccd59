"""`coverage`: the ledger of each source, what was requested of it and what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import Shape, print_list, print_table, say, words
from scheduler.jobs.health.source_findings import source_findings
from scheduler.views.operations import LEDGER, LedgerLine
from storage.sources.ledger import DAYS_KEPT, Tally, tallies, total

_DAYS = Number(gte=1, lte=DAYS_KEPT)


def coverage(
    *,
    days: Annotated[int, Parameter(help="Of so many days, today included.", validator=_DAYS)] = 7,
    format: Shape = "table",
) -> None:
    """Show what was requested of each source, what it brought, and what is wrong with it."""
    chosen, now = configuration(), datetime.now(UTC)
    since = now.date() - timedelta(days=days - 1)
    enabled = [source for source in chosen.sources if source.enabled]
    with opened_database(chosen) as database, database.read() as s:
        counted = {name: total(found.values()) for name, found in tallies(s, since).items()}
        found = source_findings(s, enabled, now, chosen.settings.monitor)
        said = {one.name: one.line for one in found}
    troubles: dict[str, list[str]] = {}
    for name, line in said.items():
        troubles.setdefault(name.split(":")[1], []).append(line)
    lines = [
        LedgerLine(
            source.id,
            counted.get(source.id, Tally()),
            source.country,
            source.language,
            troubles.get(source.id, ()),
        )
        for source in chosen.sources
        if source.enabled or source.id in counted
    ]
    print_list(LEDGER, lines, format)
    if format == "table":
        _print_sums(lines, days)


def _print_sums(lines: Sequence[LedgerLine], days: int) -> None:
    labels = words()
    for key in ("country", "language"):
        by_name: dict[str, list[Tally]] = {}
        for one in lines:
            by_name.setdefault(getattr(one, key) or "none", []).append(one.tally)
        rows = [
            LEDGER.cells(LedgerLine(name, total(found)), labels)
            for name, found in sorted(by_name.items())
        ]
        print_table(f"By {key}", (key, *LEDGER.headings(labels)[1:]), rows)
    polled, stored = (
        sum(one.tally.polls > 0 for one in lines),
        sum(one.tally.stored for one in lines),
    )
    last = "today" if days == 1 else f"the last {days} days"
    say(
        f"{stored:,} documents stored in {last}, from {len(lines)} sources, {polled} of them polled"
    )
    for one in lines:
        for trouble in one.troubles:
            say(f"- {trouble}")
