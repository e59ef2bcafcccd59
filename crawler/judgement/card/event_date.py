"""Find the day of the step that a text reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crawler.judgement.card.records import Act, Clauses, DateMention, Modality, Precision
from crawler.judgement.card.status import FoundStatus
from crawler.judgement.text.reading import Reading
from storage.records import DateBasis, Evidence, Status, Zone

DAY_RULE = "card.event_date"
EXPECTED_RULE = "card.expected_on"
_EXACT = {Precision.DAY: 3.0, Precision.WEEKDAY: 2.0, Precision.RELATIVE: 1.9}
_ACT_SENTENCES = 3  # the sentences of the strongest acts: 4, 3 and 2 points
_NEAR = 8  # tokens between a day and the act that it belongs to

# Steps that begin on a day: "flights are resumed since Friday".
_LASTING = frozenset((Status.IN_FORCE, Status.NEGOTIATING, Status.RENEWED, Status.SUSPENDED))

# The steps that may come next, those before all others that a reader waits for.
_SIGNATURE = frozenset(("signed", "sealed", "unsigned"))
_CONSENT = frozenset(("ratified", "approved"))
_FORCE = frozenset(("in_force",))
_BEFORE_SIGNATURE = (_SIGNATURE, frozenset(("agreed",)), _CONSENT, _FORCE)
_NEXT_DEEDS = {
    Status.PROPOSED: _BEFORE_SIGNATURE,
    Status.NEGOTIATING: _BEFORE_SIGNATURE,
    Status.CONCLUDED: _BEFORE_SIGNATURE,
    Status.SIGNED: (_CONSENT, _FORCE),
    Status.RATIFIED: (_FORCE,),
}

EventDate = tuple[date | None, DateBasis | None, tuple[Evidence, ...]]


def find_event_date(
    reading: Reading,
    published_on: date | None,
    clauses: Clauses,
    step: FoundStatus,
    dateline: int = 0,
) -> EventDate:
    """Return the day, where it comes from, and the words that say it; by default it is the day of
    publication. The day of a `dateline`, the tokens before it, is only that of the text.
    """
    usable = [one for one in clauses.dates if _is_usable(one, clauses.acts, step.status)]
    told = [one for one in usable if one.token >= dateline]
    best = _best(reading, told or usable, step.acts) or _of_old(clauses.dates, step.acts)
    if best is not None and best.day is not None:
        evidence = (
            (reading.evidence(best.hit, DAY_RULE, _EXACT[best.precision]),) if best.hit else ()
        )
        return best.day, DateBasis.TEXT, evidence
    return published_on, DateBasis.PUBLISHED if published_on else None, ()


def find_expected_day(
    reading: Reading, published_on: date | None, clauses: Clauses, status: Status | None
) -> tuple[date | None, tuple[Evidence, ...]]:
    """Return the day for which the next step after `status` is announced, and the words that say
    it.
    """
    deeds = {act.hit.token: act.deed for act in clauses.acts if _is_announced(act)}
    for following in _NEXT_DEEDS.get(status, ()) if status else ():
        for one in clauses.dates:
            if one.day is None or (one.period and not one.opens):
                continue
            is_over = published_on is not None and one.day < published_on
            if one.act is not None and deeds.get(one.act) in following and not is_over:
                proof = (reading.evidence(one.hit, EXPECTED_RULE, 1.0),) if one.hit else ()
                return one.day, proof
    return None, ()


def _is_announced(act: Act) -> bool:
    return act.modality is Modality.AHEAD or (
        act.deed == "unsigned" and act.modality is Modality.DONE
    )


def _of_old(dates: Sequence[DateMention], leading: Sequence[Act]) -> DateMention | None:
    """Return the day long past of the act that the status rests on, where it tells nothing newer:
    what was signed last year was not signed today.
    """
    if not leading or any(act.modality is not Modality.OLD for act in leading):
        return None
    near = [
        one
        for one in dates
        if one.old
        and one.precision is Precision.DAY
        and one.day is not None
        and one.sentence == leading[0].hit.sentence
        and _distance(leading[0], one) <= _NEAR
    ]
    return min(near, key=lambda one: _distance(leading[0], one), default=None)


def _is_usable(mention: DateMention, acts: Sequence[Act], status: Status | None) -> bool:
    """Return whether a date may be the day of the step: a day of the recent past, neither announced
    nor one on which nothing was signed. That which opens a span of time is of entry into force, or
    of talks.
    """
    if mention.day is None or mention.old or mention.ahead or mention.act is not None:
        return False
    if mention.period and not (mention.opens and status in _LASTING):
        return False
    near = [
        act
        for act in acts
        if act.hit.sentence == mention.sentence and _distance(act, mention) <= _NEAR
    ]
    nearest = min(near, key=lambda act: _distance(act, mention), default=None)
    is_unsigned = nearest is not None and nearest.deed == "unsigned"
    return mention.precision is not Precision.WEEKDAY or not is_unsigned


def _distance(act: Act, mention: DateMention) -> int:
    return max(act.hit.token - mention.last_token, mention.token - act.hit.last_token, 0)


def _best(
    reading: Reading, mentions: Sequence[DateMention], leading: Sequence[Act]
) -> DateMention | None:
    """Return the best date: exactly written, in the sentence of a strong act, or else in title or
    lead.
    """
    places = {
        act.hit.sentence: 4.0 - rank
        for rank, act in reversed(list(enumerate(leading[:_ACT_SENTENCES])))
    }
    scores = {
        mention: _EXACT[mention.precision] + places.get(mention.sentence, 0.0)
        for mention in mentions
        if mention.sentence in places or reading.sentences[mention.sentence].zone is not Zone.BODY
    }
    return max(scores, key=lambda mention: scores[mention], default=None)
