"""Find out what kind of instrument the agreement is, by what the text calls it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.judgement.card.acts import told_as_past
from crawler.judgement.card.records import Act, CardField, Clauses
from crawler.judgement.card.status import NEW_STEPS, FoundStatus
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Instrument, Zone

_RULE = "card.instrument"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
_LOOSE_TITLE = 1.5  # headlines say "deal" of anything
# How much a mere mention says. "accord", "deal" point back to anything; "treaty" and "partnership"
# are figures of speech and frames more often than names.
_STRENGTH = {
    "treaty": 0.3, "memorandum_of_understanding": 1.0, "declaration": 1.0, "statement": 0.35,
    "protocol": 0.9, "action_plan": 0.5, "partnership": 0.5, "arrangement": 0.6, "agreement": 0.55,
    "loose": 0.32,
}  # fmt: skip
_KINDS = {"loose": Instrument.AGREEMENT, "statement": Instrument.DECLARATION}
# Stands beside the act that is the news. Of 421 open cards 0.948 are right at 1.5 against 0.943 at
# 1.7, and as many at 7 tokens against 9.
_GOVERNED = 1.5
_GOVERNED_REACH = 7  # tokens
# Of the strongest act's weight: an act in the body is another one where title or lead have theirs.
_LEADING = 0.5
_PAST = 0.3  # of another, older instrument
_SECOND = 0.4  # what each further mention adds; nearly nothing for words that point back anyway
_SECOND_LOOSE = 0.1
# In the body "the protocol" is the one that the lead calls an accord; "a memorandum" is another
# one.
_POINTS_BACK = 1.5
_OTHER = 0.4
_MOST_SHOWN = 3


def find_instrument(reading: Reading, clauses: Clauses, step: FoundStatus) -> CardField[Instrument]:
    """Return the kind of instrument; `clauses` and `step` come from the same reading."""
    leading = [act for act in step.acts if act.weight >= _LEADING * step.acts[0].weight]
    weights: dict[Instrument, list[tuple[float, Hit]]] = defaultdict(list)
    for hit in clauses.objects:
        concept = hit.concept.partition(".")[2]
        if concept not in _STRENGTH or (concept == "statement" and not _is_made(hit, leading)):
            continue
        weight = _weight(reading, hit, _STRENGTH[concept], leading)
        if hit.token in clauses.past or (
            step.status in NEW_STEPS and told_as_past(hit, clauses.acts)
        ):
            weight *= _PAST
        weights[_KINDS.get(concept) or Instrument(concept)].append((weight, hit))
    if not weights:
        return _unnamed(reading, leading)
    scores = {kind: _score(found) for kind, found in weights.items()}
    best = max(scores, key=lambda kind: scores[kind])
    proof = sorted(weights[best], key=lambda item: -item[0])[:_MOST_SHOWN]
    return CardField(
        best, tuple(reading.evidence(hit, _RULE, round(weight, 2)) for weight, hit in proof)
    )


def _unnamed(reading: Reading, leading: Sequence[Act]) -> CardField[Instrument]:
    """Call it an agreement where no word names it but parties act, as people commonly do."""
    if not leading:
        return CardField(None)
    return CardField(
        Instrument.AGREEMENT,
        (reading.evidence(leading[0].hit, _RULE, round(leading[0].weight, 2)),),
    )


def _weight(reading: Reading, hit: Hit, strength: float, leading: Sequence[Act]) -> float:
    zone = reading.sentences[hit.sentence].zone
    is_loose = hit.concept == "instrument.loose"
    weight = strength * (_LOOSE_TITLE if is_loose and zone is Zone.TITLE else _ZONES[zone])
    if any(_governs(act, hit) for act in leading):
        weight *= _GOVERNED
    elif zone is Zone.BODY and not is_loose:
        weight *= _reference(reading, hit)
    return weight


def _is_made(hit: Hit, leading: Sequence[Act]) -> bool:
    return any(act.deed in ("signed", "sealed") and _governs(act, hit) for act in leading)


def _governs(act: Act, hit: Hit) -> bool:
    return act.hit.sentence == hit.sentence and _distance(act.hit, hit) <= _GOVERNED_REACH


def _reference(reading: Reading, hit: Hit) -> float:
    """Return the factor for an article before the noun, or within it in Arabic.

    A definite article says that the instrument has been named before, an indefinite one that it is
    another.
    """
    grammar = reading.grammar
    if grammar.clitics is not None and grammar.clitics.article:
        is_definite = grammar.clitics.article in reading.folded[hit.start : hit.end]
        return _POINTS_BACK if is_definite else _OTHER
    before = reading.word(hit.token - 1) if hit.token else ""
    if before in grammar.indefinite:
        return _OTHER
    return _POINTS_BACK if before in grammar.definite else 1.0


def _distance(one: Hit, other: Hit) -> int:
    return max(one.token - other.last_token, other.token - one.last_token, 0)


def _score(found: Sequence[tuple[float, Hit]]) -> float:
    (first, _), *more = sorted(found, key=lambda item: -item[0])
    return first + sum(
        w * (_SECOND_LOOSE if hit.concept == "instrument.loose" else _SECOND) for w, hit in more[:2]
    )
