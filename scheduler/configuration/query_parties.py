"""Which parties the words of a search name: "Morocco Spain", "Maroc Espagne", "المغرب وإسبانيا"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.judgement.text.letters import fold_text
from scheduler.configuration.party_codes import (
    code_of_name,
    longest_name,
    nearest_parties,
    party_codes,
)

_MOST_WORDS = 12  # of a query; a longer one is a sentence
_OPERATORS = frozenset('"*')
# What may stand between names, folded.
_JOINTS = frozenset({"and", "et", "y", "e", "ed", "und", "with", "avec", "con", "com", "mit", "و"})
_CUT = re.compile(r"[\s,;/&–—-]+")
_AND = "و"  # written as one with the name behind it


def parties_named(query: str) -> tuple[str, ...]:
    """The codes of the parties that a query names, in its order, if it is made of nothing else.

    A code must be written in capitals, since some are words ("de", "es", "no"). A
    query with "OR", a phrase, or a word that must not occur, names none.
    """
    codes, rest = parties_among(query)
    return () if rest else codes


def parties_among(query: str) -> tuple[tuple[str, ...], str]:
    """The codes of the parties that a query names, as in `parties_named`, and its other words: TN
    and "visa" for "Tunisie visa".
    """
    words = _words(query)
    if len(words) > _MOST_WORDS:
        return (), query
    found, rest = list[str](), list[str]()
    index = 0
    while index < len(words):
        code, length = _name_at(words, index)
        if code is not None:
            found.append(code)
        elif fold_text(words[index]) not in _JOINTS:
            rest.append(words[index])
        index += length
    return tuple(dict.fromkeys(found)), " ".join(rest)


def instead_of(query: str) -> str | None:
    """The query with the names that it may mean, if it is made of names, some of them misspelt;
    None if it means nothing else.
    """
    words, said, is_misspelt = _words(query), list[str](), False
    index = 0
    while index < len(words[:_MOST_WORDS]):
        code, length = _name_at(words, index)
        near = None if code else next(iter(nearest_parties(words[index]).values()), None)
        if not code and near is None and fold_text(words[index]) not in _JOINTS:
            return None
        said.append(near or " ".join(words[index : index + length]))
        is_misspelt = is_misspelt or near is not None
        index += length
    return " ".join(said) if is_misspelt else None


def _words(query: str) -> list[str]:
    if _OPERATORS & set(query) or query.lstrip().startswith("-") or " -" in query:
        return []
    words = [word for word in _CUT.split(query) if word]
    return [] if "OR" in words else words


def _name_at(words: Sequence[str], index: int) -> tuple[str | None, int]:
    """The longest name that begins with this word: its code, None if there is none, and of how many
    words it is.
    """
    first = words[index]
    if first.isupper() and first.isascii():
        code = first if first in party_codes() else code_of_name(fold_text(first))
        if code is not None:
            return code, 1
    for last in range(min(len(words), index + longest_name()), index, -1):
        name = fold_text(" ".join(words[index:last]))
        code = code_of_name(name) if len(name) > 2 else None
        if code is None and name.startswith(_AND):
            code = code_of_name(name.removeprefix(_AND))
        if code is not None:
            return code, last - index
    return None, 1
