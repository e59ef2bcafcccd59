"""The numbers that the judge weighs: how complete the frames of a document are, and which words
make them.

Every feature has a name that a person can read: `sentence-of-title: agreement + migration + 2
parties`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from math import log1p

from crawler.judgement.probability.frames import (
    ABOUT_MIGRATION,
    AGREEMENT,
    ANNOUNCED,
    BORDER,
    CLEAR_ACT,
    CLEAR_TALKS,
    CORE,
    ENTRY,
    INSTRUMENT,
    LABOUR,
    MIGRATION,
    NAMED,
    NEWS,
    OFFICE,
    PAST,
    STEP,
    TALKS,
    TRAP,
    Frame,
    Frames,
    PartMention,
)
from crawler.judgement.text.reading import Reading
from storage.records import Zone

Features = dict[str, float]

# Which parts must meet, and how many parties with them.
_MEETINGS: tuple[tuple[tuple[str, ...], int], ...] = (
    ((AGREEMENT, MIGRATION), 0),
    ((STEP, MIGRATION), 0),
    ((TALKS, MIGRATION), 0),
    ((AGREEMENT, STEP, MIGRATION), 0),
    ((AGREEMENT, TALKS, MIGRATION), 0),
    ((AGREEMENT,), 1),
    ((AGREEMENT,), 2),
    ((MIGRATION,), 1),
    ((MIGRATION,), 2),
    ((STEP,), 2),
    ((TALKS,), 2),
    ((AGREEMENT, MIGRATION), 1),
    ((AGREEMENT, MIGRATION), 2),
    ((STEP, MIGRATION), 1),
    ((STEP, MIGRATION), 2),
    ((TALKS, MIGRATION), 2),
    ((AGREEMENT, STEP, MIGRATION), 1),
    ((AGREEMENT, STEP, MIGRATION), 2),
    ((AGREEMENT, TALKS, MIGRATION), 2),
    ((OFFICE, MIGRATION), 1),
    ((OFFICE, STEP), 1),
    ((AGREEMENT, STEP), 1),
    ((AGREEMENT, STEP), 2),
    ((AGREEMENT, STEP, OFFICE), 1),
    ((AGREEMENT, OFFICE), 2),
    ((AGREEMENT, MIGRATION, OFFICE), 1),
)
# What is strong of its kind, wherever it stands; and what makes a strong core with at least one
# party.
_STRONG = (
    ABOUT_MIGRATION, NAMED, INSTRUMENT, CLEAR_ACT, CLEAR_TALKS, CORE, LABOUR, ENTRY, BORDER,
    PAST, NEWS, ANNOUNCED, OFFICE,
)  # fmt: skip
_CORES = (
    (ABOUT_MIGRATION,),
    (ABOUT_MIGRATION, CLEAR_ACT),
    (INSTRUMENT, CLEAR_ACT, MIGRATION),
    (NAMED, CLEAR_ACT, MIGRATION),
)
_NEARNESS = ((AGREEMENT, MIGRATION), (STEP, AGREEMENT), (STEP, MIGRATION), (TALKS, AGREEMENT))
_HALF = 4  # words between two parts at which their nearness counts half
_MOST_PARTS = 60  # a long text repeats itself, and parts are compared pair by pair
_TERMS = (AGREEMENT, STEP, TALKS, MIGRATION, ANNOUNCED, OFFICE, NEWS, PAST, TRAP)
_POINTS_MIDDLE, _POINTS_SPAN = 5.0, 6.0  # the points of the rules, brought to the size of the rest
_NO_POINTS = -8.0
_POINTS = "rules: points"
_MOST_WORDS = 400
_LEAST_FRAME = 0.3

TERM = "term"
_TERM_START = f"{TERM} "
_NAMED_PARTIES: tuple[tuple[str, ...], ...] = (
    (),
    ("a party",),
    ("2 parties",),
)  # by how many must take part

_NamedParts = tuple[str, tuple[str, ...]]  # a feature, and the parts that must meet for it


def features_of(reading: Reading, frames: Frames, points: float | None) -> Features:
    """Return all features that are not zero. `points` are the rules', None if none could start."""
    values: Features = {}
    for sentence in frames.sentences:
        if sentence.parts:
            _note_frame(values, "sentence", sentence)
            parties = min(len(sentence.parties), 2)
            _raise(values, sentence, _strengths(sentence.zone, frozenset(sentence.parts), parties))
    for first, other in frames.pairs():
        if frames.sentences[first].parts or frames.sentences[other].parts:
            _note_frame(values, "two-sentences", frames.joined(first, other))
    _note_zones(values, frames)
    _note_nearness(values, frames)
    words = max(1, min(len(reading.sentence_of), _MOST_WORDS))
    migration = len(frames.parts.get(MIGRATION, ()))
    values["migration: words in a hundred"] = log1p(100 * migration / words)
    values["migration: words"] = log1p(migration)
    values["agreement: words"] = log1p(len(frames.parts.get(AGREEMENT, ())))
    values["length"] = log1p(len(reading.sentence_of) / 100)
    bounded = _NO_POINTS if points is None else points
    values[_POINTS] = max(-2.0, min(2.0, (bounded - _POINTS_MIDDLE) / _POINTS_SPAN))
    values.update(dict.fromkeys(_terms(reading, frames), 1.0))
    return {name: value for name, value in values.items() if value}


def points_of(features: Features) -> float:
    """Return what the rules gave a document with these features, within the feature's bounds."""
    return _POINTS_MIDDLE + _POINTS_SPAN * features.get(_POINTS, 0.0)


def is_complete(frames: Frames) -> bool:
    """Whether an agreement, an act or talks meet migration and parties: the gate asks for that."""
    return next(complete_pairs(frames), None) is not None


def complete_pairs(frames: Frames) -> Iterator[tuple[int, int]]:
    """Yield each two sentences in which the parts meet that `is_complete` asks for."""
    needed = (((AGREEMENT, MIGRATION), 1), ((STEP, MIGRATION), 2), ((TALKS, MIGRATION), 2))
    for first, other in frames.pairs():
        if not any(MIGRATION in frames.sentences[one].parts for one in (first, other)):
            continue
        frame = frames.joined(first, other)
        for parts, parties in needed:
            if len(frame.parties) >= parties and frame.least(parts) >= _LEAST_FRAME:
                yield first, other
                break


def _note_frame(found: Features, span: str, frame: Frame) -> None:
    parties = min(len(frame.parties), 2)
    _raise(found, frame, _meetings(span, frame.zone, frozenset(frame.parts), parties))


def _raise(values: Features, frame: Frame, named: Iterable[_NamedParts]) -> None:
    """Raise each feature to the lowest rarity of its parts in this frame."""
    rarities = frame.parts
    for name, parts in named:
        rarity = min([rarities[part] for part in parts])
        if rarity > values.get(name, 0.0):
            values[name] = rarity


# Combinations of parts are many, and their features few: each name is written once, and what most
# frames hold is looked up once. A thousand combinations take half a megabyte.
_MOST_COMBINATIONS = 1024


@lru_cache(maxsize=_MOST_COMBINATIONS)
def _meetings(span: str, zone: Zone, held: frozenset[str], parties: int) -> tuple[_NamedParts, ...]:
    return tuple(
        named
        for named, (parts, wanted) in zip(_named_meetings(span, zone), _MEETINGS, strict=True)
        if wanted <= parties and held.issuperset(parts)
    )


@cache
def _named_meetings(span: str, zone: Zone) -> tuple[_NamedParts, ...]:
    return tuple(
        (f"{span} of {zone}: {' + '.join((*parts, *_NAMED_PARTIES[wanted]))}", parts)
        for parts, wanted in _MEETINGS
    )


@lru_cache(maxsize=_MOST_COMBINATIONS)
def _strengths(zone: Zone, held: frozenset[str], parties: int) -> tuple[_NamedParts, ...]:
    return tuple(
        strength for strength in _named_strengths(zone, parties) if held.issuperset(strength[1])
    )


@cache
def _named_strengths(zone: Zone, parties: int) -> tuple[_NamedParts, ...]:
    strong = [(f"{zone}: {part}", (part,)) for part in _STRONG]
    cores = [
        (f"core in {zone}: {' + '.join((*core, *_NAMED_PARTIES[parties]))}", core)
        for core in _CORES
        if parties
    ]
    return (*strong, *cores)


def _note_zones(values: Features, frames: Frames) -> None:
    """Note how many parties a zone names, and which traps stand in it."""
    for zone in Zone:
        sentences = [frame for frame in frames.sentences if frame.zone is zone]
        parties = frozenset().union(*(frame.parties for frame in sentences))
        values[f"{zone}: parties"] = min(len(parties), 4) / 4
    traps: dict[str, int] = defaultdict(int)
    for part in frames.parts.get(TRAP, ()):
        traps[f"{frames.sentences[part.hit.sentence].zone}: trap {part.role}"] += 1
    for name, count in traps.items():
        values[name] = log1p(count)


def _note_nearness(values: Features, frames: Frames) -> None:
    """Note how near two parts come in one sentence: an act to its object."""
    for first, other in _NEARNESS:
        pairs = (
            (a, b)
            for a in frames.parts.get(first, ())[:_MOST_PARTS]
            for b in frames.parts.get(other, ())[:_MOST_PARTS]
            if a.hit.sentence == b.hit.sentence
        )
        nearest = max((_nearness(a, b) for a, b in pairs), default=0.0)
        values[f"near: {first} to {other}"] = nearest


def _nearness(a: PartMention, b: PartMention) -> float:
    between = a.hit.gap(b.hit.token, b.hit.last_token)
    return min(a.rarity, b.rarity) / (1 + between / _HALF)


def _terms(reading: Reading, frames: Frames) -> Iterator[str]:
    """The forms of title and lead that play a part, each a feature of its own."""
    for role in _TERMS:
        for part in frames.parts.get(role, ()):
            if frames.sentences[part.hit.sentence].zone is not Zone.BODY:
                yield term_name(reading.language, part.role, part.form)


def term_name(language: str, role: str, form: str) -> str:
    """The name of the feature "this form, in this role, stands in title or lead"."""
    return f"{TERM} {language} {role}: {form}"


def is_term(name: str) -> bool:
    return name.startswith(_TERM_START)


def strongest_frame(frames: Frames) -> Mapping[str, PartMention] | None:
    """The parts of the sentence whose frame is the most complete; None for an empty text."""
    number = most_complete(frames)
    return None if number is None else _strongest_parts(frames)[number]


def most_complete(frames: Frames, *, from_text: bool = False) -> int | None:
    """The sentence whose frame is the most complete, the earliest of equals, if any."""
    of_sentence = _strongest_parts(frames)
    if from_text:
        of_sentence.pop(0, None)

    def completeness(sentence: int) -> tuple[float, int]:
        parts = of_sentence[sentence]
        parties = min(len(frames.sentences[sentence].parties), 2)
        return sum(part.rarity for part in parts.values()) + parties, -sentence

    return max(of_sentence, key=completeness, default=None)


def _strongest_parts(frames: Frames) -> dict[int, dict[str, PartMention]]:
    """The rarest form of each part, by sentence."""
    mentions: dict[int, dict[str, PartMention]] = defaultdict(dict)
    for role in (AGREEMENT, STEP, TALKS, MIGRATION, OFFICE):
        for part in frames.parts.get(role, ()):
            best = mentions[part.hit.sentence].get(role)
            if best is None or part.rarity > best.rarity:
                mentions[part.hit.sentence][role] = part
    return mentions
