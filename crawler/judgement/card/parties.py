"""The contracting parties: who commits themselves to each other, not who is merely named.

Each mention of a state or body scores by where it stands; then structure decides how many of the best
are parties: a group, an enumeration, a count in the text ("tripartite"), else the two best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.judgement.card.party_mentions import Mention, Setting, find_mentions
from crawler.judgement.card.party_scores import (
    LEAD_SENTENCES,
    SOLID,
    NamedParties,
    name_parties,
    place_weight,
)
from crawler.judgement.card.tables import Tables
from crawler.judgement.text.reading import Reading
from storage.records import Evidence

_EARLY = 5  # sentences in which an enumeration speaks of this agreement
_COUNTED_EARLY = 8  # and a count, which often resumes it
_COUNTED = 0.3  # of the second best: what the last of a counted number must have
_ALMOST = 0.9  # two partners of one hub that score alike are both partners ...
_LEAST_ALIKE = 4.0  # ... when both are more than scenery
_OUTSIDE = 0.4  # of a member's score: what a state outside the Union needs to take its place beside the Union
_COUNTS = {"cue.three": 3, "cue.four": 4, "cue.five": 5}
_RULE = "card.parties"


@dataclass(frozen=True, slots=True)
class Parties:
    """`codes`: sorted; `scores`: every named state and body, best first, runners-up too."""

    codes: tuple[str, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()
    evidence: tuple[Evidence, ...] = ()


def find_parties(
    reading: Reading, setting: Setting, tables: Tables, *, outlet_country: str | None = None
) -> Parties:
    """Who contracts. `setting` as found in the same reading; `outlet_country`: where the outlet is at home, for "our
    country"."""
    mentions = find_mentions(reading, setting, tables)
    home = _home(reading, outlet_country)
    if not mentions and not home:
        return Parties()
    named = name_parties(reading, mentions, setting.deals, home, tables.contracting_bodies)
    chosen = (
        _group(named, tables.group_members)
        or _enumeration(named, tables.union_states)
        or _counted(named)
        or _pair(named, tables.union_states)
    )
    scores = tuple((code, round(named.scores[code], 2)) for code in named.ranked)
    return Parties(tuple(sorted(chosen)), scores, _evidence(reading, mentions, chosen))


def says_our_country(reading: Reading) -> bool:
    """Whether the outlet's home decides which state the text speaks of."""
    return "cue.home" in reading.hits


def _home(reading: Reading, outlet_country: str | None) -> str | None:
    """The state that "our country" means; Italian is one state's language as good as alone."""
    if not says_our_country(reading):
        return None
    return outlet_country or reading.grammar.home or None


def _group(named: NamedParties, members: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The members of a group that the title or an early deal sentence names, unless two of them deal alone."""
    weights: dict[str, float] = {}
    for hit in named.reading.family("group"):
        if hit.sentence and (hit.sentence > LEAD_SENTENCES or hit.sentence not in named.deals):
            continue
        key = hit.concept.partition(".")[2]
        weights[key] = weights.get(key, 0.0) + place_weight(
            named.reading, hit.sentence, named.deals
        )
    if not weights:
        return ()
    group = max(weights, key=lambda key: weights[key])
    inside, best = members[group], named.ranked[:2]
    outside = [code for code in best if code not in inside and named.scores[code] >= weights[group]]
    if len(outside) == 2 or (len(best) == 2 and not outside and _is_bilateral(named, best)):
        return ()
    return (*inside, *outside)


def _is_bilateral(named: NamedParties, pair: Sequence[str]) -> bool:
    """Whether the two stand joined in the title or an early deal sentence: "Portugal e Angola assinam"."""
    return any(
        set(pair) == set(codes)
        and (not index or (index <= LEAD_SENTENCES and index in named.deals))
        for index, codes in named.runs
    )


def _enumeration(named: NamedParties, union: frozenset[str]) -> tuple[str, ...]:
    """Three or more names joined in the title or an early deal sentence, one of them among the two best."""
    best, scores = named.ranked[:2], named.scores
    counts = {number for _, number in _counts(named.reading)}
    for index, codes in named.runs:
        early = not index or (index <= _EARLY and (index in named.deals or len(codes) in counts))
        if len(codes) < 3 or not early or not any(code in best for code in codes):
            continue
        if "EU" in best and "EU" not in codes and all(code in union for code in codes):
            continue
        most = max(scores[code] for code in codes)
        return (*codes, *(code for code in best if code not in codes and scores[code] > most))
    return ()


def _counts(reading: Reading) -> Iterable[tuple[int, int]]:
    """Sentence and number of each "tripartite", "four countries" ..."""
    return [
        (hit.sentence, number)
        for concept, number in _COUNTS.items()
        for hit in reading.hits.get(concept, ())
    ]


def _counted(named: NamedParties) -> tuple[str, ...]:
    """As many of the best as the title or an early sentence counts, if the last of them is more than scenery."""
    for sentence, number in _counts(named.reading):
        if sentence > _COUNTED_EARLY or len(named.ranked) < number:
            continue
        if named.scores[named.ranked[number - 1]] >= _COUNTED * named.scores[named.ranked[1]]:
            return named.ranked[:number]
    return ()


def _pair(named: NamedParties, union: frozenset[str]) -> tuple[str, ...]:
    """The two best. The Union does not contract with a member: then a state outside takes the member's place."""
    ranked = list(named.ranked)
    if len(ranked) > 2 and "EU" in ranked[:2]:
        other = ranked[1] if ranked[0] == "EU" else ranked[0]
        outside = next((code for code in ranked[2:] if len(code) == 2 and code not in union), None)
        if other in union and outside and named.scores[outside] >= _OUTSIDE * named.scores[other]:
            ranked = ["EU", outside]
    if len(ranked) > 2 and _are_alike(named, ranked[0], ranked[1], ranked[2]):
        return tuple(ranked[:3])
    return tuple(ranked[:2])


def _are_alike(named: NamedParties, hub: str, second: str, third: str) -> bool:
    """Whether one partner signs with two in one act: they score alike and share an early deal sentence."""
    scores = named.scores
    if scores[third] < _ALMOST * scores[second] or scores[third] < _LEAST_ALIKE or len(third) > 2:
        return False
    if scores[hub] < scores[second]:
        return False
    for index in named.deals:
        codes = {
            mention.code for mention in named.sentences.get(index, ()) if mention.weight >= SOLID
        }
        if index <= _EARLY and second in codes and third in codes:
            return True
    return False


def _evidence(
    reading: Reading, mentions: Sequence[Mention], chosen: Iterable[str]
) -> tuple[Evidence, ...]:
    """The best mention of each party: in the title, else the first of the heaviest."""
    found = []
    for code in sorted(chosen):
        own = [mention for mention in mentions if mention.code == code]
        if own:
            best = max(own, key=lambda mention: (mention.weight, -mention.token))
            found.append(reading.evidence(best.hit, _RULE, best.weight))
    return tuple(found)
