"""Find the day of the step that a text reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from crawler.judgement.card.dates.date_mentions import number_at, word_at
from crawler.judgement.card.mentions import Act, Clauses, DateMention, Modality, Precision
from crawler.judgement.card.status import FoundStatus
from crawler.judgement.text.reading import Hit, Reading
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
    usable = [day for day in clauses.dates if _is_usable(day, clauses.acts, step.status)]
    below = [mention for mention in usable if mention.token >= dateline]
    best = _best(reading, below or usable, step.acts) or _of_old(clauses.dates, step.acts)
    if best is not None and best.day is not None:
        evidence = (
            (reading.evidence(best.hit, DAY_RULE, _EXACT[best.precision]),) if best.hit else ()
        )
        return best.day, DateBasis.TEXT, evidence
    return published_on, DateBasis.PUBLISHED if published_on else None, ()


def find_expected_day(
    reading: Reading, published_on: date | None, clauses: Clauses, status: Status | None
) -> tuple[date | None, tuple[Evidence, ...]]:
    """Return the day for which the step after `status` is announced, and the words."""
    deeds = {
        act.hit.token: act.deed
        for act in clauses.acts
        if act.modality is Modality.AHEAD
        or (act.deed == "unsigned" and act.modality is Modality.DONE)
    }
    for following in _NEXT_DEEDS.get(status, ()) if status else ():
        for date_mention in clauses.dates:
            if date_mention.day is None or (date_mention.period and not date_mention.opens):
                continue
            is_over = published_on is not None and date_mention.day < published_on
            if (
                date_mention.act is not None
                and deeds.get(date_mention.act) in following
                and not is_over
            ):
                proof = (
                    (reading.evidence(date_mention.hit, EXPECTED_RULE, 1.0),)
                    if date_mention.hit
                    else ()
                )
                return date_mention.day, proof
    return None, ()


def _of_old(dates: Sequence[DateMention], leading: Sequence[Act]) -> DateMention | None:
    """Return the day long past of the act that the status rests on, where it reports nothing newer:
    what was signed last year was not signed today.
    """
    if not leading or any(act.modality is not Modality.OLD for act in leading):
        return None
    near = [
        date_mention
        for date_mention in dates
        if date_mention.old
        and date_mention.precision is Precision.DAY
        and date_mention.day is not None
        and date_mention.sentence == leading[0].hit.sentence
        and leading[0].hit.gap(date_mention.token, date_mention.last_token) <= _NEAR
    ]
    return min(
        near,
        key=lambda mention: leading[0].hit.gap(mention.token, mention.last_token),
        default=None,
    )


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
        if act.hit.sentence == mention.sentence
        and act.hit.gap(mention.token, mention.last_token) <= _NEAR
    ]
    nearest = min(
        near, key=lambda act: act.hit.gap(mention.token, mention.last_token), default=None
    )
    is_unsigned = nearest is not None and nearest.deed == "unsigned"
    return mention.precision is not Precision.WEEKDAY or not is_unsigned


def _best(
    reading: Reading, mentions: Sequence[DateMention], leading: Sequence[Act]
) -> DateMention | None:
    """Return the best date: exact, and beside a strong act, else in title or lead."""
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


# --- how a treaty ends ----------------------------------------------------------------------------

CLOSING_RULE = "card.closing"
_SURE = 3.0  # as much as an act in the headline
_YEARS = range(1900, 2100)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_DAY_BEFORE = 8  # tokens between a day in words and its month: "veinte días del mes de"
_BEHIND = 14  # "of November in the year of our Lord two thousand and eleven"
# Where a headline reports one of these, a law prints the text that it approves.
_DONE_SINCE = frozenset(("ratified", "approved", "in_force", "renewed", "suspended", "terminated"))


class Closing(NamedTuple):
    """The day of a treaty, and its closing formula, from behind "done at" on."""

    day: date
    hit: Hit
    last_token: int


def find_closing(reading: Reading, clauses: Clauses) -> Closing | None:
    """Return how a treaty ends; None if the headline says what was done with it since."""
    if any(
        act.deed in _DONE_SINCE
        and act.modality is Modality.DONE
        and _zone(act.hit, reading) is Zone.TITLE
        for act in clauses.acts
    ):
        return None
    papers = reading.hits.get("closing.paper", ())
    for hit in reading.hits.get("closing.done", ()):
        has_formula = any(paper.token < hit.token for paper in papers)
        is_first = hit.start == reading.sentences[hit.sentence].start
        if _zone(hit, reading) is Zone.TITLE or not (is_first or has_formula):
            continue
        is_paper = has_formula or any(paper.sentence == hit.sentence for paper in papers)
        day = _day_of_hit(reading, hit, in_figures=is_paper) or (
            _in_figures(clauses, hit) if is_paper else None
        )
        if day is not None:
            end = reading.sentences[hit.sentence].end
            return Closing(day, hit, reading.token_at(end - 1))
    return None


def signed_by(closing: Closing, reading: Reading) -> FoundStatus:
    return FoundStatus(Status.SIGNED, (reading.evidence(closing.hit, CLOSING_RULE, _SURE),))


def _zone(hit: Hit, reading: Reading) -> Zone:
    return reading.sentences[hit.sentence].zone


def _in_figures(clauses: Clauses, hit: Hit) -> date | None:
    """Return a day that is written in figures alone: "am 14.04.2010"."""
    days = (
        date_mention.day
        for date_mention in clauses.dates
        if date_mention.sentence == hit.sentence
        and date_mention.token > hit.last_token
        and date_mention.precision is Precision.DAY
    )
    return next((day for day in days if day), None)


def _day_of_hit(reading: Reading, hit: Hit, *, in_figures: bool) -> date | None:
    """Return the day behind "done at". Number or year is in words, or both `in_figures`."""
    for month in reading.family("date.month"):
        if month.sentence != hit.sentence or month.token <= hit.last_token:
            continue
        before = range(max(hit.last_token + 1, month.token - _DAY_BEFORE), month.token)
        number = _last_number(reading, before)
        first = month.last_token + 1
        behind = range(first, min(first + _BEHIND, len(reading.sentence_of)))
        own = [at for at in behind if reading.sentence_of[at] == hit.sentence]
        year = _first_year(reading, own)
        if number is None or year is None or not (in_figures or number[1] or year[1]):
            continue
        try:
            return date(year[0], int(month.concept.rpartition(".")[2]), number[0])
        except ValueError:
            continue
    return None


def _last_number(reading: Reading, tokens: Sequence[int]) -> tuple[int, bool] | None:
    """Return the number of a day that stands last, and whether it is written out."""
    for last in reversed(tokens):
        figures = number_at(reading, last)
        if figures is not None:
            return figures, False
        for first in range(tokens[0], last + 1):
            words = [word_at(reading, at) for at in range(first, last + 1)]
            number = number_in_words(words, reading.grammar.number_words)
            if number is not None and 1 <= number <= 31:
                return number, True
    return None


def _first_year(reading: Reading, tokens: Sequence[int]) -> tuple[int, bool] | None:
    """Return the year that stands first, and whether it is written out."""
    for place, first in enumerate(tokens):
        if _YEAR.match(word_at(reading, first)):
            return int(word_at(reading, first)), False
        for last in reversed(tokens[place:]):
            words = [word_at(reading, at) for at in range(first, last + 1)]
            number = number_in_words(words, reading.grammar.number_words)
            if number is not None and number in _YEARS:
                return number, True
    return None


def number_in_words(words: Iterable[str], known: Mapping[str, int]) -> int | None:
    """Return the number that folded words say, in one piece or apart: "two thousand and eleven",
    "zweitausendelf"; None where another word is among them. `known`: how much each part is, 0 for
    what only joins.
    """
    parts = _parts("".join(words), tuple(sorted(known.items())))
    if parts is None or not any(parts):
        return None
    thousands = rest = 0
    for part in parts:
        if part == 1000:
            thousands, rest = thousands + max(rest, 1) * 1000, 0
        elif part == 100:
            rest = max(rest, 1) * 100
        else:
            rest += part
    return thousands + rest


@lru_cache(maxsize=4096)
def _parts(written: str, known: tuple[tuple[str, int], ...]) -> tuple[int, ...] | None:
    """Cut letters into the fewest known parts, and return how much each is."""
    best: list[tuple[int, ...] | None] = [(), *[None] * len(written)]
    for end in range(1, len(written) + 1):
        for word, number in known:
            before = best[end - len(word)] if len(word) <= end else None
            if before is None or not written.startswith(word, end - len(word)):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, number)
    return best[len(written)]
