"""Find the states and bodies that a text names, and how strongly each name speaks for a party."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from crawler.judgement.card.mentions import SharedName, Tables
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Zone

# What a name's family is worth beside the state's own name, measured on labelled articles.
KIND_WEIGHT = {
    "state": 1.0,
    "capital": 1.0,
    "seat": 1.0,
    "body": 1.0,
    "shared": 1.0,
    "nationals": 0.35,
    "loose": 0.5,
    "sign": 0.3,
    "province": 0.7,
    "city": 0.2,
}
_PEOPLE = 0.5  # "Moroccan workers": a nationality, though often a party's
_COMPARED = 0.3  # "similar to the deal with Albania"
_COMPARED_WORDS = 8  # how far behind its cue a comparison reaches
_PRESIDING_WORDS = 3
_LANGUAGE = 0.1  # "in English and Swahili"
_LANGUAGE_WORDS = 3
_IN_DATELINE = 0.25
_WORKING_SENTENCES = 2  # further down a working arrangement is background
_DEAL = ("instrument.", "act.")
_UN_AGENCIES = ("UNHCR", "IOM", "UNODC", "ILO", "UNICEF", "UNDP")
_DATELINE = re.compile(
    r"\s*(?:\([^)]{1,30}\)\s*[-–—]?\s*)?[^\n(–—:]{2,40}?(?:\([^)]{1,40}\)|\s[-–—]{1,2}\s|:|[-–—]{1,2}\s(?!(?:und|oder|bzw)\b))"
)
_SHORT_FIRST = 4  # words: "Kopenhagen. Dänemark kommt ..."


class Mention(NamedTuple):
    """A name: the code of a state or body, the family of its concept, and what it counts alone."""

    token: int
    code: str
    kind: str
    weight: float
    hit: Hit


class Setting(NamedTuple):
    """The sentences that name an instrument or act, and the first token behind a dateline, or 0."""

    deals: frozenset[int]
    dateline: int


def find_setting(reading: Reading) -> Setting:
    deals = [hits for concept, hits in reading.hits.items() if concept.startswith(_DEAL)]
    return Setting(
        frozenset([hit.sentence for hits in deals for hit in hits]), _dateline_tokens(reading)
    )


def find_mentions(reading: Reading, setting: Setting, tables: Tables) -> list[Mention]:
    """Return all names in text order, weighed. `tables` say whose a name of several states is."""
    mentions: list[Mention] = []
    shared: list[tuple[str, Hit]] = []
    for concept, hits in reading.hits.items():
        name = _name(concept)
        if name is None:
            continue
        kind, code = name
        if kind == "shared":
            shared += [(code, hit) for hit in hits]
        else:
            weight = KIND_WEIGHT[kind]
            mentions += [Mention(hit.token, code, kind, weight, hit) for hit in hits]
    if shared:
        mentions.extend(
            _settle_shared(shared, {mention.code for mention in mentions}, tables.shared_names)
        )
    if "seat.EU" in reading.hits:
        mentions = _settle_brussels(mentions)
    mentions.sort(key=lambda mention: (mention.token, KIND_WEIGHT[mention.kind]))
    return _weigh(reading, _one_a_place(_merge_bodies(reading, mentions)), setting.dateline)


def codes_named(reading: Reading, tables: Tables) -> frozenset[str]:
    """Return the codes of all states and bodies that a text names, in whatever way. A name that
    several states share counts for each of them, that of a group for its members.
    """
    codes = set[str]()
    for concept, hits in reading.hits.items():
        kind, _, rest = concept.partition(".")
        if not hits:
            continue
        if kind == "shared":
            codes.update(tables.shared_names[rest][0])
        elif kind == "group":
            codes.update(tables.group_members[rest])
        elif kind in KIND_WEIGHT:
            codes.add(rest.partition(".")[0])
    return frozenset(codes)


@cache
def _name(concept: str) -> tuple[str, str] | None:
    """Return what kind of name a concept is, and its code; None for what is no name."""
    kind, _, rest = concept.partition(".")
    if kind == "shared":
        return kind, rest
    return (kind, rest.partition(".")[0]) if kind in KIND_WEIGHT else None


def _merge_bodies(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """Give mentions that mean another body its code. "The UN agency" is the one that is named. Of
    Frontex and the Union only one signs; which one depends on the paper.
    """
    named = {mention.code for mention in mentions if mention.kind == "body"}
    whole = {}
    if "UN" in named and (agency := next((code for code in _UN_AGENCIES if code in named), None)):
        whole["UN"] = agency
    if "FRONTEX" in named and "EU" in named:
        working = any(
            hit.sentence <= _WORKING_SENTENCES for hit in reading.hits.get("cue.working", ())
        )
        whole |= {"EU": "FRONTEX"} if working else {"FRONTEX": "EU"}
    elif "FRONTEX" in named and "cue.status-paper" in reading.hits:
        whole["FRONTEX"] = "EU"  # the Union signs these for it
    return [m._replace(code=whole.get(m.code, m.code)) for m in mentions] if whole else mentions


def _one_a_place(mentions: list[Mention]) -> list[Mention]:
    """Keep the weaker reading of a word that is adjective and person ("Marocain")."""
    distinct: list[Mention] = []
    for mention in mentions:
        if not (
            distinct and distinct[-1].token == mention.token and distinct[-1].code == mention.code
        ):
            distinct.append(mention)
    return distinct


def _settle_shared(
    shared: Iterable[tuple[str, Hit]], named: set[str], names: Mapping[str, SharedName]
) -> list[Mention]:
    settled = []
    for key, hit in shared:
        among, otherwise = names[key]
        code = next((code for code in among if code in named), otherwise)
        settled.append(Mention(hit.token, code, "shared", KIND_WEIGHT["shared"], hit))
    return settled


def _settle_brussels(mentions: list[Mention]) -> list[Mention]:
    """Take Brussels for Belgium's capital only in a text that names Belgium and not the Union."""
    named = {mention.code for mention in mentions if mention.kind in ("state", "body")}
    if "BE" not in named or "EU" in named:
        return mentions
    return [
        m._replace(code="BE", kind="capital") if m.kind == "seat" and m.code == "EU" else m
        for m in mentions
    ]


def _weigh(reading: Reading, mentions: list[Mention], dateline: int) -> list[Mention]:
    """Discount persons, comparisons, presidencies, languages and datelines."""
    people = reading.tokens("cue.people")
    compared = {
        (hit.sentence, token)
        for hit in reading.hits.get("cue.compare", ())
        for token in range(hit.last_token + 1, hit.last_token + 1 + _COMPARED_WORDS)
    }
    presiding = _around(reading, "cue.presidency", _PRESIDING_WORDS)
    languages = _around(reading, "cue.language", _LANGUAGE_WORDS)
    before = reading.grammar.persons_before
    weighed = []
    for mention in mentions:
        token, _, kind, weight, hit = mention
        if kind == "nationals" and before and not _is_person(reading, token, before):
            weight = 1.0
        if kind == "state" and (token - 1 in people or hit.last_token + 1 in people):
            weight *= _PEOPLE
        if kind == "capital" and token < dateline:
            weight = _IN_DATELINE
        if kind == "state" and token in languages:
            weight *= _LANGUAGE
        if (hit.sentence, token) in compared:
            weight *= _COMPARED
        if kind != "body" and token in presiding:
            weight = 0.0
        weighed.append(mention if weight == mention.weight else mention._replace(weight=weight))
    return weighed


def _around(reading: Reading, concept: str, reach: int) -> set[int]:
    """Return the tokens at most `reach` from where a hit of the concept starts."""
    hits = reading.hits.get(concept, ())
    return {token for hit in hits for token in range(hit.token - reach, hit.token + reach + 1)}


def _is_person(reading: Reading, token: int, before: frozenset[str]) -> bool:
    if not token:
        return True
    word = reading.word(token - 1)
    return word in before or word[-1:].isdigit()


def _dateline_tokens(reading: Reading) -> int:
    """Return the first token behind an agency's dateline ("LIMA, 24 ago (Xinhua) --"), or 0."""
    if len(reading.sentences) < 2:
        return 0
    first = reading.sentences[1]
    start = reading.token_at(first.start)
    if len(reading.sentences) > 2:
        second = reading.token_at(reading.sentences[2].start)
        if second - start <= _SHORT_FIRST:
            return second
    stop = _DATELINE.match(reading.text, 0, 80)
    if stop is None:
        return 0
    return start + len(re.findall(r"\w+", reading.text[: stop.end()]))


def by_sentence(mentions: Sequence[Mention]) -> dict[int, list[Mention]]:
    groups: dict[int, list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(mention.hit.sentence, []).append(mention)
    return groups


# --- how strongly a text speaks of each as a party ------------------------------------------------

# Weight of a mention by zone (title 4, first three sentences 2, then 1; double beside an instrument
# or an act): with these alone and the two best, 0.96 of bilateral articles are exact.
_TITLE = 4.0
_LEAD = 2.0
_BODY = 1.0
_BESIDE_DEAL = 2.0
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
    """What a text names; `runs` has a sentence and the codes of each chain of joined names."""

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
    """Score every code that `mentions` name. "Our country" means `home`; `contracting` are the
    bodies that can be a party.
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
    return NamedParties(reading, sentences, deals, runs, scores, ranked)


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
    zone = (
        _TITLE
        if reading.sentences[index].zone is Zone.TITLE
        else _LEAD
        if index <= LEAD_SENTENCES
        else _BODY
    )
    return zone * _BESIDE_DEAL if index in deals else zone


def _settle_bodies(scores: dict[str, float], joined: set[str], contracting: frozenset[str]) -> None:
    """Discount bodies that do not contract, and those that no party is joined to."""
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
