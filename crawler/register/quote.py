"""The sentence of a document that shows best what it reports."""

from __future__ import annotations

import re

from storage.records import Document, Verdict, Zone

MAX_CHARACTERS = 400  # a long sentence fills a digest; the whole text is a link away
# Full stop, question and exclamation mark (Arabic too) before a space; ends of lines.
_END = re.compile(r"(?<=[.!?؟…])[\"'»”’)]*\s+|\s*\n\s*")


def quote_of(document: Document, verdict: Verdict) -> str:
    """The sentence whose evidence weighs most, cut to MAX_CHARACTERS; the title where only that has evidence."""
    starts = [0, *(end.end() for end in _END.finditer(document.text))]
    weights: dict[int, float] = {}
    for evidence in verdict.evidence:
        if evidence.zone is not Zone.TITLE and evidence.weight > 0:
            sentence = max((index for index, start in enumerate(starts) if start <= evidence.start), default=0)
            weights[sentence] = weights.get(sentence, 0.0) + evidence.weight
    if not weights:
        return _cut(document.title)
    best = min(weights, key=lambda index: (-weights[index], index))
    end = starts[best + 1] if best + 1 < len(starts) else len(document.text)
    return _cut(document.text[starts[best] : end])


def _cut(sentence: str) -> str:
    words = " ".join(sentence.split())
    if len(words) <= MAX_CHARACTERS:
        return words
    return words[:MAX_CHARACTERS].rsplit(" ", 1)[0] + " …"
