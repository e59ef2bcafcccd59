"""Find the contracting parties: who commits themselves to each other, not who is merely named.

Each mention of a state or body scores by where it stands. Then the structure of the text decides
how many of the best are parties: a group, an enumeration, a count ("tripartite"), or else the two
best.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.judgement.card.mentions import Tables
from crawler.judgement.card.parties.party_mentions import (
    LEAD_SENTENCES,
    SOLID,
    Mention,
    NamedParties,
    Setting,
    find_mentions,
    name_parties,
    place_weight,
)
from crawler.judgement.text.reading import Reading
from storage.records import Evidence

_EARLY = 5  # sentences in which an enumeration speaks of this agreement
_COUNTED_EARLY = 8  # and a count, which often resumes it
_COUNTED = 0.3  # of the second best: what the last of a counted number must have
_ALMOST = 0.9  # two partners of one hub that score alike are both partners ...
_LEAST_ALIKE = 4.0  # ... when both are more than scenery
# Of a member's score: what a state outside the Union needs to take its place beside the Union.
_OUTSIDE = 0.4
# Of the second best: what the outlet's own state needs. Of 123 labelled reports that name it, it is
# a party in all but those of the Union and of many parties.
_AT_HOME = 0.4
_PAIR = 2  # states; and the letters of a state's code
_COUNTS = {"cue.three": 3, "cue.four": 4, "cue.five": 5}
_RULE = "card.parties"
_SAHEL_ALLIANCE, _SAHEL_STATES = "AES", "sahel-alliance-states"


@dataclass(frozen=True, slots=True)
class Parties:
    """Sorted `codes`, the `scores` of all, best first, and (kind, code) of names by sentence."""

    codes: tuple[str, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    named_in: Mapping[int, frozenset[tuple[str, str]]] = field(default_factory=dict)


def find_parties(
    reading: Reading, setting: Setting, tables: Tables, *, outlet_country: str | None = None
) -> Parties:
    """Return the contracting parties of a text. "Our country" means `outlet_country`."""
    mentions = find_mentions(reading, setting, tables)
    # Without an outlet's, "our country" is that of nearly all papers of the language (Italian).
    home = outlet_country or reading.grammar.home if "cue.home" in reading.hits else None
    if not mentions and not home:
        return Parties()
    named = name_parties(reading, mentions, setting.deals, home, tables.contracting_bodies)
    chosen = (
        _group(named, tables.group_members)
        or _enumeration(named, tables.union_states)
        or _counted(named)
        or _joined(named, tables.union_states)
        or _pair(named, tables.union_states, outlet_country)
    )
    # Three states that sign in the capital of one of them agree with each other.
    members = tables.group_members.get(_SAHEL_STATES, ())
    if _SAHEL_ALLIANCE in chosen and set() < {*chosen} - {_SAHEL_ALLIANCE} <= {*members}:
        chosen = tuple(members)
    scores = tuple((code, round(named.scores[code], 2)) for code in named.ranked)
    evidence = _evidence(reading, mentions, chosen)
    return Parties(tuple(sorted(chosen)), scores, evidence, _named_in(mentions))


def _named_in(mentions: Iterable[Mention]) -> Mapping[int, frozenset[tuple[str, str]]]:
    found: dict[int, set[tuple[str, str]]] = {}
    for mention in mentions:
        found.setdefault(mention.hit.sentence, set()).add((mention.kind, mention.code))
    return {sentence: frozenset(named) for sentence, named in found.items()}


def _group(named: NamedParties, members: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the members of a group, with outsiders that it deals with. The title or an early
    sentence about the deal must name it. If two states deal with each other alone, it is
    background.
    """
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
    """Return whether the title or an early deal sentence joins just these two."""
    return any(
        set(pair) == set(codes)
        and (not index or (index <= LEAD_SENTENCES and index in named.deals))
        for index, codes in named.runs
    )


def _enumeration(named: NamedParties, union: frozenset[str]) -> tuple[str, ...]:
    """Return three or more names that the title or an early deal sentence joins, one of them among
    the two best, so that no list of other countries is taken for the parties.
    """
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
    """Return the sentence and the number of each "tripartite", "four countries" and the like."""
    return [
        (hit.sentence, number)
        for concept, number in _COUNTS.items()
        for hit in reading.hits.get(concept, ())
    ]


def _counted(named: NamedParties) -> tuple[str, ...]:
    """Return as many of the best as title or lead count, if the last of them is no mere scenery."""
    for sentence, number in _counts(named.reading):
        if sentence > _COUNTED_EARLY or len(named.ranked) < number:
            continue
        if named.scores[named.ranked[number - 1]] >= _COUNTED * named.scores[named.ranked[1]]:
            return named.ranked[:number]
    return ()


def _joined(named: NamedParties, union: frozenset[str]) -> tuple[str, ...]:
    """Return the only two states that early sentences about the deal join ("Fiji and Nauru sign"),
    and that the title names: a third one is named as often because it watches, or is what both have
    trouble with.
    """
    early = {
        frozenset(codes)
        for index, codes in named.runs
        if index <= LEAD_SENTENCES and index in named.deals
    }
    pair = next(iter(early), frozenset())
    in_title = pair <= {mention.code for mention in named.sentences.get(0, ())}
    best = named.ranked[:2]
    are_two_states = len(pair) == _PAIR and all(len(code) == _PAIR for code in pair - {"EU"})
    if len(early) != 1 or not in_title or not are_two_states or pair.isdisjoint(best):
        return ()
    return tuple(pair) if are_partners(pair, union) else ()


def _pair(
    named: NamedParties, union: frozenset[str], outlet_country: str | None
) -> tuple[str, ...]:
    """Return the two best, or three if two partners sign alike with one. The Union does not
    contract with its members: a state outside takes the member's place. So does the outlet's own
    state, of the weaker of two others; of a body and a state it is the state.
    """
    ranked = list(named.ranked)
    if len(ranked) > 2 and "EU" in ranked[:2]:
        other = ranked[1] if ranked[0] == "EU" else ranked[0]
        outside = next((code for code in ranked[2:] if len(code) == 2 and code not in union), None)
        if other in union and outside and named.scores[outside] >= _OUTSIDE * named.scores[other]:
            ranked = ["EU", outside]
    if outlet_country in ranked[2:]:
        stronger, weaker = sorted(ranked[:2], key=lambda code: len(code) == 2 and code != "EU")
        if _is_at_home(named, (stronger, weaker), outlet_country, union):
            return stronger, outlet_country
    if len(ranked) > 2 and _are_alike(named, ranked[0], ranked[1], ranked[2]):
        return tuple(ranked[:3])
    return tuple(ranked[:2])


def _is_at_home(
    named: NamedParties, pair: tuple[str, str], home: str, union: frozenset[str]
) -> bool:
    """Return whether the outlet reports on its own state: it says "the government", and names the
    third state of which it also speaks more often. The Union stands for its members.
    """
    is_early = any(
        mention.code == home
        for index in range(LEAD_SENTENCES + 1)
        for mention in named.sentences.get(index, ())
    )
    is_solid = named.scores[home] >= max(_LEAST_ALIKE, _AT_HOME * named.scores[pair[1]])
    return is_early and is_solid and not ("EU" in pair and home in union)


def _are_alike(named: NamedParties, hub: str, second: str, third: str) -> bool:
    """Return whether the best signs with two others, who score alike in one sentence."""
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
    """Return the heaviest mention of each party, the first of equals."""
    passages = []
    for code in sorted(chosen):
        own = [mention for mention in mentions if mention.code == code]
        if own:
            best = max(own, key=lambda mention: (mention.weight, -mention.token))
            passages.append(reading.evidence(best.hit, _RULE, best.weight))
    return tuple(passages)


# --- whether the parties of a card can commit themselves to each other ----------------------------

_UNION = "EU"


def are_partners(parties: Collection[str], union: Collection[str]) -> bool:
    """Return whether there are two, of which one is not merely the other's member: an accord "of
    the Union and Ireland" is the Union's own affair. Of 1,173 texts that readers labelled, 20 that
    passed the gate had no partners by this rule, and none of them reports a step.
    """
    others = set(parties) - {_UNION}
    if _UNION in parties:
        return not others <= set(union)
    return len(others) > 1


# --- where an outlet is at home -------------------------------------------------------------------

_NOT_HOME = frozenset(
    ("eu", "io", "co", "tv", "me", "ai", "cc", "fm", "am", "ly", "to", "gg", "ws", "nu", "su")
)
_OTHER_CODES = {"uk": "GB", "ac": "GB"}


def outlet_country(outlet: str | None, url: str | None) -> str | None:
    """Return the code of the state whose domain a host has, if not all use it."""
    for host in (_host(url), outlet or ""):
        end = (
            host.strip().casefold().rpartition(".")[2]
            if "." in host and " " not in host.strip()
            else ""
        )
        if len(end) == 2 and end.isascii() and end.isalpha() and end not in _NOT_HOME:
            return _OTHER_CODES.get(end, end.upper())
    return None


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
