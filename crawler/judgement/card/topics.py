"""Find out what the agreement is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.judgement.card.acts import told_as_past
from crawler.judgement.card.records import CardField, Clauses
from crawler.judgement.card.status import NEW_STEPS, FoundStatus
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Topic, Zone

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
) -> CardField[tuple[Topic, ...]]:
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
        return _unnamed(reading)
    best = max(scores.values())
    enough = min(best, max(_LEAST, min(best * _SHARE, _MOST)))
    chosen = sorted(
        (topic for topic in scores if scores[topic] >= enough), key=lambda topic: -scores[topic]
    )
    return CardField(
        tuple(chosen),
        tuple(reading.evidence(shown[topic], _RULE, round(scores[topic], 2)) for topic in chosen),
    )


def _unnamed(reading: Reading) -> CardField[tuple[Topic, ...]]:
    """Return border control for a text about migration in general, as readers label it."""
    people = reading.hits.get("subject.core", ())
    if not people:
        return CardField(())
    return CardField((Topic.BORDER,), (reading.evidence(people[0], _RULE, _LEAST),))


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
        (other if hit.token in clauses.past or told_as_past(hit, clauses.acts) else about).add(
            hit.sentence
        )
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
