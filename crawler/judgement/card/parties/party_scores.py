"""Score how strongly a text speaks of each state and body as a party.

The names that a text joins into one enumeration are found here, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.judgement.card.parties.party_mentions import Mention, by_sentence
from crawler.judgement.text.reading import Reading
from storage.records import Zone

# Weight of a mention by zone (title 4, first three sentences 2, then 1; double beside an instrument
# or an act): with these alone and the two best, 0.96 of bilateral articles are exact.
_TITLE = 4.0
_LEAD = 2.0
_BODY = 1.0
_DEAL = 2.0
LEAD_SENTENCES = 3
_MOST_A_SENTENCE = 2.0  # repeating a name in one sentence says nothing new
_JOIN_WORDS = 6  # between two names of an enumeration: "and the Government of the Republic of"
_WITH_WORDS = 2
_JOINING_MARKS = ",;/،–—-&"
_NEVER_JOINED = ("sign", "loose", "nationals", "city")
_UNJOINED = 0.5  # a body beside whom no party is named
_SCENERY = 0.3  # a body that does not contract
SOLID = 0.5  # weight of a mention by name, in its own right


Run = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NamedParties:
    """What a text names.

    `runs` has a sentence and the distinct codes for each chain of joined names; `ranked` are all
    codes, best first.
    """

    reading: Reading
    sentences: Mapping[int, list[Mention]]
    deals: frozenset[int]
    runs: tuple[Run, ...]
    scores: Mapping[str, float]
    ranked: tuple[str, ...]


def name_parties(
    reading: Reading,
    mentions: Sequence[Mention],
    deals: frozenset[int],
    home: str | None,
    contracting: frozenset[str],
) -> NamedParties:
    """Score every code that `mentions` name.

    `deals` are the sentences with an instrument or an act; `home` is what "our country" means, if
    the text says so; `contracting` are the bodies that can be a party.
    """
    sentences = by_sentence(mentions)
    chains = [chain for group in sentences.values() for chain in _chains(reading, group)]
    runs = tuple(map(_run, chains))
    scores = _scores(reading, sentences, deals)
    if home:
        scores[home] = scores.get(home, 0.0) + _LEAD
    joined = {code for _, codes in runs for code in codes} | {
        mention.code for mention in sentences.get(0, ())
    }
    joined |= {
        m.code
        for m in mentions
        if len(m.code) > 2 and m.hit.sentence in deals and _follows_with(reading, m)
    }
    _settle_bodies(scores, joined, contracting)
    first = {mention.code: mention.token for mention in reversed(mentions)}
    ranked = tuple(sorted(scores, key=lambda code: (-scores[code], first.get(code, 0), code)))
    return NamedParties(
        reading=reading,
        sentences=sentences,
        deals=deals,
        runs=runs,
        scores=scores,
        ranked=ranked,
    )


def _scores(
    reading: Reading, sentences: Mapping[int, list[Mention]], deals: frozenset[int]
) -> dict[str, float]:
    scores: dict[str, float] = {}
    for index, group in sentences.items():
        place = place_weight(reading, index, deals)
        here: dict[str, float] = {}
        for mention in group:
            here[mention.code] = min(_MOST_A_SENTENCE, here.get(mention.code, 0.0) + mention.weight)
        for code, weight in here.items():
            scores[code] = scores.get(code, 0.0) + place * weight
    return scores


def place_weight(reading: Reading, index: int, deals: frozenset[int]) -> float:
    """Return what a mention in this sentence weighs."""
    zone = (
        _TITLE
        if reading.sentences[index].zone is Zone.TITLE
        else _LEAD
        if index <= LEAD_SENTENCES
        else _BODY
    )
    return zone * _DEAL if index in deals else zone


def _settle_bodies(scores: dict[str, float], joined: set[str], contracting: frozenset[str]) -> None:
    """Discount bodies that do not contract, and those that no party is joined to.

    A body that is joined to a party or stands in the title counts in full.
    """
    for code in scores:
        if len(code) > 2:
            scores[code] *= (
                _SCENERY if code not in contracting else 1.0 if code in joined else _UNJOINED
            )


def _follows_with(reading: Reading, mention: Mention) -> bool:
    """Return whether "with" stands shortly before a name: "an agreement with the UNHCR"."""
    with_words = reading.grammar.companions
    return any(
        reading.word(token) in with_words
        for token in range(max(0, mention.token - _WITH_WORDS), mention.token)
    )


def _chains(reading: Reading, group: Sequence[Mention]) -> list[list[Mention]]:
    """Return the chains of names of a sentence that only joining words stand between."""
    chains: list[list[Mention]] = []
    for mention in group:
        if mention.kind in _NEVER_JOINED or mention.weight < SOLID:
            continue
        if chains and _joined(reading, chains[-1][-1], mention):
            chains[-1].append(mention)
        else:
            chains.append([mention])
    return [chain for chain in chains if len({mention.code for mention in chain}) > 1]


def _run(chain: Sequence[Mention]) -> Run:
    return chain[0].hit.sentence, tuple(dict.fromkeys(mention.code for mention in chain))


def _joined(reading: Reading, left: Mention, right: Mention) -> bool:
    first, after = left.hit.last_token + 1, right.token
    if after - first > _JOIN_WORDS or after < first:
        return after < first
    conjunctions, fillers = reading.grammar.joiners, reading.grammar.fillers
    between = [reading.word(token) for token in range(first, after)]
    if not all(word in fillers or word in conjunctions for word in between):
        return False
    if left.code == right.code or any(word in conjunctions for word in between):
        return True
    prefix = reading.grammar.joining_prefix
    if prefix and reading.word(right.token).startswith(prefix):
        return True
    *_, gap = reading.original(left.hit.end, right.hit.start)
    return any(mark in gap for mark in _JOINING_MARKS)
