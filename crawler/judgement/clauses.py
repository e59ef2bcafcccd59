"""What a text says was done with an agreement: acts, each with its object, its actor and how it is said.

An act that lies in the past of the news ("signed in 2010", "had agreed"), that is denied or still to come is
told apart from one that is reported as done.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crawler.judgement.date_mentions import DateMention
from crawler.judgement.reading import Hit, Reading
from storage.records import Zone


class Voice(StrEnum):
    DONE = "done"
    AHEAD = "ahead"
    DENIED = "denied"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Act:
    """`deed`: signed, sealed, agreed, unsigned, approved or the name of a status; `weight`: how strongly it
    speaks for being the news."""

    deed: str
    voice: Voice
    weight: float
    hit: Hit
    object_token: int | None
    actors: frozenset[str]


_LEAVES = {"verb": 1.0, "loose": 0.9, "noun": 0.6, "ahead": 1.0}
_DEEDS = (
    "signed", "sealed", "agreed", "unsigned", "negotiating", "proposed", "ratified", "approved", "in_force",
    "renewed", "suspended", "terminated", "rejected",
)  # fmt: skip
_LOOSE_REACH = 8  # tokens between a verb of many uses ("announce", "extend") and the agreement it is about
_OBJECT_REACH = 12
_NEGATION_REACH = 3  # "ont pas encore signé", "has not been signed"
_MODAL_REACH = 4
_DATE_REACH = 7  # "signed by the two ministers in Rome in 2010"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
_FAR = 0.6  # an act in a sentence that does not name the agreement


@dataclass(frozen=True, slots=True)
class _Near:
    """Positions by sentence of what an act is read with."""

    objects: Mapping[int, Sequence[int]]
    negations: Sequence[int]
    modals: Sequence[int]
    backgrounds: Sequence[int]
    actors: Mapping[int, frozenset[str]]


def find_acts(reading: Reading, dates: Sequence[DateMention]) -> tuple[Act, ...]:
    """All acts in text order. `dates` as `find_dates` gives them for the same reading."""
    hits = _act_hits(reading)
    near = _near(reading)
    old = _old_tokens(hits, dates)
    acts = (_act(reading, hit, near, hit.token in old) for hit in hits)
    return tuple(act for act in acts if act is not None)


def _act_hits(reading: Reading) -> list[Hit]:
    """Acts in text order; a hit inside a longer one ("signed" in "will be signed") is part of it."""
    found = [
        hit
        for deed in _DEEDS
        for leaf in _LEAVES
        for hit in reading.hits.get(f"act.{deed}.{leaf}", ())
    ]
    found.sort(key=lambda hit: (hit.token, -hit.last_token))
    kept: list[Hit] = []
    reach = -1
    for hit in found:
        if hit.last_token > reach or (kept and (hit.token, hit.last_token) == (kept[-1].token, kept[-1].last_token)):
            kept.append(hit)
            reach = max(reach, hit.last_token)
    return kept


def _near(reading: Reading) -> _Near:
    objects: dict[int, list[int]] = {}
    for hit in sorted((*reading.family("instrument"), *reading.family("object")), key=lambda hit: hit.token):
        objects.setdefault(hit.sentence, []).append(hit.token)
    actors: dict[int, set[str]] = {}
    for hit in reading.family("actor"):
        actors.setdefault(hit.sentence, set()).add(hit.concept.partition(".")[2])
    return _Near(
        objects,
        _tokens(reading, "modality.negation"),
        _tokens(reading, "modality.ahead"),
        _tokens(reading, "modality.background"),
        {sentence: frozenset(names) for sentence, names in actors.items()},
    )


def _tokens(reading: Reading, concept: str) -> list[int]:
    return [hit.last_token for hit in reading.hits.get(concept, ())]


def _old_tokens(hits: Sequence[Hit], dates: Iterable[DateMention]) -> frozenset[int]:
    """Acts that a date long past belongs to: to the act before it, else to the one behind it."""
    old = set()
    for mention in dates:
        if not mention.old:
            continue
        same = [hit for hit in hits if hit.sentence == mention.sentence]
        before = [hit for hit in same if 0 < mention.token - hit.last_token <= _DATE_REACH]
        behind = [hit for hit in same if 0 < hit.token - mention.last_token <= _MODAL_REACH]
        chosen = before[-1:] or behind[:1]
        old.update(hit.token for hit in chosen)
    return frozenset(old)


def _act(reading: Reading, hit: Hit, near: _Near, is_old: bool) -> Act | None:
    _, deed, leaf = hit.concept.split(".")
    object_token = _nearest(near.objects.get(hit.sentence, ()), hit)
    reach = _LOOSE_REACH if leaf == "loose" else _OBJECT_REACH
    distance = abs(object_token - hit.token) if object_token is not None else None
    if leaf == "loose" and (distance is None or distance > reach):
        return None
    zone = reading.sentences[hit.sentence].zone
    weight = _ZONES[zone] * _LEAVES[leaf] * (1.0 if distance is not None and distance <= reach else _FAR)
    voice = Voice.OLD if is_old else _voice(hit, leaf, near, reading)
    return Act(deed, voice, weight, hit, object_token, near.actors.get(hit.sentence, frozenset()))


def _nearest(tokens: Sequence[int], hit: Hit) -> int | None:
    return min(tokens, key=lambda token: abs(token - hit.token), default=None)


def _voice(hit: Hit, leaf: str, near: _Near, reading: Reading) -> Voice:
    if leaf == "ahead":
        return Voice.AHEAD
    start = reading.sentences[hit.sentence].start
    if _before(near.negations, hit, _NEGATION_REACH, reading, start):
        return Voice.DENIED
    if _before(near.modals, hit, _MODAL_REACH, reading, start):
        return Voice.AHEAD
    if _before(near.backgrounds, hit, _MODAL_REACH, reading, start):
        return Voice.OLD
    return Voice.DONE


def _before(tokens: Sequence[int], hit: Hit, reach: int, reading: Reading, start: int) -> bool:
    """Whether one of the tokens stands shortly before the act, in its sentence."""
    at = bisect_left(tokens, hit.token) - 1
    return at >= 0 and hit.token - tokens[at] <= reach and reading.spaces[tokens[at]] + 1 >= start



def old_objects(reading: Reading, dates: Sequence[DateMention]) -> frozenset[int]:
    """Tokens of agreements that are named as earlier ones: "the memorandum of 2012", "a previous accord"."""
    backgrounds = _tokens(reading, "modality.background")
    past = set()
    for hit in reading.family("instrument"):
        start = reading.sentences[hit.sentence].start
        dated = any(
            mention.old and mention.sentence == hit.sentence and -_DATE_REACH < hit.token - mention.token <= 2
            for mention in dates
        )
        if dated or _before(backgrounds, hit, 2, reading, start):
            past.add(hit.token)
    return frozenset(past)
