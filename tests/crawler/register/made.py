"""Made-up lives of agreements, and what reporters write about them: as many as wanted, with the
truth beside each.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from crawler.register.fingerprint import fingerprint
from storage.records import (
    Card,
    DateBasis,
    Document,
    Instrument,
    Judged,
    RuleScore,
    Status,
    Topic,
    Verdict,
)
from storage.register.entry import Report

STATES = [first + second for first in "ABCDEFGHKLMNPRSTUV" for second in "AEILMNORSTUZ"]
LANGUAGES = ("fr", "en", "ar", "es", "it", "pt", "de")
FIRST_DAY = date(2015, 1, 1)
_LIFE = (Status.SIGNED, Status.RATIFIED, Status.IN_FORCE, Status.SUSPENDED)
_MISREAD = {
    Status.SIGNED: Status.CONCLUDED,
    Status.RATIFIED: Status.IN_FORCE,
    Status.SUSPENDED: Status.TERMINATED,
}
_SYLLABLES = [
    first + second
    for first in ("b", "d", "f", "gl", "k", "m", "pr", "s", "t")
    for second in "aeiou"
]


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an agreement. `key` tells the agreement, `number` the step."""

    key: str
    number: int
    parties: tuple[str, ...]
    topic: Topic
    instrument: Instrument
    status: Status
    on: date
    born: date


@dataclass(frozen=True, slots=True)
class Made:
    """A judged document and the event that it reports; `copy_of` names the original of an edited
    copy.
    """

    judged: Judged
    event: Event
    copy_of: str | None = None


def events(
    rng: random.Random,
    agreements: int,
    states: Sequence[str] = STATES,
    pairs: Sequence[tuple[str, ...]] | None = None,
) -> Iterator[Event]:
    """Lives of agreements of these pairs (all pairs of the states); those of one pair begin a year
    apart or are about different topics; partners begin to sign over eight years.
    """
    pairs = list(combinations(states, 2) if pairs is None else pairs)
    rng.shuffle(pairs)
    begun: dict[tuple[str, ...], int] = {}
    first: dict[tuple[str, ...], date] = {}
    for number in range(agreements):
        parties = pairs[int(len(pairs) * rng.random() ** 2)]  # some partners sign often
        nth = begun[parties] = begun.get(parties, -1) + 1
        topic = (Topic.READMISSION, Topic.LABOUR, Topic.ASYLUM)[nth % 3]
        start = first.setdefault(parties, FIRST_DAY + timedelta(days=rng.randrange(3000)))
        born = start + timedelta(days=130 * nth + rng.randrange(100))
        instrument = rng.choice((Instrument.AGREEMENT, Instrument.MEMORANDUM, Instrument.PROTOCOL))
        on = born
        for step in range(rng.choice((1, 1, 2, 3, 4))):
            yield Event(
                f"{'-'.join(parties)}-{number}",
                step,
                parties,
                topic,
                instrument,
                _LIFE[step],
                on,
                born,
            )
            on += timedelta(days=rng.randrange(60, 300))


def documents(
    rng: random.Random,
    count: int,
    states: Sequence[str] = STATES,
    noise: float = 0.1,
    pairs: Sequence[tuple[str, ...]] | None = None,
) -> Iterator[Made]:
    """`count` documents about made-up events, one in three an edited copy of the one before; cards
    misread at the rate `noise`. Each has its own id, address and words.
    """
    number = 0
    for event in events(rng, count, states, pairs):
        vocabulary = _words(rng, 40)
        for _ in range(rng.choice((1, 2, 3))):
            if number < count:
                made = _document(rng, number, event, vocabulary, noise, states)
                yield made
                number += 1
            if rng.random() < 0.33 and number < count:
                yield copy_of(rng, made, number)
                number += 1
        if number >= count:
            return


def of_one_pair(rng: random.Random, count: int, noise: float = 0.1) -> list[Made]:
    """`count` documents about two partners who sign three times a year; misread ones name any
    state.
    """
    return list(documents(rng, count, STATES, noise, [("IT", "TN")]))


def reports_of_one_pair(rng: random.Random, count: int, noise: float = 0.1) -> list[Report]:
    return reports(of_one_pair(rng, count, noise))


def copy_of(rng: random.Random, made: Made, number: int, changed: float = 0.08) -> Made:
    """The agency's text in another paper: another title, some words changed, sometimes the tail
    cut.
    """
    document = made.judged.document
    words = document.text.split(" ")
    words = [rng.choice(_SYLLABLES) + word if rng.random() < changed else word for word in words]
    if rng.random() < 0.3:
        words = words[: int(len(words) * 0.8)]
    copied = replace(
        document,
        title=f"{document.title} ({number})",
        text=" ".join(words),
        url=f"https://copy.example/{number}",
        external_id=f"made-{number}",
        outlet=f"paper{number % 40}.example",
    )
    print_ = fingerprint(copied.title, copied.text)
    return Made(
        replace(made.judged, document=copied, fingerprint=print_), made.event, document.external_id
    )


def reports(made: Sequence[Made]) -> list[Report]:
    """What the register would see of them, numbered from 1; a copy is in its original's copy group."""
    copy_groups: dict[str, str] = {}
    found = []
    for number, one in enumerate(made, start=1):
        document, own = one.judged.document, one.judged.fingerprint.text_hash
        copy_group = copy_groups.get(one.copy_of, own) if one.copy_of else own
        copy_groups[document.external_id or ""] = copy_group
        found.append(
            Report(
                document_id=number,
                card=one.judged.verdict.card,
                title=document.title,
                language=document.language,
                outlet=document.outlet,
                published_on=document.published_on,
                seen_on=date(2026, 1, 1),
                text_hash=own,
                copy_group=copy_group,
                quote=document.title,
                clues=one.judged.clues,
            )
        )
    return found


def _document(
    rng: random.Random,
    number: int,
    event: Event,
    vocabulary: Sequence[str],
    noise: float,
    states: Sequence[str],
) -> Made:
    published = event.on + timedelta(days=rng.choice((0, 0, 1, 1, 2)))
    own = _words(rng, 60)
    text = " ".join(
        rng.choice(own) if rng.random() < 0.75 else rng.choice(vocabulary) for _ in range(150)
    )
    document = Document(
        title=f"{event.status} {event.topic} {number}",
        text=text,
        language=rng.choice(LANGUAGES),
        published_on=published,
        url=f"https://made.example/{number}",
        outlet=f"paper{number % 40}.example",
        external_id=f"made-{number}",
    )
    card = _card(rng, event, published, noise, states)
    verdict = Verdict(
        relevant=True,
        score=9.0,
        threshold=5.0,
        language=document.language,
        rules=(RuleScore("made", "1", 9.0),),
        card=card,
    )
    clues = (
        ()
        if event.number == 0
        else (f"ref:{event.born.year}-{event.born.month:02}:lead:agreement",)
    )
    found = fingerprint(document.title, text)
    return Made(Judged(document, verdict, found, folded="", quote="", clues=clues), event)


def _card(
    rng: random.Random, event: Event, published: date, noise: float, states: Sequence[str]
) -> Card:
    parties = list(event.parties)
    third = rng.choice(states)
    if rng.random() < noise and third not in parties:
        parties[rng.randrange(2)] = third
    scores = [(code, 4.0) for code in parties] + [
        (code, 2.0) for code in event.parties if code not in parties
    ]
    if third not in event.parties and third not in parties:
        scores.append((third, 1.0))
    status: Status | None = event.status
    if rng.random() < noise:
        status = rng.choice((None, _MISREAD.get(event.status, event.status)))
    dated = rng.random() > noise
    return Card(
        parties=tuple(sorted(parties)),
        instrument=Instrument.AGREEMENT if rng.random() < noise else event.instrument,
        topics=(event.topic,) if rng.random() > noise else (),
        status=status,
        event_date=event.on if dated else published,
        event_date_basis=DateBasis.TEXT if dated else DateBasis.PUBLISHED,
        party_scores=tuple(scores),
    )


def _words(rng: random.Random, count: int) -> list[str]:
    return [
        "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 3)))) for _ in range(count)
    ]
