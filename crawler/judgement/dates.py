"""The day of the step that a text reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crawler.judgement.clauses import Act
from crawler.judgement.date_mentions import DateMention, Precision
from crawler.judgement.reading import Reading
from crawler.judgement.status import leading_acts
from storage.records import DateBasis, Evidence, Status, Zone

_RULE = "card.event_date"
_EXACT = {Precision.DAY: 3.0, Precision.WEEKDAY: 2.0, Precision.RELATIVE: 1.9}
_ACT_SENTENCES = 3  # sentences with the strongest acts of the status
_NEAR = 12  # tokens

EventDate = tuple[date | None, DateBasis | None, tuple[Evidence, ...]]


def find_event_date(
    reading: Reading,
    published_on: date | None,
    acts: Sequence[Act],
    dates: Sequence[DateMention],
    status: Status | None,
) -> EventDate:
    """The day, where it comes from, and the words that say it. Without a day in the text it is that of publication."""
    usable = [mention for mention in dates if _is_usable(mention)]
    for mention in _ranked(reading, usable, leading_acts(reading, acts, dates, status)):
        evidence = (reading.evidence(mention.hit, _RULE, 1.0),) if mention.hit else ()
        return mention.day, DateBasis.TEXT, evidence
    if published_on is not None:
        return published_on, DateBasis.PUBLISHED, ()
    return None, None, ()


def _is_usable(mention: DateMention) -> bool:
    return mention.day is not None and not (mention.old or mention.ahead or mention.period)


def _ranked(reading: Reading, mentions: Sequence[DateMention], leading: Sequence[Act]) -> list[DateMention]:
    """Best first: in the sentence of the strongest act, written most exactly, close to it; else in the lead."""
    ranked = []
    places = {act.hit.sentence: rank for rank, act in reversed(list(enumerate(leading[:_ACT_SENTENCES])))}
    for mention in mentions:
        rank = places.get(mention.sentence)
        zone = reading.sentences[mention.sentence].zone
        if rank is None and zone is Zone.BODY:
            continue
        score = _EXACT[mention.precision] + (4.0 - rank if rank is not None else 0.0)
        ranked.append((-score, mention.token, mention))
    return [mention for _, _, mention in sorted(ranked, key=lambda item: item[:2])]
