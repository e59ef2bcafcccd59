"""The city where the step happened: named after a locative beside the act, else by a landmark, a capital or a dateline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from crawler.judgement.mentions import dateline_tokens, deal_sentences, table, words
from crawler.judgement.parties import Parties
from crawler.judgement.reading import Hit, Reading
from storage.records import Evidence, Zone

# Points of a city; the best one with at least _ENOUGH is the place. Of 105 labelled places 89 stand in the text, most of
# them after a locative in a sentence of the act.
_LOCATIVE = 3.0
_DEAL = 2.0
_EARLY = 1.0  # title or lead
_OF_A_PARTY = 1.0
_LANDMARK = 1.0
_ACT = 1.0
_PAST = 2.0  # "signed in Paris in 1968"
_DATELINE = 3.0
_ENOUGH = 5.0
_NEAR = 2  # words between "capital" and the state's name


@dataclass(frozen=True, slots=True)
class Place:
    """`text` as the article writes it; `key` the city in lower-case ASCII words joined by hyphens ("abu-dhabi")."""

    text: str
    key: str
    evidence: Evidence


class _City(NamedTuple):
    hit: Hit
    state: str
    key: str
    landmark: bool


def find_place(reading: Reading, parties: Parties) -> Place | None:
    """The place of the step, or None rather than a guess."""
    cities = _cities(reading)
    if not cities:
        return None
    deals = deal_sentences(reading)
    acts = {hit.sentence for hit in reading.family("act")}
    past = {hit.sentence for hit in reading.hits.get("modality.background", ())}
    dateline = dateline_tokens(reading)
    best, most = cities[0], 0.0
    for city in cities:
        points = _points(reading, city, deals, acts, past, dateline, parties)
        if points > most:
            best, most = city, points
    if most < _ENOUGH:
        return None
    evidence = reading.evidence(best.hit, "card.place", round(most, 2))
    text = evidence.text[1:] if _arabic_in(reading, best.hit) else evidence.text
    return Place(text, best.key, evidence)


def _points(reading: Reading, city: _City, deals: set[int], acts: set[int], past: set[int], dateline: int, parties: Parties) -> float:
    hit = city.hit
    if reading.sentences[hit.sentence].zone is not Zone.TITLE and hit.token < dateline:
        return _DATELINE + _EARLY + (_OF_A_PARTY if city.state in parties.codes else 0.0)
    points = _LOCATIVE if _is_locative(reading, hit) else 0.0
    if city.landmark and points:
        points += _LANDMARK
    if hit.sentence in acts:
        points += _ACT
    if hit.sentence in past:
        points -= _PAST
    if hit.sentence in deals:
        points += _DEAL
    if reading.sentences[hit.sentence].zone is not Zone.BODY:
        points += _EARLY
    if city.state in parties.codes:
        points += _OF_A_PARTY
    return points


def _cities(reading: Reading) -> list[_City]:
    """Cities, landmarks and "the Chadian capital", in text order."""
    found: list[_City] = []
    for concept, hits in reading.hits.items():
        kind, _, rest = concept.partition(".")
        if kind in ("city", "capital"):
            state, _, key = rest.partition(".")
            found.extend(_City(hit, state, key, False) for hit in hits)
        elif concept == "seat.EU":
            found.extend(_City(hit, "EU", "brussels", False) for hit in hits)
        elif kind == "seat" and (key := _capital_key(state := rest.partition(".")[0])):
            found.extend(_City(hit, state, key, True) for hit in hits)
        elif kind == "state" and (key := _city_state(rest, reading.language)):
            found.extend(_City(hit, rest, key, False) for hit in hits if _is_locative(reading, hit))
    found.extend(_named_capitals(reading))
    found.sort(key=lambda city: city.hit.token)
    return found


def _named_capitals(reading: Reading) -> list[_City]:
    """ "The capital" beside the name of a state."""
    found = []
    for cue in reading.hits.get("cue.capital", ()):
        for concept, hits in reading.hits.items():
            if concept.startswith("state.") and (key := _capital_key(concept[6:])):
                near = any(h.sentence == cue.sentence and -_NEAR <= h.token - cue.token <= _NEAR for h in hits)
                if near:
                    found.append(_City(cue, concept[6:], key, True))
    return found


def _is_locative(reading: Reading, hit: Hit) -> bool:
    if _arabic_in(reading, hit):
        return True
    if not hit.token or reading.sentence_of[hit.token - 1] != hit.sentence:
        return False
    return reading.word(hit.token - 1) in words("party-cues.yaml", "locatives", reading.language)


def _arabic_in(reading: Reading, hit: Hit) -> bool:
    """Whether the Arabic preposition bi- stands in one piece with the name."""
    if reading.language != "ar":
        return False
    word = reading.word(hit.token)
    return word.startswith("ب") and word not in words("party-cues.yaml", "locatives", "own_b")


@cache
def _capitals() -> dict[str, str]:
    """State -> key of its (first) capital, from the concept ids of capitals.yaml."""
    keys: dict[str, str] = {}
    for concept in table("capitals.yaml", "concepts"):
        _, state, key = concept.split(".")
        keys.setdefault(state, key)
    return keys


def _capital_key(state: str) -> str | None:
    return "brussels" if state == "EU" else _capitals().get(state)


def _city_state(state: str, language: str) -> str | None:
    entry = table("members.yaml", "city_states").get(state)
    return entry["key"] if entry and language in entry["languages"] else None
