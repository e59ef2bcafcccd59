"""Asking dateparser about a text only for the languages and time zones that its words allow.

dateparser compiles all words of a language before it can say that one of them is missing, and all
time zones before it can say that there is none. That takes 0.1 s in each process, while most texts
that it is asked about, and each in another language, have a word that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from dateparser import timezone_parser  # type: ignore[import-untyped]  # it ships no types
from dateparser.languages.dictionary import PARSER_KNOWN_TOKENS  # type: ignore[import-untyped]
from dateparser.timezones import timezone_info_list  # type: ignore[import-untyped]
from dateparser.utils import normalize_unicode  # type: ignore[import-untyped]

# A word of fewer letters may be an ending ("3rd").
_WORD = re.compile("[a-z]{3,}|[\u0621-\u064a]{3,}")
_OFFSET = re.compile(r"\s[+-][0-9]|[+-][0-9]{1,2}:?[0-9]{2}\s*$")  # without a name of a time zone
_LATIN = re.compile(r"[a-z]+", re.IGNORECASE)  # and the letters that are taken for these


def spare_others(parser: Any) -> None:
    """Let a parser ask a language only if it may have all words of a text."""
    asked: Callable[..., bool] = parser._is_applicable_locale
    found = timezone_parser._find_tz

    def is_applicable(locale: Any, text: str, *options: bool) -> bool:
        return has_words(locale, text) and asked(locale, text, *options)

    parser._is_applicable_locale = is_applicable
    timezone_parser._find_tz = lambda text: found(text) if may_have_zone(text) else None


def has_words(locale: Any, text: str) -> bool:
    """Whether a language of dateparser may have all words of a text."""
    if "\n" in text:  # behind which it takes no notice of words
        return True
    return _words_of(locale).issuperset(_WORD.findall(_folded(text)))


@cache
def _words_of(locale: Any) -> frozenset[str]:
    """Return the words of a language, those of its patterns too."""
    texts = (*_strings([*locale.info.values()]), *PARSER_KNOWN_TOKENS)
    return frozenset(word for text in texts for word in _WORD.findall(_folded(text)))


def _folded(text: str) -> str:
    return str(normalize_unicode(text).lower())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(key)
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def may_have_zone(text: str) -> bool:
    """Whether a text may name a time zone."""
    names = _zones()
    words = _LATIN.findall(text)
    has_name = any(not word.isascii() or word.lower() in names for word in words)
    return has_name or _OFFSET.search(text) is not None


@cache
def _zones() -> frozenset[str]:
    """Return the names of all time zones, in small letters."""
    names = [name for part in timezone_info_list for name, _ in part["timezones"]]
    return frozenset(word.lower() for name in names for word in _LATIN.findall(name))
