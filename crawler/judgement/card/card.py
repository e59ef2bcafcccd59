"""Fill the card: the facts of the agreement that a text reports, each with its own evidence.

A field stays empty where the text does not say enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from crawler.judgement.card.acts import INSTRUMENTS, belongs_to_past_act, find_clauses
from crawler.judgement.card.event_date import (
    find_closing,
    find_event_date,
    find_expected_day,
    signed_by,
)
from crawler.judgement.card.mentions import Act, Clauses, Modality, Tables
from crawler.judgement.card.parties.parties import Parties, find_parties
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.places import find_place
from crawler.judgement.card.status import NEW_STEPS, FoundStatus, find_status
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Card, DateBasis, Evidence, Instrument, Topic, Zone


def read_card(
    reading: Reading, published_on: date | None, tables: Tables, outlet_country: str | None = None
) -> tuple[Card, tuple[Evidence, ...]]:
    """Return the card, and the words that it rests on. "Our country" means `outlet_country`."""
    setting = find_setting(reading)
    parties = find_parties(reading, setting, tables, outlet_country=outlet_country)
    found = find_clauses(reading, published_on)
    clauses = without_others(found, parties, tables.union_states, reading)
    closing = find_closing(reading, clauses)
    step = signed_by(closing, reading) if closing else find_status(reading, clauses)
    instrument, naming = find_instrument(reading, clauses, step)
    topics, subjects = find_topics(reading, clauses, step)
    event_date, basis, date_evidence = (
        (closing.day, DateBasis.TEXT, ())
        if closing
        else find_event_date(reading, published_on, clauses, step, setting.dateline)
    )
    expected_on, expected_evidence = find_expected_day(reading, published_on, clauses, step.status)
    place = find_place(reading, parties, setting, tables, closing)
    card = Card(
        parties=parties.codes,
        instrument=instrument,
        topics=topics,
        status=step.status,
        event_date=event_date,
        event_date_basis=basis,
        expected_on=expected_on,
        place=place.text if place else None,
        place_key=place.key if place else None,
        party_scores=parties.scores,
    )
    proof = (
        *parties.evidence,
        *naming,
        *subjects,
        *step.evidence,
        *date_evidence,
        *expected_evidence,
        *((place.evidence,) if place else ()),
    )
    return card, proof


# --- acts of others, which say nothing of the status and give no day ------------------------------

_UNION = "EU"
_NAMED_BY = frozenset(("state", "nationals"))  # a capital is often only where they met
_SIMILAR = "modality.similar"


def without_others(
    clauses: Clauses, parties: Parties, union: frozenset[str], reading: Reading
) -> Clauses:
    """Return the clauses with other agreements' acts as background; `union`: its states."""
    others = frozenset(
        sentence
        for sentence in _of_strangers(parties, union, reading)
        if reading.sentences[sentence].zone is not Zone.TITLE
    )
    if not others:
        return clauses
    acts = tuple(
        act._replace(modality=Modality.OLD) if act.hit.sentence in others else act
        for act in clauses.acts
    )
    return replace(clauses, acts=acts)


def _of_strangers(parties: Parties, union: frozenset[str], reading: Reading) -> Iterable[int]:
    """Yield the sentences that name states, and no party, or a stranger beside a similar deal."""
    if len(parties.codes) < 2:
        return
    own = set(parties.codes) | (union if _UNION in parties.codes else set())
    similar = {hit.sentence for hit in reading.hits.get(_SIMILAR, ())}
    for sentence, named in parties.named_in.items():
        strangers = {code for kind, code in named if kind in _NAMED_BY} - own
        if strangers and (sentence in similar or not {code for _, code in named} & own):
            yield sentence


# --- what the agreement is about ------------------------------------------------------------------

_RULE = "card.topics"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
_LATE = 0.8  # in the second half of a text background takes over
_OLD = 0.4  # a sentence of the body that is dated long before the news
_OTHER = 0.7  # a sentence about another agreement only; the best of 0.5 and 0.7 on 421 open cards
_REPEATED = 0.5  # what further words of a topic add in one sentence
_SHARE = 0.3  # of the strongest topic's score: what is less is mentioned in passing
_MOST = 2.8  # however much the strongest is repeated
_LEAST = 0.75  # one mention in the body, in a sentence that is not about something else
# Refugees and irregular migrants are the people and the aim in nearly every such text, content only
# in some; money is often its price alone. Who names traffickers or visas means them. Each is the
# best of six values on 421 open cards.
_COMMON = {
    Topic.ASYLUM: 0.65,
    Topic.BORDER: 0.6,
    Topic.DEVELOPMENT: 0.65,
    Topic.TRAFFICKING: 1.2,
    Topic.VISA: 1.15,
}


def find_topics(
    reading: Reading, clauses: Clauses, step: FoundStatus
) -> tuple[tuple[Topic, ...], tuple[Evidence, ...]]:
    """Return the topics, strongest first; `clauses` and `step` come from the same reading."""
    factors = _sentence_factors(reading, clauses, step)
    scores: dict[Topic, float] = {}
    shown: dict[Topic, Hit] = {}
    for topic in Topic:
        hits = reading.hits.get(f"topic.{topic.value}", ())
        if hits:
            scores[topic] = _score(hits, factors) * _COMMON.get(topic, 1.0)
            shown[topic] = max(hits, key=lambda hit: factors[hit.sentence])
    if not scores:
        people = reading.hits.get("subject.core", ())
        if not people:
            return (), ()
        return (Topic.BORDER,), (reading.evidence(people[0], _RULE, _LEAST),)
    best = max(scores.values())
    enough = min(best, max(_LEAST, min(best * _SHARE, _MOST)))
    chosen = sorted(
        (topic for topic in scores if scores[topic] >= enough), key=lambda topic: -scores[topic]
    )
    proof = [reading.evidence(shown[topic], _RULE, round(scores[topic], 2)) for topic in chosen]
    return tuple(chosen), tuple(proof)


def _score(hits: Sequence[Hit], factors: Sequence[float]) -> float:
    counts: dict[int, int] = defaultdict(int)
    for hit in hits:
        counts[hit.sentence] += 1
    return sum(
        factors[sentence] * (1 + _REPEATED * min(count - 1, 2))
        for sentence, count in counts.items()
    )


def _sentence_factors(reading: Reading, clauses: Clauses, step: FoundStatus) -> list[float]:
    """Return for each sentence how far it speaks of the agreement that is the news."""
    about: set[int] = set()
    other: set[int] = set()
    for hit in clauses.objects:
        (
            other if hit.token in clauses.past or belongs_to_past_act(hit, clauses.acts) else about
        ).add(hit.sentence)
    old = (
        {mention.sentence for mention in clauses.dates if mention.old}
        if step.status in NEW_STEPS
        else set()
    )
    factors = []
    for number, sentence in enumerate(reading.sentences):
        factor = _ZONES[sentence.zone] * (_LATE if number > len(reading.sentences) * 0.5 else 1.0)
        if number in other and number not in about:
            factor *= _OTHER
        if number in old and sentence.zone is Zone.BODY:
            factor *= _OLD
        factors.append(factor)
    return factors


# --- what kind of instrument it is, by what the text calls it -------------------------------------

_KIND_RULE = "card.instrument"
_LOOSE_TITLE = 1.5  # headlines say "deal" of anything
# How much a mere mention says. "accord", "deal" point back to anything; "treaty" and "partnership"
# are figures of speech and frames more often than names.
_STRENGTH = dict.fromkeys(INSTRUMENTS, 0.5) | {
    "treaty": 0.3, "memorandum_of_understanding": 1.0, "declaration": 1.0, "statement": 0.35,
    "protocol": 0.9, "arrangement": 0.6, "agreement": 0.55, "loose": 0.32,
}  # fmt: skip
_KINDS = {"loose": Instrument.AGREEMENT, "statement": Instrument.DECLARATION}
# Stands beside the act that is the news. Of 421 open cards 0.948 are right at 1.5 against 0.943 at
# 1.7, and as many at 7 tokens against 9.
_GOVERNED = 1.5
_GOVERNED_REACH = 7  # tokens
# Of the strongest act's weight: an act in the body is another one where title or lead have theirs.
_LEADING = 0.5
_OF_PAST = 0.3  # of another, older instrument
_FURTHER = 0.4  # what each further mention adds; nearly nothing for words that point back anyway
_SECOND_LOOSE = 0.1
# In the body "the protocol" is the one that the lead calls an accord; "a memorandum" is another
# one.
_POINTS_BACK = 1.5
_ANOTHER = 0.4
_MOST_SHOWN = 3


def find_instrument(
    reading: Reading, clauses: Clauses, step: FoundStatus
) -> tuple[Instrument | None, tuple[Evidence, ...]]:
    """Return the kind of instrument; `clauses` and `step` come from the same reading."""
    leading = [act for act in step.acts if act.weight >= _LEADING * step.acts[0].weight]
    weights: dict[Instrument, list[tuple[float, Hit]]] = defaultdict(list)
    for hit in clauses.objects:
        concept = hit.concept.partition(".")[2]
        if concept not in _STRENGTH or (
            concept == "statement"
            and not any(act.deed in ("signed", "sealed") and _governs(act, hit) for act in leading)
        ):
            continue
        weight = _weight(reading, hit, _STRENGTH[concept], leading)
        if hit.token in clauses.past or (
            step.status in NEW_STEPS and belongs_to_past_act(hit, clauses.acts)
        ):
            weight *= _OF_PAST
        weights[_KINDS.get(concept) or Instrument(concept)].append((weight, hit))
    if not weights:
        if not leading:
            return None, ()
        proof = reading.evidence(leading[0].hit, _KIND_RULE, round(leading[0].weight, 2))
        return Instrument.AGREEMENT, (proof,)
    scores = {kind: _instrument_score(found) for kind, found in weights.items()}
    best = max(scores, key=lambda kind: scores[kind])
    shown = sorted(weights[best], key=lambda item: -item[0])[:_MOST_SHOWN]
    return best, tuple(reading.evidence(hit, _KIND_RULE, round(w, 2)) for w, hit in shown)


def _weight(reading: Reading, hit: Hit, strength: float, leading: Sequence[Act]) -> float:
    zone = reading.sentences[hit.sentence].zone
    is_loose = hit.concept == "instrument.loose"
    weight = strength * (_LOOSE_TITLE if is_loose and zone is Zone.TITLE else _ZONES[zone])
    if any(_governs(act, hit) for act in leading):
        weight *= _GOVERNED
    elif zone is Zone.BODY and not is_loose:
        weight *= _reference(reading, hit)
    return weight


def _governs(act: Act, hit: Hit) -> bool:
    return (
        act.hit.sentence == hit.sentence
        and act.hit.gap(hit.token, hit.last_token) <= _GOVERNED_REACH
    )


def _reference(reading: Reading, hit: Hit) -> float:
    """Return the factor for an article before the noun, or within it in Arabic: a definite one says
    that the instrument was named before, an indefinite one that it is another.
    """
    grammar = reading.grammar
    if grammar.clitics is not None and grammar.clitics.article:
        is_definite = grammar.clitics.article in reading.folded[hit.start : hit.end]
        return _POINTS_BACK if is_definite else _ANOTHER
    before = reading.word(hit.token - 1) if hit.token else ""
    if before in grammar.indefinite:
        return _ANOTHER
    return _POINTS_BACK if before in grammar.definite else 1.0


def _instrument_score(found: Sequence[tuple[float, Hit]]) -> float:
    (first, _), *more = sorted(found, key=lambda item: -item[0])
    return first + sum(
        w * (_SECOND_LOOSE if hit.concept == "instrument.loose" else _FURTHER)
        for w, hit in more[:2]
    )
