"""The number of a day before the name of a month: in figures, or as an Arabic ordinal ("الخامس والعشرين من مارس")."""

from __future__ import annotations

import re

from crawler.judgement.text.reading import Reading

_NUMBER = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th|o|a)?$")
# Folded: without hamza, with ي for ى.
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            ("الاول", "اول", "الحادي"), ("الثاني",), ("الثالث",), ("الرابع",), ("الخامس",), ("السادس",),
            ("السابع",), ("الثامن",), ("التاسع",), ("العاشر",),
        ),
        1,
    )
    for word in words
}  # fmt: skip
_TENS = {
    "عشر": 10, "العشرين": 20, "والعشرين": 20, "العشرون": 20, "والعشرون": 20,
    "الثلاثين": 30, "والثلاثين": 30, "الثلاثون": 30, "والثلاثون": 30,
}  # fmt: skip
_LAST = 31


def word_at(reading: Reading, token: int) -> str:
    """The folded word; empty outside the text."""
    return reading.word(token) if 0 <= token < len(reading.sentence_of) else ""


def number_at(reading: Reading, token: int) -> int | None:
    """A number from 1 to 31, or None."""
    found = _NUMBER.match(word_at(reading, token))
    number = int(found.group(1)) if found else 0
    return number if 1 <= number <= _LAST else None


def day_ending(reading: Reading, token: int) -> tuple[int | None, int]:
    """The number of a day that ends at the token, and its first token."""
    number = number_at(reading, token)
    if number is not None or reading.language != "ar":
        return number, token
    tens = _TENS.get(word_at(reading, token), 0)
    ones = _ORDINALS.get(word_at(reading, token - 1 if tens else token), 0)
    if tens == _TENS["عشر"] and not ones:
        return None, token
    total = tens + ones
    return (total if 1 <= total <= _LAST else None), token - (1 if tens and ones else 0)
