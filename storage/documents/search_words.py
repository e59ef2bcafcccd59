"""Reading a search as people type it: words, "phrases" and beginnings*.

All terms must occur. Anything but letters and digits only separates words, so AND, -, ( or a single
quotation mark have no special meaning, and there are no syntax errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PIECE = re.compile(r'"([^"]*)"(\*?)|(\S+)')
_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile("[\u0621-\u064a]+")
# In Arabic, conjunctions, prepositions and the article are written as part of the word: "and the
# agreement" is one word.
_CLITICS = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ف", "فال", "ك", "كال", "وب", "ول")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must occur in a row. With `prefix`, the last one is the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False


def terms_of(query: str) -> tuple[Term, ...]:
    """Return the terms of a folded query; none if it contains no word."""
    terms = []
    for phrase, star, plain in _PIECE.findall(query):
        words = tuple(_WORD.findall(phrase or plain))
        if words:
            terms.append(Term(words, bool(star) or plain.endswith("*")))
    return tuple(terms)


def fold_query(query: str, fold: Callable[[str], str]) -> str:
    """Fold every word of a query with `fold`, keeping quotes and stars, for `Filter.query`."""
    pieces = []
    for phrase, star, plain in _PIECE.findall(query):
        words = " ".join(fold(phrase or plain).split())
        if words:
            pieces.append(f'"{words}"' + ("*" if star or plain.endswith("*") else ""))
    # A query without any word must find nothing, but an empty query would find everything.
    return " ".join(pieces) or ('""' if query.strip() else "")


def variants(term: Term) -> tuple[Term, ...]:
    """Return the forms of a term: for a single Arabic word also those with clitics, else itself."""
    (first, *rest) = term.words
    if rest or not _ARABIC.fullmatch(first):
        return (term,)
    return tuple(Term((clitic + first,), term.prefix) for clitic in _CLITICS)


def occur(terms: Sequence[Term], folded: str) -> bool:
    """Whether every term occurs in a folded text (words with single spaces between them)."""
    padded = f" {folded} "
    return all(any(_occurs(variant, padded) for variant in variants(term)) for term in terms)


def _occurs(term: Term, padded: str) -> bool:
    words = " ".join(term.words)
    return (f" {words}" if term.prefix else f" {words} ") in padded


def sqlite_match(terms: Sequence[Term]) -> str:
    """Write the terms in the query language of SQLite's FTS5, every word quoted."""
    alternatives = [" OR ".join(map(_fts5, variants(term))) for term in terms]
    return " AND ".join(f"({one})" for one in alternatives)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def postgresql_match(terms: Sequence[Term]) -> str:
    """Write the terms in the query language of PostgreSQL's to_tsquery, every word quoted."""
    alternatives = [" | ".join(map(_tsquery, variants(term))) for term in terms]
    return " & ".join(f"({one})" for one in alternatives)


def _tsquery(term: Term) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({phrase}:*)" if term.prefix else f"({phrase})"
