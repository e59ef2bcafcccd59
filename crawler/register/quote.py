"""Choosing the sentence of a document that shows best what it reports."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date
from itertools import pairwise

from crawler.judgement.card.mentions import REPORTED_WEIGHT
from crawler.judgement.text.folding import boundaries
from crawler.judgement.text.grammar import Grammar
from storage.records import Document, Verdict, Zone

MAX_CHARACTERS = 400  # a long sentence fills a digest; the whole text is a link away
LEAST_WORDS = 5  # fewer show no step: a dateline, or half a sentence
_STATUS = "card.status"
# Their weights have scales of their own: a city is a place from 5 on, a signature weighs 2.
_OTHER_SCALES = ("card.place", "card.topics")
# Of the most that a sentence has: "he signed for Cameroon" names the act, but not its object.
_ENOUGH = 0.4
# Lines that a writer broke at a width, as releases do, and that are no paragraphs.
_WRAPPED = re.compile(r"\S *\n *(?=[^\W\d_])")
_LEAST_WRAPPED = 3  # breaks before a word in lower case: fewer are lists and letterheads
_NARROWEST, _WIDEST = 55, 130  # characters of such a line; others are lists, and paragraphs
_CLOSED = ".!?؟…:"
_FULL = 0.85  # of the width: a line was full if its next word would have gone beyond this

_WORD = re.compile(r"\S")
# A year from 1900 to 2099, in Latin or Arabic digits.
_YEAR = re.compile(r"(?<!\d)(?:[1١۱][9٩۹]|[2٢۲][0٠۰])\d\d(?!\d)")


def quote_of(document: Document, verdict: Verdict, grammar: Grammar) -> str:
    """Return the sentence that shows the step best, cut to MAX_CHARACTERS.

    It is the one that states the status, and of several the one with most evidence. A looser word
    for it counts in the lead, and elsewhere if title and text do not report it. It is the title if
    only that has evidence, or the text has nothing but scraps. Background ("in 1968 ...") is taken
    only if there is no other; what states the status is none: "prolonged the agreement of 1968".
    Where the text repeats its title, another sentence that states the status is preferred.
    """
    shown = [one for one in verdict.evidence if one.zone is not Zone.TITLE and one.weight > 0]
    if not shown:
        return _cut(document.title)
    weights_of_status = (one.weight for one in verdict.evidence if one.rule == _STATUS)
    is_reported = max(weights_of_status, default=0.0) >= REPORTED_WEIGHT
    least = REPORTED_WEIGHT if is_reported else 0.0
    starts = _starts(document.text, grammar, max(one.start for one in shown))
    weights: dict[int, float] = {}
    with_status: set[int] = set()
    for evidence in shown:
        sentence = max(0, bisect_right(starts, evidence.start) - 1)
        counted = 0.0 if evidence.rule in _OTHER_SCALES else evidence.weight
        weights[sentence] = weights.get(sentence, 0.0) + counted
        is_clear = evidence.weight >= least or evidence.zone is Zone.LEAD
        if evidence.rule == _STATUS and is_clear:
            with_status.add(sentence)
    spans = pairwise([*starts, None])
    sentences = [document.text[start:end] for start, end in spans]
    day = verdict.card.event_date or document.published_on
    enough = _ENOUGH * max(weights.values())
    with_status = {index for index in with_status if weights[index] >= enough}

    title = _one_line(document.title) or "\n"  # no line begins with a line break

    def worth(index: int) -> tuple[bool, bool, bool, bool, float, int]:
        sentence = sentences[index]
        has_status = index in with_status
        is_background = not has_status and _is_background(sentence, day)
        is_title = has_status and _one_line(sentence).startswith(title)
        return _is_scrap(sentence), is_background, not has_status, is_title, -weights[index], index

    best = sentences[min(weights, key=worth)]
    return _cut(document.title if _is_scrap(best) and not _is_scrap(document.title) else best)


def _starts(text: str, grammar: Grammar, last: int) -> list[int]:
    """Where sentences begin, up to the first behind `last`, in unbroken lines."""
    width = _width(text)
    starts = [0]
    for place, is_new_line in boundaries(text, grammar):
        if place <= starts[-1] or (is_new_line and width and _is_broken(text, place, width)):
            continue
        word = _WORD.search(text, place)
        starts.append(word.start() if word else len(text))
        if starts[-1] > last:
            break
    return starts


def _width(text: str) -> int:
    """The width at which the lines of a text were broken, in characters; 0 if they were not."""
    widest = max(map(len, text.split("\n")))
    if not _NARROWEST <= widest <= _WIDEST:
        return 0
    broken = sum(text[match.end()].islower() for match in _WRAPPED.finditer(text))
    return widest if broken >= _LEAST_WRAPPED else 0


def _is_broken(text: str, place: int, width: int) -> bool:
    """Whether a line ends before this place because its next word had no room."""
    line = text[: place - 1].rsplit("\n", 1)[-1]
    next_word = text[place:].split("\n", 1)[0].split(maxsplit=1)[:1]
    is_open = bool(line.strip() and next_word) and line.rstrip()[-1] not in _CLOSED
    return is_open and len(line) + 1 + len(next_word[0]) > _FULL * width


def _is_scrap(sentence: str) -> bool:
    return len(sentence.split()) < LEAST_WORDS


def _is_background(sentence: str, day: date | None) -> bool:
    """Whether all years in a sentence are before last year, which is often in the news."""
    years = [int(year) for year in _YEAR.findall(sentence)]
    return day is not None and bool(years) and max(years) < day.year - 1


def _one_line(text: str) -> str:
    return " ".join(text.split()).casefold()


def _cut(sentence: str) -> str:
    words = " ".join(sentence.split())
    if len(words) <= MAX_CHARACTERS:
        return words
    return words[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"
