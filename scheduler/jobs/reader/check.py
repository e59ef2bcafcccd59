"""Whether a second reader understands what it is asked: four texts of ours, with right answers."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime

from crawler.judgement.judge import load_rules
from crawler.reader.answer import prove, read_answer
from crawler.reader.question import prompt_version
from scheduler.configuration.party_names import party_meant
from scheduler.configuration.sections import ReaderSettings
from scheduler.jobs.reader.client import ReaderClient
from scheduler.views.documents import why_not
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

# (whether the answer was right, the seconds that it took, its tokens)
SampleOutcome = tuple[bool, float, int]


async def ask_samples(
    settings: ReaderSettings, tell: Callable[[str], None]
) -> Sequence[SampleOutcome]:
    """Ask about each text, and tell what it says. Raises ReaderError if none can be asked."""
    rules, outcomes = load_rules(), list[SampleOutcome]()
    async with ReaderClient(settings) as client:
        for expected, document in SAMPLES:
            said, took_s, tokens = await client.ask(document, ())
            try:
                answer = read_answer(said)
            except AnswerError as error:
                proven, why = "none", str(error)
            else:
                now = datetime.now(UTC)
                reading = prove(
                    answer,
                    document,
                    rules,
                    party_meant,
                    reader=settings.model,
                    prompt=prompt_version(),
                    now=now,
                )
                proven, why = reading.answer, why_not(reading, labels_of("en")) or reading.quote
            outcomes.append((proven == expected, took_s, tokens))
            mark = "right" if proven == expected else f"wrong, should be {expected}"
            took = f"{took_s:.1f} s, {tokens} tokens"
            tell(f"  {document.title}: {proven} ({mark}; {took})" + (f"\n    {why}" if why else ""))
    return outcomes


def cost_of_a_day(outcomes: Sequence[SampleOutcome], settings: ReaderSettings) -> Iterator[str]:
    """Yield what a day of 20,000 ordinary articles would ask of this reader."""
    calls = 2 * CALLS_IN_10_000
    took_s = statistics.mean(took_s for _, took_s, _ in outcomes)
    tokens = statistics.mean(tokens for _, _, tokens in outcomes)
    minutes = calls * took_s / settings.at_once / 60
    yield (
        f"A day of 20,000 articles: about {calls} calls, {calls * tokens:,.0f} tokens, "
        f"{minutes:.0f} minutes (of texts as short as these)."
    )
