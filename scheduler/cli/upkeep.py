"""`reclassify`, `doctor`, `db upgrade|check`: keep what is stored true and sound."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say, stdout


def reclassify(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Only show what would change.")] = False,
) -> None:
    """Apply today's rules to all stored documents; what was told already is not told again."""
    from scheduler.reclassify import reclassify as apply

    chosen = configuration()
    with opened_database(chosen) as database:
        result = apply(database, chosen, now=datetime.now(UTC), dry_run=dry_run)
    for line in result.lines:
        stdout().print(line, markup=False)
    say(result.summary)


def doctor() -> int:
    """Say what is well and what is not, and what to do. Exit 1 if anything needs a hand."""
    from scheduler.health import examine

    chosen = configuration()
    with opened_database(chosen) as database:
        findings = examine(database, chosen, now=datetime.now(UTC))
    marks = {"well": "[green]well[/]", "warning": "[yellow]warning[/]", "problem": "[red]problem[/]"}
    for finding in findings:
        stdout().print(f"{marks[finding.level]:<18} ", end="")
        stdout().print(finding.line, markup=False)
    return 1 if any(finding.level == "problem" for finding in findings) else 0


def db_upgrade() -> None:
    """Create the database, or bring its tables up to date."""
    with opened_database(configuration()):
        say("the database is there and its tables are up to date")


def db_check() -> None:
    """Say whether the database can be opened, its tables are current and it can be read throughout; changes nothing."""
    from storage.errors import DatabaseError
    from storage.session import open_database
    from storage.soundness import damage

    database = open_database(configuration().database, upgrade=False)
    try:
        found = damage(database)
    finally:
        database.close()
    if found:
        raise DatabaseError("\n".join(f"the database is damaged: {line}; restore a backup" for line in found))
    say("the database can be opened and read throughout, and its tables are up to date")
