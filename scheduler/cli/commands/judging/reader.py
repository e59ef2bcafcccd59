"""`reader check|replay`: the second reader, a language model of the user's own choice."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.documents_file import opened_lines
from scheduler.jobs.reader.assessment import assess, shipped_texts, texts_decided
from scheduler.jobs.reader.samples import ask_samples, cost_of_a_day, found_out
from scheduler.jobs.reader.second_reading import replay as replay_lines
from storage.errors import AccordwatchError, ConfigurationError

_MOST_DECIDED = 60


def reader_check(
    *,
    all_: Annotated[
        bool,
        Parameter(name="--all", negative="", help="Ask about sixty texts and twelve corridors."),
    ] = False,
    decided: Annotated[
        bool,
        Parameter(negative="", help="Ask about texts about which persons here have decided."),
    ] = False,
) -> int:
    """Nothing is stored. Exit 1 if an answer is wrong or none, or a longer check shows a weakness;
    2 if the server cannot be asked.
    """
    chosen = configuration()
    settings = chosen.settings.reader
    if settings is None:
        raise ConfigurationError(
            "no second reader is configured: add a section reader: with url: and model: "
            "(docs/reader.md)"
        )
    say(f"{settings.url}, model {settings.model}:")
    if all_ or decided:
        return _assess(chosen, settings, decided=decided)
    outcomes, form = asyncio.run(ask_samples(settings, say))
    right = sum(outcome.is_right for outcome in outcomes)
    for line in (*found_out(outcomes, form), *cost_of_a_day(outcomes, settings)):
        say(line)
    say(f"{right} of {len(outcomes)} answers are right.")
    return 0 if right == len(outcomes) else 1


def _assess(chosen: Configuration, settings: ReaderSettings, *, decided: bool) -> int:
    texts = [] if decided else shipped_texts()
    if decided:
        with opened_database(chosen) as database, database.read() as s:
            texts = texts_decided(s, _MOST_DECIDED)
    if not texts:
        raise AccordwatchError("nobody has decided about a document yet; try: reader check --all")
    tally = asyncio.run(assess(settings, texts))
    for line in tally.lines():
        say(line)
    return 1 if tally.weak or tally.failed else 0


def reader_replay(
    file: Annotated[str, Parameter(help="Recorded answers, a JSON object a line; - reads stdin.")],
    /,
) -> int:
    """Each line has the `id` of its document, and an answer. Exit 1 if one has none."""
    chosen = configuration()
    name = "stdin" if file == "-" else file
    with opened_database(chosen) as database, opened_lines(file) as lines:
        summary, problems = replay_lines(database, chosen, lines, name)
    for problem in problems:
        say(problem)
    say(summary)
    return 1 if problems else 0
