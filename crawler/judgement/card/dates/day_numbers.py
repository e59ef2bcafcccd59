"""Read the number of a day, in figures ("9", "1er") or in words ("الخامس والعشرين من مارس")."""

from __future__ import annotations

import re

from crawler.judgement.text.reading import Reading

_FIGURES = re.compile(r"(\d{1,2})([^\W\d_]*)$")
_LAST = 31
_TEN = 10  # a ten alone is no day: Arabic has another word for the tenth


def word_at(reading: Reading, token: int) -> str:
    """Return the folded word at a token, or "" where the text has no such token."""
    return reading.word(token) if 0 <= token < len(reading.sentence_of) else ""


def number_at(reading: Reading, token: int) -> int | None:
    """Return a number from 1 to 31 that stands in figures at a token, or None."""
    found = _FIGURES.match(word_at(reading, token))
    if found is None:
        return None
    figures, ending = found.groups()
    if ending and ending not in reading.grammar.ordinal_endings:
        return None
    number = int(figures)
    return number if 1 <= number <= _LAST else None


def day_ending(reading: Reading, token: int) -> tuple[int | None, int]:
    """Return the number of the day that ends at a token, or None, and the token where it begins."""
    number = number_at(reading, token)
    if number is not None or not reading.grammar.ordinals:
        return number, token
    tens = reading.grammar.ordinal_tens.get(word_at(reading, token), 0)
    ones = reading.grammar.ordinals.get(word_at(reading, token - 1 if tens else token), 0)
    if tens == _TEN and not ones:
        return None, token
    total = tens + ones
    first = token - 1 if tens and ones else token
    return (total if 1 <= total <= _LAST else None), first
