"""Searching a page for days, only where there are figures.

Patterns such as `\\D([0-9]{4}-[0-9]{2})\\D` start with what nearly each character is, so that the
search tries each of them: 4 ms for a page, and htmldate has six of these patterns.

The one for days in words starts with what each word is, and ends with a year.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import import_module

_parser = import_module("re._parser")  # which tells how long a match is

# All that a match may consist of, but for the character on either side.
_FIGURES = re.compile(r"[0-9][0-9/.-]{5,}")
_SHORTEST = 8  # characters, with those on either side
_ATOM = r"(?:\[[0-9/.-]+\]|[0-9/-]|\\\.)(?:\?|\{[0-9]\})?"
_FIGURE = r"(?:\[(?:[0-9]-[0-9]|[0-9])+\]|[0-9])(?:\{[0-9]\})?"
_DAY = rf"(?:{_FIGURE}\?)*{_FIGURE}(?:{_ATOM}|\(\?:(?:{_ATOM}|\|)+\))*"
_FITS = re.compile(rf"\\D\({_DAY}(?:\|{_DAY})*\)\\D|\(\\D{_DAY}\\D(?:\|\\D{_DAY}\\D)*\)")

_YEAR = "(?:199[0-9]|20[0-3][0-9])"
_DAY_OF_MONTH = "[0-3]?[0-9]"
_WORD = r"(?<![^\W\d_])[^\W\d_]{3,}"
_IN_WORDS = (
    rf"(?P<month>{_WORD})\s(?P<day>{_DAY_OF_MONTH})(?:st|nd|rd|th)?,? (?P<year>{_YEAR})"
    rf"|(?P<day2>{_DAY_OF_MONTH})(?:st|nd|rd|th|\.)? (?:of )?(?P<month2>{_WORD})[,.]? "
    rf"(?P<year2>{_YEAR})"
)
_AFTER_SPACE = re.compile(f" {_YEAR}")
_TAG_END = ">"  # no day in words has one


@cache
def is_of_figures(pattern: re.Pattern[str]) -> bool:
    """Whether a match is a figure, with figures, slashes, dots and dashes after it, between two
    characters that are no figures, and as long as `near_figures` takes it to be.
    """
    shortest: int = _parser.parse(pattern.pattern).getwidth()[0]
    return shortest >= _SHORTEST and _FITS.fullmatch(pattern.pattern) is not None


@lru_cache(maxsize=1)  # a page is searched for one pattern after the other
def near_figures(text: str) -> str:
    """Return the parts of a text in which such patterns can match, with the characters around.

    They find the same in these as in the text, in the same order. Parts that share a character stay
    together: of two days with a space between them, the first takes the space.
    """
    parts: list[str] = []
    begin = end = 0
    for found in _FIGURES.finditer(text):
        if found.start() > end:
            parts.append(text[begin:end])
            begin = max(0, found.start() - 1)
        end = found.end() + 1
    return "".join([*parts, text[begin:end]])


def ends_with_years(pattern: re.Pattern[str]) -> bool:
    """Whether this is the pattern of days in words that `near_years` knows: "7 March 2024"."""
    return pattern.pattern == _IN_WORDS


def near_years(text: str) -> str:
    """Return the parts of a page in which that pattern can match, from the tag before to a year.

    It finds the same in these as in the page, in the same order.
    """
    parts: list[str] = []
    begin = end = 0
    for found in _AFTER_SPACE.finditer(text):
        tag_ends = text.rfind(_TAG_END, end, found.start()) + 1
        if tag_ends > begin:
            parts.append(text[begin:end])
            begin = tag_ends
        end = found.end()
    return _TAG_END.join([*parts, text[begin:end]])
