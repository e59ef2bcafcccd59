"""The contracting parties: who commits themselves to each other, not who is merely named.

Each mention of a state or body scores by where it stands; then structure decides how many of the best
are parties: a group, an enumeration, a count in the text ("tripartite"), else the two best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.judgement.mentions import Mention, by_sentence, deal_sentences, find_mentions, table, words
from crawler.judgement.reading import Reading
from storage.records import Evidence, Zone

# Weight of a mention by zone (title 4, first three sentences 2, then 1; double beside a deal word): with these
# alone and the two best, 0.96 of bilateral articles are exact.
_TITLE = 4.0
_LEAD = 2.0
_BODY = 1.0
_DEAL = 2.0
_LEAD_SENTENCES = 3
_MOST_A_SENTENCE = 2.0  # repeating a name in one sentence says nothing new
_EARLY = 5  # sentences in which an enumeration or a count speaks of this agreement
_COUNTED_EARLY = 8
_COUNTED = 0.3  # of the second best: what the last of a counted number must have
_JOIN_WORDS = 6  # between two names of an enumeration: "and the Government of the Republic of"
_ALMOST = 0.9  # two partners of one hub that score alike are both partners ...
_LEAST_ALIKE = 4.0  # ... when both are more than scenery
_SOLID = 0.5  # a mention by name, in its own right

_COUNTS = {"cue.three": 3, "cue.four": 4, "cue.five": 5}
# Bodies that commit themselves; the others are mostly scenery.
_CONTRACTING = frozenset(
    "EU AUC ECOWAS IOM UNHCR UNODC FRONTEX AES GCC ASEAN MERCOSUR CAN EAC IGAD CARICOM SICA ECCAS SADC ILO ICMPD".split()
)
_UNJOINED = 0.5  # a body beside whom no party is named
_SCENERY = 0.3


@dataclass(frozen=True, slots=True)
class Parties:
    """`codes`: sorted; `scores`: every named state and body, best first, runners-up too."""

    codes: tuple[str, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What the text names, sentence by sentence, and the runs of joined names in it."""

    reading: Reading
    sentences: Mapping[int, list[Mention]]
    deals: set[int]
    runs: tuple[tuple[int, tuple[str, ...]], ...]  # sentence, distinct codes in order
    scores: Mapping[str, float]
    ranked: tuple[str, ...]


def find_parties(reading: Reading, *, outlet_country: str | None = None) -> Parties:
    """Who contracts. `outlet_country`: where the outlet is at home, for "our country"."""
    mentions = find_mentions(reading)
    home = _home(reading, outlet_country)
    if not mentions and not home:
        return Parties()
    named = _name(reading, mentions, home)
    chosen = _group(named) or _enumeration(named) or _counted(named) or _pair(named)
    scores = tuple((code, round(named.scores[code], 2)) for code in named.ranked)
    return Parties(tuple(sorted(chosen)), scores, _evidence(reading, mentions, chosen))


def _home(reading: Reading, outlet_country: str | None) -> str | None:
    """The state that "our country" means; Italian is one state's language as good as alone."""
    if "cue.home" not in reading.hits:
        return None
    return outlet_country or ("IT" if reading.language == "it" else None)


def _name(reading: Reading, mentions: Sequence[Mention], home: str | None) -> _Named:
    sentences = by_sentence(mentions)
    deals = deal_sentences(reading)
    runs = tuple(run for index, group in sentences.items() for run in _runs(reading, index, group))
    scores = _scores(reading, sentences, deals)
    if home:
        scores[home] = scores.get(home, 0.0) + _LEAD
    _settle_bodies(scores, runs, sentences.get(0, ()))
    first = {mention.code: mention.token for mention in reversed(mentions)}
    ranked = tuple(sorted(scores, key=lambda code: (-scores[code], first.get(code, 0), code)))
    return _Named(reading, sentences, deals, runs, scores, ranked)


def _scores(reading: Reading, sentences: Mapping[int, list[Mention]], deals: set[int]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for index, group in sentences.items():
        place = _place(reading, index, deals)
        here: dict[str, float] = {}
        for mention in group:
            here[mention.code] = min(_MOST_A_SENTENCE, here.get(mention.code, 0.0) + mention.weight)
        for code, weight in here.items():
            scores[code] = scores.get(code, 0.0) + place * weight
    return scores


def _place(reading: Reading, index: int, deals: set[int]) -> float:
    zone = _TITLE if reading.sentences[index].zone is Zone.TITLE else _LEAD if index <= _LEAD_SENTENCES else _BODY
    return zone * _DEAL if index in deals else zone


def _settle_bodies(
    scores: dict[str, float], runs: Iterable[tuple[int, tuple[str, ...]]], title: Iterable[Mention]
) -> None:
    """Bodies count in full where they are joined to a party or stand in the title."""
    joined = {code for _, codes in runs if len(codes) > 1 for code in codes} | {mention.code for mention in title}
    for code in scores:
        if len(code) > 2:
            scores[code] *= _SCENERY if code not in _CONTRACTING else 1.0 if code in joined else _UNJOINED


def _runs(reading: Reading, index: int, group: Sequence[Mention]) -> list[tuple[int, tuple[str, ...]]]:
    """Chains of names with nothing but joining words between them."""
    runs: list[tuple[int, tuple[str, ...]]] = []
    chain: list[str] = []
    last: Mention | None = None
    for mention in group:
        if mention.kind in ("sign", "loose", "nationals", "city") or mention.weight < _SOLID:
            continue
        if last is None or not _joined(reading, last, mention):
            if len(chain) > 1:
                runs.append((index, tuple(chain)))
            chain = []
        if mention.code not in chain:
            chain.append(mention.code)
        last = mention
    if len(chain) > 1:
        runs.append((index, tuple(chain)))
    return runs


def _joined(reading: Reading, left: Mention, right: Mention) -> bool:
    first, after = left.hit.last_token + 1, right.token
    if after - first > _JOIN_WORDS or after < first:
        return after < first
    conjunctions = words("party-cues.yaml", "joiners", "and")
    fillers = words("party-cues.yaml", "joiners", "filler")
    between = [reading.word(token) for token in range(first, after)]
    if not all(word in fillers or word in conjunctions for word in between):
        return False
    if left.code == right.code or any(word in conjunctions for word in between):
        return True
    if reading.language == "ar" and reading.word(right.token)[:1] == "و":
        return True
    *_, gap = reading.original(left.hit.end, right.hit.start)
    return any(mark in gap for mark in ",;/،–—-&")


def _group(named: _Named) -> tuple[str, ...]:
    """The members of a group that the title or an early deal sentence names, unless it is the frame of a bilateral deal."""
    members = table("members.yaml", "members")
    weights: dict[str, float] = {}
    for hit in named.reading.family("group"):
        if hit.sentence and (hit.sentence > _LEAD_SENTENCES or hit.sentence not in named.deals):
            continue
        key = hit.concept.partition(".")[2]
        weights[key] = weights.get(key, 0.0) + _place(named.reading, hit.sentence, named.deals)
    if not weights:
        return ()
    group = max(weights, key=lambda key: weights[key])
    inside, best = members[group], named.ranked[:2]
    outside = [code for code in best if code not in inside and named.scores[code] >= weights[group]]
    if len(outside) == 2 or (len(best) == 2 and not outside and _is_bilateral(named, best)):
        return ()
    return (*inside, *outside)


def _is_bilateral(named: _Named, pair: Sequence[str]) -> bool:
    """Whether the two stand joined in the title or an early deal sentence: "Portugal e Angola assinam"."""
    return any(
        set(pair) == set(codes) and (not index or (index <= _LEAD_SENTENCES and index in named.deals))
        for index, codes in named.runs
    )


def _enumeration(named: _Named) -> tuple[str, ...]:
    """Three or more names joined in the title or an early deal sentence, one of them among the two best."""
    best, scores = named.ranked[:2], named.scores
    union = table("members.yaml", "union")["states"]
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
    return [(hit.sentence, number) for concept, number in _COUNTS.items() for hit in reading.hits.get(concept, ())]


def _counted(named: _Named) -> tuple[str, ...]:
    """As many of the best as the title or an early sentence counts, if the last of them is more than scenery."""
    for sentence, number in _counts(named.reading):
        if sentence > _COUNTED_EARLY or len(named.ranked) < number:
            continue
        if named.scores[named.ranked[number - 1]] >= _COUNTED * named.scores[named.ranked[1]]:
            return named.ranked[:number]
    return ()


def _pair(named: _Named) -> tuple[str, ...]:
    """The two best. The Union does not contract with a member: then a state outside takes the member's place."""
    union = table("members.yaml", "union")["states"]
    ranked = list(named.ranked)
    if len(ranked) > 2 and "EU" in ranked[:2]:
        other = ranked[1] if ranked[0] == "EU" else ranked[0]
        outside = next((code for code in ranked[2:] if len(code) == 2 and code not in union), None)
        if other in union and outside and named.scores[outside] >= 0.4 * named.scores[other]:
            ranked = ["EU", outside]
    if len(ranked) > 2 and _are_alike(named, ranked[0], ranked[1], ranked[2]):
        return tuple(ranked[:3])
    return tuple(ranked[:2])


def _are_alike(named: _Named, hub: str, second: str, third: str) -> bool:
    """Whether one partner signs with two in one act: they score alike and share an early deal sentence."""
    scores = named.scores
    if scores[third] < _ALMOST * scores[second] or scores[third] < _LEAST_ALIKE or len(third) > 2:
        return False
    if scores[hub] < scores[second]:
        return False
    for index in named.deals:
        codes = {mention.code for mention in named.sentences.get(index, ()) if mention.weight >= _SOLID}
        if index <= _EARLY and second in codes and third in codes:
            return True
    return False


def _evidence(reading: Reading, mentions: Sequence[Mention], chosen: Iterable[str]) -> tuple[Evidence, ...]:
    """The best mention of each party: in the title, else the first of the heaviest."""
    found = []
    for code in sorted(chosen):
        own = [mention for mention in mentions if mention.code == code]
        if own:
            best = max(own, key=lambda mention: (mention.weight, -mention.token))
            found.append(reading.evidence(best.hit, "card.parties", best.weight))
    return tuple(found)
