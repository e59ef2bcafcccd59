"""What a text announces: which acts and days lie ahead of its publication.

"Friday" is the last one beside "signed" and the next one beside "will sign". A weekday belongs to
the verb that stands closest to it: an act, a word that sets a date ("scheduled for"), or a verb of
the report itself ("said on Friday that they will sign").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from crawler.judgement.card.dates.date_mentions import number_at, word_at
from crawler.judgement.card.mentions import Act, DateMention, Modality, Precision
from crawler.judgement.text.reading import Hit, Reading

# Acts that are announced for a day: they have not happened when they are reported in the present.
_ANNOUNCED = frozenset(("signed", "sealed", "agreed", "ratified", "approved", "in_force"))
_SIGNATURES = frozenset(("signed", "sealed"))
_KINDS = (_SIGNATURES, frozenset(("ratified", "approved")), frozenset(("in_force",)))
# Who writes "they sign on Thursday" of what lies back writes it within two days, or three in one
# week; else Thursday lies ahead.
_LATELY = 2
_LATELY_IN_WEEK = 3
# Tokens between a signing and what sets its day, over the names of agreement and parties: "the
# signing of the agreement on migrant workers between Uganda and Qatar has been set for".
_PLANNED_REACH = 30
_CLAUSE = 12  # a comma between a day and a verb counts as so many tokens
_BESIDE = 2
_NOWHERE = (1000, True)  # farther than any verb of a sentence
_LONGEST_PREPOSITION = 3  # letters: "on Friday", "le 9", "el viernes", "na sexta-feira"
_SET_REACH = 4  # "they sign on the 29th"
_CLAUSE_END = re.compile(r"[,;:،؛]\s")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_EXACT = (Precision.DAY, Precision.WEEKDAY, Precision.RELATIVE)


def place_in_time(
    acts: Sequence[Act], dates: Sequence[DateMention], reading: Reading, published_on: date | None
) -> tuple[tuple[Act, ...], tuple[DateMention, ...]]:
    """Return acts and dates as they lie from the day of publication: announced acts are ahead, and
    so are their days, each with the token of its act.
    """
    text = _Announcing(reading, acts, published_on)
    settled = [text.settle(mention) for mention in dates]
    settled = [text.settle_alone(mention, settled) for mention in settled]
    text.believe_the_text(settled)
    return tuple(act for act in text.acts if not text.is_overtaken(act)), tuple(settled)


class _Announcing:
    """The acts of a text while its days are compared with them, one day after the other. A day may
    change the act that governs it, and so what is said of the days after it: `acts` is replaced
    step by step, and is right only at the end.
    """

    def __init__(self, reading: Reading, acts: Sequence[Act], published_on: date | None) -> None:
        self.reading = reading
        self.published_on = published_on
        self.planned = reading.hits.get("modality.planned", ())
        self.happened = reading.hits.get("modality.happened", ())
        self.report_verbs = reading.hits.get("modality.told", ())
        self.present = reading.tokens("modality.present")
        self.coming = reading.tokens("date.ahead")
        self.past = reading.tokens("date.past")
        self.was_ahead = reading.tokens("modality.was-ahead")
        self.nouns = reading.tokens("act.signed.noun")
        # The words that may set the day of each act, by its place.
        self.plans = [tuple(self._plans(act)) for act in acts]
        self.acts = [self._planned(act, plans) for act, plans in zip(acts, self.plans, strict=True)]

    def settle(self, mention: DateMention) -> DateMention:
        """Return a date as its verb places it; an act in the present is to come if its day is."""
        if mention.old and mention.precision is not Precision.DAY:
            return mention
        at = self._governor(mention)
        if at is None:
            return mention
        act = self.acts[at]
        if act.modality is Modality.AHEAD and self._is_over(act, mention):
            self.acts[at] = act._replace(modality=Modality.DONE)
            return mention
        if act.modality is Modality.AHEAD or self._sets(act, mention):
            return self._ahead(mention, act)
        if self._was_planned(mention, act):
            return mention._replace(ahead=True)  # "planned for Friday, it took place on Sunday"
        if act.modality is not Modality.DONE or not self._is_coming(mention, act):
            return mention
        if act.deed in _ANNOUNCED:
            self.acts[at] = act._replace(modality=Modality.AHEAD)
        return self._ahead(mention, act)

    def _is_coming(self, mention: DateMention, act: Act) -> bool:
        """Whether the day of an act in the present, or of a signature, is still to come."""
        if self._is_open(act):
            is_weekday = mention.precision is Precision.WEEKDAY
            return mention.ahead or (is_weekday and self._lies_ahead(mention, act))
        return (
            mention.ahead
            and mention.precision in (Precision.DAY, Precision.WEEKDAY)
            and act.deed in ("signed", "in_force")
            and abs(mention.token - act.hit.last_token) <= _SET_REACH
        )

    def settle_alone(self, mention: DateMention, settled: Sequence[DateMention]) -> DateMention:
        """Return a weekday beside no verb: that for which the text announces something, if any."""
        if mention.precision is not Precision.WEEKDAY or mention.act is not None:
            return mention
        verbs = (*(act.hit for act in self.acts), *self.report_verbs)
        if any(hit.sentence == mention.sentence for hit in verbs) or mention.hit is None:
            return mention
        same = (
            date_mention
            for date_mention in settled
            if date_mention.act is not None
            and date_mention.ahead
            and date_mention.hit is not None
            and date_mention.hit.concept == mention.hit.concept
        )
        announced = next(same, None)
        if announced is None:
            return mention
        return mention._replace(day=announced.day, ahead=True, act=announced.act)

    def believe_the_text(self, dates: Iterable[DateMention]) -> None:
        """Read every signature in the present as one to come, where the text sets a day for it and
        reports none that lies back: headlines are often in the present. So with parliaments, and
        entry into force.
        """
        days = {mention.act for mention in dates if mention.ahead}
        for deeds in _KINDS:
            same = [act for act in self.acts if act.deed in deeds]
            is_set = any(act.modality is Modality.AHEAD and act.hit.token in days for act in same)
            is_done = any(act.modality is Modality.DONE and not self._is_open(act) for act in same)
            if is_set and not is_done:
                self.acts = [
                    act._replace(modality=Modality.AHEAD)
                    if act.deed in deeds and act.modality is Modality.DONE
                    else act
                    for act in self.acts
                ]

    def _is_over(self, act: Act, mention: DateMention) -> bool:
        """Whether a date is that on which a signing took place, though it was announced: "after the
        signing on Tuesday", "the signing planned for Friday took place on Monday".
        """
        if self._has_happened(act, 0):
            return True
        return self._is_noun(act) and self._nearest(self.happened, mention)[0] <= 1

    def _was_planned(self, mention: DateMention, act: Act) -> bool:
        """Whether a date is that for which a past act was planned, and not that of the act."""
        done = self._nearest((act.hit, *self.happened), mention)
        return self._nearest(self.planned, mention) < done

    def _nearest(self, hits: Iterable[Hit], mention: DateMention) -> tuple[int, bool]:
        """Return how far from a date the nearest of these words in its sentence is, and whether it
        stands behind the date: of two that are as near, the one before it says what it is.
        """
        same = (
            (self._apart(hit, mention), hit.token > mention.token)
            for hit in hits
            if hit.sentence == mention.sentence
        )
        return min(same, default=_NOWHERE)

    def is_overtaken(self, act: Act) -> bool:
        """Return whether an act was to come before another was done: "who were to sign on Sunday,
        signed on Monday".
        """
        end = act.hit.last_token + 1 + self.reading.grammar.modal_behind
        beside = range(act.hit.token - _BESIDE, end)
        if act.modality is not Modality.AHEAD and act.deed != "unsigned":
            return False
        return not self.was_ahead.isdisjoint(beside) and any(
            other.deed in _SIGNATURES
            and other.modality is Modality.DONE
            and other.hit.sentence == act.hit.sentence
            and not self._is_open(other)
            for other in self.acts
        )

    def _plans(self, act: Act) -> Iterator[Hit]:
        """Yield the words that may set the day of an act that is only named."""
        for hit in self.planned if self._is_noun(act) else ():
            if (
                hit.sentence == act.hit.sentence
                and act.hit.gap(hit.token, hit.last_token) <= _PLANNED_REACH
            ):
                yield hit

    def _planned(self, act: Act, plans: Sequence[Hit]) -> Act:
        """Return an act that is only named as one to come, where a date is set for it."""
        if act.modality is not Modality.DONE or not plans or self._has_happened(act):
            return act
        return act._replace(modality=Modality.AHEAD)

    def _sets(self, act: Act, mention: DateMention) -> bool:
        """Whether an act sets a day for a signature: "the ceremony is planned for"."""
        if act.deed != "unsigned":
            return False
        if act.hit.token <= mention.token <= act.hit.last_token:
            return True
        if mention.ahead and not self.coming.isdisjoint(
            range(act.hit.token, act.hit.last_token + 1)
        ):
            return True  # "will sign next week, on Wednesday"
        return any(
            hit.sentence == act.hit.sentence and act.hit.gap(hit.token, hit.last_token) <= 1
            for hit in (*self.planned, *self.reading.hits.get("modality.ahead", ()))
        )

    def _governor(self, mention: DateMention) -> int | None:
        """Return the place of the act that a date belongs to; None if another verb is nearer."""
        near = [
            (self._distance(number, mention), number)
            for number, act in enumerate(self.acts)
            if act.hit.sentence == mention.sentence
        ]
        if not near:
            return None
        distance, nearest = min(near)
        of_report = (
            self._apart(hit, mention)
            for hit in self.report_verbs
            if hit.sentence == mention.sentence
        )
        return None if min(of_report, default=distance) < distance else nearest

    def _distance(self, number: int, mention: DateMention) -> int:
        """Return how far from a date an act is, or what sets the day of one that is to come."""
        act = self.acts[number]
        plans = self.plans[number] if act.modality is Modality.AHEAD else ()
        return min(self._apart(hit, mention) for hit in (act.hit, *plans))

    def _apart(self, hit: Hit, mention: DateMention) -> int:
        apart = hit.gap(mention.token, mention.last_token)
        if not apart:
            return apart
        first, last = (
            (hit.last_token + 1, mention.token)
            if hit.last_token < mention.token
            else (mention.last_token + 1, hit.token)
        )
        spaces = self.reading.spaces
        *_, between = self.reading.original(spaces[first], spaces[last] + 1)
        if _CLAUSE_END.search(between):
            return apart + _CLAUSE
        is_beside = apart == 2 and hit.last_token < mention.token
        word = word_at(self.reading, hit.last_token + 1)
        return 1 if is_beside and len(word) <= _LONGEST_PREPOSITION else apart

    def _is_open(self, act: Act) -> bool:
        """Whether no tense says that an act lies back: it is in the present, or only named."""
        if self._is_noun(act):
            return not self._has_happened(act)
        return not self.present.isdisjoint(range(act.hit.token, act.hit.last_token + 1))

    def _is_noun(self, act: Act) -> bool:
        """Whether an act is named: "the signing", "la firma"."""
        if act.hit.concept.endswith(".noun"):
            return True
        before = word_at(self.reading, act.hit.token - 1)
        is_first = act.hit.start == self.reading.sentences[act.hit.sentence].start
        is_named = before in self.reading.grammar.definite and not is_first
        return act.deed in _SIGNATURES and (is_named or act.hit.token in self.nouns)

    def _has_happened(self, act: Act, reach: int = _PLANNED_REACH) -> bool:
        """Whether a word says within so many tokens that an act is over: "took place"."""
        return any(
            hit.sentence == act.hit.sentence and act.hit.gap(hit.token, hit.last_token) <= reach
            for hit in self.happened
        )

    def _lies_ahead(self, mention: DateMention, act: Act) -> bool:
        """Whether a weekday beside a verb in the present is more likely the next one. Nobody says
        in the present that something entered into force.
        """
        if mention.day is None or self.published_on is None:
            return False
        if not self.past.isdisjoint(
            range(mention.token - _BESIDE, mention.last_token + _BESIDE + 1)
        ) or self._has_number(mention):
            return mention.ahead
        if act.deed == "in_force":
            return mention.day < self.published_on
        back = (self.published_on - mention.day).days
        is_of_week = mention.day.isocalendar()[:2] == self.published_on.isocalendar()[:2]
        return back > (_LATELY_IN_WEEK if is_of_week else _LATELY)

    def _ahead(self, mention: DateMention, act: Act) -> DateMention:
        """Return the date of an act to come: its next day, where the text does not say which."""
        if mention.precision not in _EXACT:
            return mention
        day = mention.day
        if self.published_on is not None and not mention.ahead:
            if mention.precision is Precision.WEEKDAY and not self._has_number(mention):
                day = self._next(mention)
            elif mention.old and not _YEAR.match(word_at(self.reading, mention.last_token)):
                day = day.replace(year=day.year + 1) if day else None
            if day is not None and day < self.published_on:
                return mention
        is_period = mention.period and not self._is_within_plan(mention.token - 1)
        is_today = day is not None and day == self.published_on
        ahead = mention.ahead or (day is not None and not is_today)
        return mention._replace(
            day=day, ahead=ahead, old=False, period=is_period, act=act.hit.token
        )

    def _is_within_plan(self, token: int) -> bool:
        """Whether a word is part of those that set a day, and opens no span: "fixée au 22 mars"."""
        return any(hit.token <= token <= hit.last_token for hit in self.planned)

    def _next(self, mention: DateMention) -> date | None:
        if mention.day is None or mention.day == self.published_on:
            return mention.day
        number = number_at(self.reading, mention.last_token)
        if number is None:
            return mention.day + timedelta(days=7)
        following = (mention.day + timedelta(days=days) for days in range(28, 63))
        return next((day for day in following if day.day == number), None)

    def _has_number(self, mention: DateMention) -> bool:
        return number_at(self.reading, mention.last_token + 1) is not None
