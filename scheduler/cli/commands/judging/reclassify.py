"""`reclassify`: apply today's rules to what is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say, stdout


def reclassify(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Only show what would change.")] = False,
) -> int:
    """Apply today's rules to all stored documents. What was told already is not told again.

    Exit 1: on some documents, which are named and stay as they were, our own code failed.
    """
    from scheduler.comparison.reclassify import reclassify as judge_again

    chosen = configuration()
    with opened_database(chosen) as database:
        result = judge_again(database, chosen, now=datetime.now(UTC), dry_run=dry_run)
    for line in result.lines:
        stdout().print(line, markup=False)
    for problem in result.problems:
        say(f"accordwatch: left as it was: {problem}")
    say(result.summary)
    return 1 if result.problems else 0
