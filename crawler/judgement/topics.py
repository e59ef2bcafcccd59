"""What a text names as content of the agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.judgement.clauses import Act
from crawler.judgement.date_mentions import DateMention
from crawler.judgement.found import Found
from crawler.judgement.reading import Reading
from storage.records import Topic, Zone

_RULE = "card.topics"
_ZONES = {Zone.TITLE: 3.0, Zone.LEAD: 2.0, Zone.BODY: 1.0}
_LATE = 0.6  # from the second half of a text on, background takes over
_OLD = 0.4  # a sentence that is dated long before the news
_SHARE = 0.3  # of the strongest topic's score, for another to count as content
_LEAST = 1.0


def find_topics(reading: Reading, acts: Sequence[Act], dates: Sequence[DateMention]) -> Found[tuple[Topic, ...]]:
    """Topics, strongest first. `acts` and `dates` as found in the same reading."""
    old = {mention.sentence for mention in dates if mention.old}
    sentences: dict[Topic, dict[int, float]] = defaultdict(dict)
    shown = {}
    for topic in Topic:
        for hit in reading.hits.get(f"topic.{topic.value}", ()):
            weight = _sentence_weight(reading, hit.sentence, old)
            sentences[topic][hit.sentence] = weight
            if topic not in shown or weight > shown[topic][0]:
                shown[topic] = (weight, hit)
    scores = {topic: sum(by_sentence.values()) for topic, by_sentence in sentences.items()}
    most = max(scores.values(), default=0.0)
    chosen = sorted(
        (topic for topic, score in scores.items() if score >= max(_LEAST, most * _SHARE)),
        key=lambda topic: -scores[topic],
    )
    evidence = tuple(reading.evidence(shown[topic][1], _RULE, round(shown[topic][0], 2)) for topic in chosen)
    return Found(tuple(chosen), evidence)


def _sentence_weight(reading: Reading, sentence: int, old: set[int]) -> float:
    weight = _ZONES[reading.sentences[sentence].zone]
    if sentence > len(reading.sentences) // 2:
        weight *= _LATE
    return weight * _OLD if sentence in old else weight
