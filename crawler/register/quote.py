"""Choosing the sentence of a document that shows best what it reports."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date
from itertools import pairwise

from storage.records import Document, Verdict, Zone

MAX_CHARACTERS = 400  # a long sentence fills a digest; the whole text is a link away
# The end of a sentence: a full stop, question or exclamation mark (also in Arabic) before a space,
# or the end of a line.
_END = re.compile(r"(?<=[.!?؟…])[\"'»”’)]*\s+|\s*\n\s*")

# A year from 1900 to 2099, in Latin or Arabic digits.
_YEAR = re.compile(r"(?<!\d)(?:[1١۱][9٩۹]|[2٢۲][0٠۰])\d\d(?!\d)")


def quote_of(document: Document, verdict: Verdict) -> str:
    """Return the sentence whose evidence weighs most, cut to MAX_CHARACTERS.

    It is the title if only that has evidence. A sentence of background ("in 1968 ...") does not
    prove what is news, and is taken only if there is no other.
    """
    starts = [0, *(end.end() for end in _END.finditer(document.text))]
    weights: dict[int, float] = {}
    for evidence in verdict.evidence:
        if evidence.zone is not Zone.TITLE and evidence.weight > 0:
            sentence = max(0, bisect_right(starts, evidence.start) - 1)
            weights[sentence] = weights.get(sentence, 0.0) + evidence.weight
    if not weights:
        return _cut(document.title)
    spans = pairwise([*starts, None])
    sentences = [document.text[start:end] for start, end in spans]
    day = verdict.card.event_date or document.published_on

    def worth(index: int) -> tuple[bool, float, int]:
        return _is_background(sentences[index], day), -weights[index], index

    return _cut(sentences[min(weights, key=worth)])


def _is_background(sentence: str, day: date | None) -> bool:
    """Whether all years that a sentence names are long past on the day of the event.

    The year before is not: it is often part of the news.
    """
    years = [int(year) for year in _YEAR.findall(sentence)]
    return day is not None and bool(years) and max(years) < day.year - 1


def _cut(sentence: str) -> str:
    words = " ".join(sentence.split())
    if len(words) <= MAX_CHARACTERS:
        return words
    return words[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"
