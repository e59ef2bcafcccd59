"""`reclassify`, `doctor`, `db upgrade|check`: keep what is stored true and sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import print_jsonl, say, stdout

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.health.findings import Finding


def reclassify(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Only show what would change.")] = False,
) -> None:
    """Apply today's rules to all stored documents; what was told already is not told again."""
    from scheduler.comparison.reclassify import reclassify as apply

    chosen = configuration()
    with opened_database(chosen) as database:
        result = apply(database, chosen, now=datetime.now(UTC), dry_run=dry_run)
    for line in result.lines:
        stdout().print(line, markup=False)
    say(result.summary)


def doctor(
    *,
    send: Annotated[
        bool,
        Parameter(negative="", help="Really send a test to every recipient of every channel, too."),
    ] = False,
    format: Annotated[
        Literal["table", "json"], Parameter(help="table for people; json for programs.")
    ] = "table",
) -> int:
    """Say what is well and what is not, what waits and since when, and what to do.

    Exit 0: nothing needs a hand. 1: there is a problem. 2: the configuration or the database cannot be used.
    """
    from scheduler.health.report import examine

    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database:
        findings = examine(database, chosen, now=now)
    if send:
        findings += _test_findings(chosen, now)
    if format == "json":
        print_jsonl(
            [{"status": _worst(findings), "findings": [asdict(finding) for finding in findings]}]
        )
    else:
        _print_findings(findings)
    return 1 if _worst(findings) == "problem" else 0


def _test_findings(chosen: Configuration, now: datetime) -> list[Finding]:
    from scheduler.health.findings import Finding
    from scheduler.notify.directly import send_tests

    return [
        Finding("problem" if test.problem else "well", f"test:{test.channel}", test.line)
        for test in send_tests(chosen, now)
    ]


def _worst(findings: Iterable[Finding]) -> str:
    levels = {finding.level for finding in findings}
    return next((level for level in ("problem", "warning") if level in levels), "well")


def _print_findings(findings: Iterable[Finding]) -> None:
    colours = {"well": "green", "warning": "yellow", "problem": "red"}
    for finding in findings:
        stdout().print(f"[{colours[finding.level]}]{finding.level:<8}[/] ", end="")
        stdout().print(finding.line, markup=False)


def db_upgrade() -> None:
    """Create the database, or bring its tables up to date."""
    with opened_database(configuration()):
        say("the database is there and its tables are up to date")


def db_check() -> None:
    """Say whether the database can be opened, its tables are current and it can be read throughout; changes nothing."""
    from storage.database.session import open_database
    from storage.database.soundness import damage
    from storage.errors import DatabaseError

    database = open_database(configuration().database, upgrade=False)
    try:
        found = damage(database)
    finally:
        database.close()
    if found:
        raise DatabaseError(
            "\n".join(f"the database is damaged: {line}; restore a backup" for line in found)
        )
    say("the database can be opened and read throughout, and its tables are up to date")
