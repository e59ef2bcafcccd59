"""`import FILE`: store documents as if they had been collected."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from storage.errors import AccordwatchError

# The wrong file has a fault in each line, and the first ones tell as much as all.
_MOST_PROBLEMS = 20


def import_documents(
    file: Annotated[
        str, Parameter(help="A file of JSON lines, or - for stdin.", allow_leading_hyphen=True)
    ],
    /,
) -> int:
    """Store documents as if they had been collected: judge them, cluster them, owe alerts.

    Importing the same file again changes nothing. Exit 1 if a document could not be stored.
    """
    from scheduler.importing import import_lines

    chosen, now = configuration(), datetime.now(UTC)
    with opened_database(chosen) as database:
        if file == "-":
            done = import_lines(database, chosen, sys.stdin.buffer, "stdin", now=now)
        else:
            try:
                with Path(file).open("rb") as lines:
                    done = import_lines(database, chosen, lines, file, now=now)
            except OSError as error:
                raise AccordwatchError(f"{file}: cannot be read: {error.strerror}") from error
    _say_problems(done.problems)
    say(done.summary)
    return 1 if done.problems else 0


def _say_problems(problems: tuple[str, ...]) -> None:
    for line in problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")
    others = len(problems) - _MOST_PROBLEMS
    if others > 0:
        say(f"accordwatch: not stored: {others} more; is this a file of JSON lines?")
