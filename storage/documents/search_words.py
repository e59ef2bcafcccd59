"""What a search asks for: words, "phrases" and beginnings*, read from what people type; no syntax errors.

All words must occur. Anything but letters and digits only separates words, so AND, -, ( or a lone quote have
no meaning of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PIECE = re.compile(r'"([^"]*)"(\*?)|(\S+)')
_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile("[\u0621-\u064a]+")
# Conjunctions, prepositions and the article are written onto an Arabic word: "and the agreement" is one word.
_CLITICS = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ف", "فال", "ك", "كال", "وب", "ول")


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row; with `prefix`, the last one is a beginning."""

    words: tuple[str, ...]
    prefix: bool = False


def terms_of(query: str) -> tuple[Term, ...]:
    """The terms of a folded query; empty where it holds no word at all."""
    terms = []
    for phrase, star, plain in _PIECE.findall(query):
        words = tuple(_WORD.findall(phrase or plain))
        if words:
            terms.append(Term(words, bool(star) or plain.endswith("*")))
    return tuple(terms)


def fold_query(query: str, fold: Callable[[str], str]) -> str:
    """`query` with every word folded by `fold`, its quotes and stars kept: what `Filter.query` takes."""
    pieces = []
    for phrase, star, plain in _PIECE.findall(query):
        words = " ".join(fold(phrase or plain).split())
        if words:
            pieces.append(f'"{words}"' + ("*" if star or plain.endswith("*") else ""))
    # What holds no word finds nothing; an empty query would find everything.
    return " ".join(pieces) or ('""' if query.strip() else "")


def variants(term: Term) -> tuple[Term, ...]:
    """The term, and for a single Arabic word the forms with what is written onto it."""
    (first, *rest) = term.words
    if rest or not _ARABIC.fullmatch(first):
        return (term,)
    return tuple(Term((clitic + first,), term.prefix) for clitic in _CLITICS)


def occur(terms: Sequence[Term], folded: str) -> bool:
    """Whether every term occurs in folded text (words between single spaces)."""
    padded = f" {folded} "
    return all(any(_occurs(variant, padded) for variant in variants(term)) for term in terms)


def _occurs(term: Term, padded: str) -> bool:
    return f" {' '.join(term.words)}{'' if term.prefix else ' '}" in padded


def sqlite_match(terms: Sequence[Term]) -> str:
    """The terms in the query language of FTS5, every word quoted."""
    return " AND ".join(f"({' OR '.join(map(_fts5, variants(term)))})" for term in terms)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def postgresql_match(terms: Sequence[Term]) -> str:
    """The terms in the query language of to_tsquery, every word quoted."""
    return " & ".join(f"({' | '.join(map(_tsquery, variants(term)))})" for term in terms)


def _tsquery(term: Term) -> str:
    return (
        "(" + " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.prefix else "") + ")"
    )
