"""The sentence of a document that shows best what it reports."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from storage.records import Document, Verdict, Zone

MAX_CHARACTERS = 400  # a long sentence fills a digest; the whole text is a link away
# Full stop, question and exclamation mark (Arabic too) before a space; ends of lines.
_END = re.compile(r"(?<=[.!?؟…])[\"'»”’)]*\s+|\s*\n\s*")

_YEAR = re.compile(
    r"(?<!\d)(?:[1١۱][9٩۹]|[2٢۲][0٠۰])\d\d(?!\d)"
)  # 1900 to 2099, in Arabic digits too


def quote_of(document: Document, verdict: Verdict) -> str:
    """The sentence whose evidence weighs most, cut to MAX_CHARACTERS; the title where only that has evidence.

    A sentence of background ("in 1968 ...") is no proof of what is news: it is taken only where there is no other.
    """
    starts = [0, *(end.end() for end in _END.finditer(document.text))]
    weights: dict[int, float] = {}
    for evidence in verdict.evidence:
        if evidence.zone is not Zone.TITLE and evidence.weight > 0:
            sentence = max(
                (index for index, start in enumerate(starts) if start <= evidence.start), default=0
            )
            weights[sentence] = weights.get(sentence, 0.0) + evidence.weight
    if not weights:
        return _cut(document.title)
    sentences = {
        index: document.text[start:end]
        for index, (start, end) in enumerate(pairwise([*starts, None]))
    }
    day = verdict.card.event_date or document.published_on
    best = min(
        weights, key=lambda index: (_is_background(sentences[index], day), -weights[index], index)
    )
    return _cut(sentences[best])


def _is_background(sentence: str, day: date | None) -> bool:
    """Whether all years that it names are long past on the day of the event; last year's are often part of the news."""
    years = [int(year) for year in _YEAR.findall(sentence)]
    return day is not None and bool(years) and max(years) < day.year - 1


def _cut(sentence: str) -> str:
    words = " ".join(sentence.split())
    if len(words) <= MAX_CHARACTERS:
        return words
    return words[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"
