"""What kind of instrument the text calls the agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.judgement.clauses import Act, old_objects
from crawler.judgement.date_mentions import DateMention
from crawler.judgement.found import Found
from crawler.judgement.reading import Hit, Reading
from crawler.judgement.status import leading_acts
from storage.records import Instrument, Status, Zone

_RULE = "card.instrument"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
# How much a mere mention says. "accord", "deal" point back to anything; "treaty" and "partnership" are figures
# of speech and frames more often than names.
_STRENGTH = {
    "treaty": 0.3, "memorandum_of_understanding": 1.0, "declaration": 1.0, "protocol": 0.9, "action_plan": 0.7,
    "partnership": 0.55, "arrangement": 0.6, "agreement": 0.6, "loose": 0.4,
}  # fmt: skip
_GOVERNED = 1.7  # stands beside the act that is the news
_GOVERNED_REACH = 6  # tokens
_PAST = 0.3  # of another, older instrument
_SECOND = 0.4  # what each further mention adds
_MOST_SHOWN = 3


def find_instrument(
    reading: Reading, acts: Sequence[Act], status: Status | None, dates: Sequence[DateMention]
) -> Found[Instrument]:
    """`acts` and `dates` as found in the same reading; `status` as `find_status` decided."""
    leading = leading_acts(reading, acts, dates, status)
    past = old_objects(reading, acts, dates)
    weights: dict[Instrument, list[tuple[float, Hit]]] = defaultdict(list)
    for concept, strength in _STRENGTH.items():
        kind = Instrument.AGREEMENT if concept == "loose" else Instrument(concept)
        for hit in reading.hits.get(f"instrument.{concept}", ()):
            weights[kind].append((_weight(reading, hit, strength, leading, past), hit))
    if not weights:
        return Found(None)
    scores = {kind: _score(found) for kind, found in weights.items()}
    best = max(scores, key=lambda kind: scores[kind])
    proof = sorted(weights[best], key=lambda item: -item[0])[:_MOST_SHOWN]
    return Found(best, tuple(reading.evidence(hit, _RULE, round(weight, 2)) for weight, hit in proof))


def _weight(reading: Reading, hit: Hit, strength: float, leading: Sequence[Act], past: frozenset[int]) -> float:
    weight = _ZONES[reading.sentences[hit.sentence].zone] * strength
    if any(act.hit.sentence == hit.sentence and _distance(act.hit, hit) <= _GOVERNED_REACH for act in leading):
        weight *= _GOVERNED
    return weight * _PAST if hit.token in past else weight


def _distance(one: Hit, other: Hit) -> int:
    return max(one.token - other.last_token, other.token - one.last_token, 0)


def _score(found: Sequence[tuple[float, Hit]]) -> float:
    weights = sorted((weight for weight, _ in found), reverse=True)
    return weights[0] + _SECOND * sum(weights[1:3])
