"""`import FILE`: store documents as if they had been collected."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

# The wrong file has a fault in each line, and the first ones tell as much as all.
_MOST_PROBLEMS = 20


def import_documents(
    file: Annotated[
        str,
        Parameter(
            help="A file of JSON lines (.jsonl, .jsonl.gz), or - for stdin.",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    alerts: Annotated[
        bool,
        Parameter(
            negative="--no-alerts",
            help="--no-alerts: owe none of these to anybody, as of an archive.",
        ),
    ] = True,
) -> int:
    """Store documents as if they had been collected: judge them, cluster them, owe alerts.

    Importing the same file again changes nothing. Exit 1 if a document could not be stored.
    """
    # imported here, as this module is loaded for `accordwatch --help`
    from scheduler.cli.context import configuration, opened_database
    from scheduler.cli.output import say
    from scheduler.documents_file import opened_lines
    from scheduler.importing import import_lines

    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database:
        if file == "-":
            lines = sys.stdin.buffer
            done = import_lines(database, chosen, lines, "stdin", now=now, alerts=alerts)
        else:
            with opened_lines(file) as read:
                done = import_lines(database, chosen, read, file, now=now, alerts=alerts)
    _say_problems(done.problems)
    say(done.summary)
    return 1 if done.problems else 0


def _say_problems(problems: tuple[str, ...]) -> None:
    from scheduler.cli.output import say

    for line in problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")
    others = len(problems) - _MOST_PROBLEMS
    if others > 0:
        say(f"accordwatch: not stored: {others} more; is this a file of JSON lines?")
