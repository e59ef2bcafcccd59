"""Find the city where the step happened.

It stands behind a locative ("in", "à") beside the act, or the text names a landmark, "the capital"
or a dateline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crawler.judgement.card.event_date import Closing
from crawler.judgement.card.mentions import Tables
from crawler.judgement.card.parties.parties import Parties
from crawler.judgement.card.parties.party_mentions import Setting
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Evidence, Zone

# Points of a city; the best one with at least _ENOUGH is the place. Of 105 labelled places 89 stand
# in the text, most of them after a locative in a sentence of the act.
_LOCATIVE = 3.0
_DEAL = 2.0
_EARLY = 1.0  # title or lead
_OF_A_PARTY = 1.0
_LANDMARK = 1.0
_ACT = 1.0
_PAST = 2.0  # "signed in Paris in 1968"
_DATELINE = 3.0
_ENOUGH = 5.0
_LANDMARK_WORDS = 3  # before a palace: "in", its kind and "of"
_NEAR = 2  # words between "capital" and the state's name


@dataclass(frozen=True, slots=True)
class Place:
    """A city as the article writes it, or as a name (Lima for LIMA), and its canonical name."""

    text: str
    key: str
    evidence: Evidence


class _City(NamedTuple):
    hit: Hit
    state: str
    key: str
    landmark: bool
    named: bool = False  # "the Chadian capital"


def find_place(
    reading: Reading,
    parties: Parties,
    setting: Setting,
    tables: Tables,
    closing: Closing | None = None,
) -> Place | None:
    """Return the place of the step, or None rather than a guess."""
    cities = _cities(reading, tables.capitals)
    if closing is not None:
        last = closing.last_token
        cities = [city for city in cities if closing.hit.token < city.hit.token <= last]
        return _place(reading, cities[0], _ENOUGH) if cities else None
    if not cities:
        return None
    acts = {hit.sentence for hit in reading.family("act")}
    past = {hit.sentence for hit in reading.hits.get("modality.background", ())}

    def points(city: _City) -> float:
        hit = city.hit
        zone = reading.sentences[hit.sentence].zone
        of_a_party = _OF_A_PARTY if city.state in parties.codes else 0.0
        if zone is not Zone.TITLE and hit.token < setting.dateline:
            return _DATELINE + _EARLY + of_a_party
        if not (city.named or _is_locative(reading, hit, _LANDMARK_WORDS if city.landmark else 1)):
            return 0.0  # "Berlin and Rabat agree": a capital that acts is no place
        weighed = (
            (_LANDMARK, city.landmark),
            (_DEAL, hit.sentence in setting.deals),
            (_ACT, hit.sentence in acts),
            (-_PAST, hit.sentence in past),
            (_EARLY, zone is not Zone.BODY),
        )
        return _LOCATIVE + of_a_party + sum(points for points, holds in weighed if holds)

    best = max(cities, key=points)
    return _place(reading, best, points(best)) if points(best) >= _ENOUGH else None


def _place(reading: Reading, best: _City, points: float) -> Place:
    evidence = reading.evidence(best.hit, "card.place", points)
    prefix = reading.grammar.locative_prefix
    text = evidence.text[len(prefix) :] if _has_prefix(reading, best.hit) else evidence.text
    return Place(text.title() if text.isupper() else text, best.key, evidence)


def _cities(reading: Reading, capitals: Mapping[str, str]) -> list[_City]:
    cities: list[_City] = []
    for concept, hits in reading.hits.items():
        city = _city(concept, capitals, reading.grammar.city_states)
        if city is not None:
            cities += [_City(hit, *city) for hit in hits]
    cities += _named_capitals(reading, capitals)
    cities.sort(key=lambda city: city.hit.token)
    return cities


def _city(
    concept: str, capitals: Mapping[str, str], city_states: Mapping[str, str]
) -> tuple[str, str, bool] | None:
    """Return state and key of a city's or landmark's concept, and whether it is a landmark."""
    kind, _, rest = concept.partition(".")
    state, _, key = rest.partition(".")
    if kind in ("city", "capital"):
        return state, key, False
    if kind == "seat" and (city := _capital_key(state, capitals)):
        return state, city, state != "EU"
    if kind == "state" and (city := city_states.get(state)):
        return state, city, False
    return None


def _named_capitals(reading: Reading, capitals: Mapping[str, str]) -> list[_City]:
    """Return the places where "the capital" stands beside the name of a state."""
    cues = reading.hits.get("cue.capital", ())
    if not cues:
        return []
    by_token = {cue.token: cue for cue in cues}
    cities: list[_City] = []
    for hit in reading.family("state"):
        state = hit.concept.partition(".")[2]
        key = _capital_key(state, capitals)
        around = range(hit.token - _NEAR, hit.token + _NEAR + 1)
        near = [by_token[token] for token in around if token in by_token]
        if key:
            cities.extend(
                _City(_both(cue, hit), state, key, False, True)
                for cue in near
                if cue.sentence == hit.sentence
            )
    return cities


def _both(cue: Hit, state: Hit) -> Hit:
    """Join "the capital" and the state's name: neither alone names the city."""
    return cue._replace(
        start=min(cue.start, state.start),
        end=max(cue.end, state.end),
        token=min(cue.token, state.token),
        last_token=max(cue.last_token, state.last_token),
    )


def _is_locative(reading: Reading, hit: Hit, back: int = 1) -> bool:
    """Return whether one of the `back` words before the name says "in"."""
    if _has_prefix(reading, hit):
        return True
    locatives = reading.grammar.locatives
    before = range(hit.token - 1, max(hit.token - 1 - back, -1), -1)
    return any(
        reading.sentence_of[t] == hit.sentence and reading.word(t) in locatives for t in before
    )


def _has_prefix(reading: Reading, hit: Hit) -> bool:
    """Return whether a preposition is written in one piece with the name, like Arabic bi-."""
    grammar = reading.grammar
    if not grammar.locative_prefix:
        return False
    word = reading.word(hit.token)
    return word.startswith(grammar.locative_prefix) and word not in grammar.locative_lookalikes


def _capital_key(state: str, capitals: Mapping[str, str]) -> str | None:
    return "brussels" if state == "EU" else capitals.get(state)
