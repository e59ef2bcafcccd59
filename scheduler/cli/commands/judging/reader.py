"""`reader`: the second reader of alerts, a language model of the user's own choice.

The module is imported for `accordwatch --help`, so it imports little.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    pass


def reader_check() -> int:
    """Ask the reader about four texts whose answers are known: does it understand, how long does
    it take, and what would a day cost? Nothing is stored.

    Exit 1 if an answer is wrong or none, 2 if the server cannot be asked.
    """
    import asyncio

    from scheduler.jobs.reader.client import ask_samples, cost_of_a_day

    settings = configuration().settings.reader
    if settings is None:
        raise ConfigurationError(
            "no second reader is configured: add a section reader: with url: and model: "
            "(docs/reader.md)"
        )
    say(f"{settings.url}, model {settings.model}:")
    outcomes = asyncio.run(ask_samples(settings, say))
    right = sum(is_right for is_right, _, _ in outcomes)
    for line in cost_of_a_day(outcomes, settings):
        say(line)
    say(f"{right} of {len(outcomes)} answers are right.")
    return 0 if right == len(outcomes) else 1


def reader_replay(
    file: Annotated[str, Parameter(help="Recorded answers, a JSON object a line; - reads stdin.")],
    /,
) -> int:
    """Take recorded answers as if the reader had given them now.

    Each line has the `id` that its document was imported with, and the fields of an answer. Exit 1
    if a line is no answer: it is named, and the others are taken.
    """
    from scheduler.jobs.documents_file import opened_lines
    from scheduler.jobs.reader.second_reading import replay as replay_lines

    chosen = configuration()
    with opened_database(chosen) as database:
        if file == "-":
            summary, problems = replay_lines(database, chosen, sys.stdin.buffer, "stdin")
        else:
            with opened_lines(file) as lines:
                summary, problems = replay_lines(database, chosen, lines, file)
    for problem in problems:
        say(problem)
    say(summary)
    return 1 if problems else 0
