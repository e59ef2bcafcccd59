"""Spans of tokens: chains of them, what masks cover, and where sentences and paragraphs end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from crawler.judgement.text.grammar import Grammar

Span = tuple[int, int]  # first and last token


def covered(masks: list[Span]) -> dict[int, int]:
    """Return token -> last token of the longest mask over it."""
    reach: dict[int, int] = {}
    for first, last in masks:
        for token in range(first, last + 1):
            reach[token] = max(last, reach.get(token, -1))
    return reach


def join(parts: list[list[Span]], gaps: tuple[int, ...], sentence_of: list[int]) -> list[Span]:
    """Return chains of parts in order, each within its gap of the one before, in one sentence."""
    if len(parts) == 1:
        return parts[0]
    chains = _in_order(parts[0])
    for part, gap in zip(parts[1:], gaps, strict=True):
        nexts = _in_order(part)
        grown = []
        for first, last in chains:
            at = bisect_left(nexts, (last + 1,))
            if at < len(nexts):
                start, end = nexts[at]
                if start - last - 1 <= gap and sentence_of[first] == sentence_of[end]:
                    grown.append((first, end))
        if not grown:
            return []
        chains = grown
    return chains


def _in_order(spans: list[Span]) -> list[Span]:
    return sorted(set(spans)) if len(spans) > 1 else spans


# A new line, or a run of closing marks. It starts with a set of characters, so that the search
# skips what is none of them, and takes a run as a whole, so that a megabyte of dots is one.
_STOP = re.compile(r"[.!?…؟۔\n](?:(?<=\n)|[.!?…؟۔]*+[\"'”’»)\]›]*+)")
_LONGEST = 12  # characters before a dot that can hold an abbreviation
_BEFORE_WORD = "('’«\"“"


def boundaries(text: str, grammar: Grammar) -> Iterator[tuple[int, bool]]:
    """Yield where new sentences start, in order, and for each whether a new line makes it.

    Places are indexes into `text`; `grammar` is that of its language.
    """
    for stop in _STOP.finditer(text):
        start, end = stop.span()
        if text[start] == "\n":
            yield end, True
        elif text[end : end + 1].isspace() and (
            text[start:end] != "." or not _is_no_end(text, start, end, grammar)
        ):
            yield end, False


def _is_no_end(text: str, dot: int, end: int, grammar: Grammar) -> bool:
    """Return whether a dot ends no sentence.

    It follows an initial, an abbreviation or an ordinal, or stands before a small letter.
    """
    following = text[end : end + 3].lstrip()[:1]
    if following.islower():
        return True
    words = text[max(0, dot - _LONGEST) : dot].split()
    if not words:
        return False
    word = words[-1].lstrip(_BEFORE_WORD)
    if len(word) == 1:
        return word.isalpha() or grammar.ordinal_dots
    if grammar.ordinal_dots and len(word) == 2 and word.isdecimal():
        return True
    return word.lower() in grammar.abbreviations
