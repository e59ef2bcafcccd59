"""Whether a reader understands the question: four texts of ours with right answers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from crawler.judgement.judge import load_rules
from crawler.reader.question import reader_id, text_question
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.client import THINKING_TOKENS, Form, ReaderClient, Reply
from scheduler.jobs.reader.second_reading import proven
from scheduler.views.verdicts import why_not
from scheduler.views.words.labels import labels_of
from storage.errors import AnswerError
from storage.records import Document

# Alerts and reviews among 10,000 documents of ordinary news feeds (docs/measured.md).
CALLS_IN_10_000 = 31

# What a reader must tell apart: a step, an old agreement that is applied, a politician's wish, and
# a court that stops an agreement.
_SAMPLES = (
    (
        "yes",
        "fr",
        date(2026, 3, 11),
        "Tunis et Madrid signent un accord de réadmission",
        "Les ministres de l'Intérieur tunisien et espagnol ont signé mardi à Tunis un accord de "
        "réadmission des migrants en situation irrégulière. Le texte prévoit aussi la formation de "
        "garde-côtes.",
    ),
    (
        "no",
        "en",
        date(2026, 3, 13),
        "Second flight under returns deal lands in Kigali",
        "Twelve people arrived in Kigali on Thursday on the second flight under the returns "
        "agreement that Denmark and Rwanda signed two years ago, officials said.",
    ),
    (
        "no",
        "en",
        date(2026, 3, 16),
        "Opposition leader vows to tear up migration pact",
        "If elected, she would cancel the migration pact with Albania on her first day in office, "
        "the leader of the opposition told a rally in Milan on Sunday.",
    ),
    (
        "yes",
        "es",
        date(2026, 3, 17),
        "El Supremo suspende el acuerdo de asilo con Guatemala",
        "La Corte Suprema suspendió el lunes la aplicación del acuerdo de asilo que Estados Unidos "
        "y Guatemala firmaron en enero, hasta que decida sobre su constitucionalidad.",
    ),
)
SAMPLES = tuple(
    (expected, Document(title, text, language, day, outlet="example.org"))
    for expected, language, day, title, text in _SAMPLES
)


class SampleOutcome(NamedTuple):
    """Whether an answer was right, and the answer."""

    is_right: bool
    reply: Reply


async def ask_samples(
    settings: ReaderSettings, print_line: Callable[[str], None]
) -> tuple[Sequence[SampleOutcome], Form]:
    """Ask about each text, and print a line on the answer. Returns what came of each, and what was
    found out about the server. Raises ReaderError if it cannot be asked.
    """
    rules, outcomes = load_rules(), list[SampleOutcome]()
    async with ReaderClient(settings) as client:
        for expected, document in SAMPLES:
            said, reply = "none", Reply({}, 0.0, 0, 0)
            try:
                reply = await client.ask(*text_question(document, (), settings.translate))
                reading = proven(reply.found, document, rules, reader_id(settings.model))
            except AnswerError as error:
                why = str(error)
            else:
                said, why = reading.answer, why_not(reading, labels_of("en")) or reading.quote
            outcomes.append(SampleOutcome(said == expected, reply))
            mark = "right" if said == expected else f"wrong, should be {expected}"
            cost = f"{reply.took_s:.1f} s, {reply.tokens} tokens"
            proof = f"\n    {why}" if why else ""
            print_line(f"  {document.title}: {said} ({mark}; {cost}){proof}")
        return outcomes, client.form


def found_out(outcomes: Sequence[SampleOutcome], form: Form) -> Iterator[str]:
    """Yield a line on what a server does not know, and on a model that thinks before it answers."""
    if form.refused:
        yield f"The server does not take {', '.join(sorted(form.refused))}: it is asked without."
    if form.thinks:
        written = statistics.mean(outcome.reply.written for outcome in outcomes)
        tokens = f"{written:,.0f} tokens a text" if written else "an unknown number of tokens"
        yield (
            f"It thinks before it answers: {tokens}. Switch that off at the server, if it can be "
            f"(docs/reader.md); else it gets {THINKING_TOKENS:,} tokens more, and is slower."
        )


def cost_of_a_day(outcomes: Sequence[SampleOutcome], settings: ReaderSettings) -> Iterator[str]:
    """Yield a line on the calls and tokens that a day of 20,000 ordinary articles would need."""
    calls = 2 * CALLS_IN_10_000
    took_s = statistics.mean(outcome.reply.took_s for outcome in outcomes)
    tokens = statistics.mean(outcome.reply.tokens for outcome in outcomes)
    minutes = calls * took_s / settings.at_once / 60
    yield (
        f"A day of 20,000 articles: about {calls} calls, {calls * tokens:,.0f} tokens, "
        f"{minutes:.0f} minutes (of texts as short as these)."
    )
