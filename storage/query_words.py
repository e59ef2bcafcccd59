"""Reading a search as people type it: words, "phrases", beginnings*, -without and OR.

All clauses must hold. `-word` or `-"a phrase"` must not occur; between two terms, OR asks for
either. A plain word is found in its inflected forms too (accord: accords; signed: signing; مهاجر:
والمهاجرين); a phrase, and a word in quotation marks, only as it is written. Anything else but
letters and digits only separates words, so there are no syntax errors. A letter that stands alone
is left out, and so is an article before an apostrophe (l'accord, dell'accordo).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from storage.languages import rows_with, typed_words
from storage.letters import fold_text

PIECE = re.compile(r'(-?)(?:"([^"]*)"(\*?)|(\S+))')
_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile("[\u0621-\u064a]+")
_OR = "OR"
MOST_CLAUSES = 50  # more are left out: each is searched for in some ten forms
_APOSTROPHES = "'’ʼ‘`"
_ELIDED = typed_words("elided")
# In Arabic, conjunctions, prepositions and the article are written as part of the word: "and the
# agreement" is one word.
(_JOINING,) = rows_with("joined")
_JOINED = _JOINING["joined"]
_STEMMED = tuple(row["stemmer"] for row in rows_with("stemmer") if row is not _JOINING)
# A stem is searched for as a beginning, so it must be long enough to begin few other words: its
# least length, and how many letters the word may have lost at most.
_SURE_STEMS = ((7, 5), (6, 4), (5, 2), (4, 2))
_LEAST_ARABIC_STEM = 3
_LEAST_ARABIC_BEGINNING = 4  # letters of a word to which pronouns and endings may be joined
_TURNS = tuple(turn.split(">") for row in rows_with("turns") for turn in row["turns"])
_LEAST_TURNED = 3  # letters before the ending


@dataclass(frozen=True, slots=True)
class Term:
    """Words in a row, the last one a beginning with `prefix`; `exact`: no inflected form counts."""

    words: tuple[str, ...]
    prefix: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One of these terms must occur; or, if it is `excluded`, none of them may."""

    terms: tuple[Term, ...]
    excluded: bool = False


def clauses_of(query: str) -> tuple[Clause, ...]:
    """Return the clauses of a folded query; none if it contains no word."""
    clauses: list[Clause] = []
    joins = False
    for minus, phrase, star, plain in PIECE.findall(query):
        if plain == _OR and not minus:
            joins = bool(clauses)
            continue
        words = tuple(_WORD.findall(phrase or plain))
        if not words or (not phrase and _is_too_short(words)) or len(clauses) == MOST_CLAUSES:
            continue
        is_prefix = bool(star) or plain.endswith("*")
        term = Term(words, is_prefix, exact=is_prefix or bool(phrase) or len(words) > 1)
        if joins and not minus and not clauses[-1].excluded:
            clauses[-1] = Clause((*clauses[-1].terms, term))
        else:
            clauses.append(Clause((term,), bool(minus)))
        joins = False
    return tuple(clauses)


def fold_query(query: str) -> str:
    """Fold every word of a query, keeping its marks: `Filter.words`."""
    pieces = []
    for minus, phrase, star, plain in PIECE.findall(query):
        if plain == _OR and not minus:
            pieces.append(_OR)
            continue
        words = " ".join(fold_text(phrase or _without_article(plain)).split())
        if not words or (not phrase and _is_too_short(words.split())):
            continue
        if phrase or star or " " in words:
            pieces.append(f'{minus}"{words}"{star or _star(plain)}')
        else:
            pieces.append(f"{minus}{words}{_star(plain)}")
    if any(piece != _OR for piece in pieces):
        return " ".join(pieces)
    # A query without any word must find nothing, but an empty query would find everything.
    return '""' if query.strip() else ""


def as_words(query: str) -> str:
    """A query in which each word is searched for as it is written: no name in it is a filter."""
    quoted = []
    for minus, phrase, star, plain in PIECE.findall(query):
        is_plain = plain and plain != _OR and not plain.endswith("*")
        quoted.append(f'{minus}"{phrase or plain}"{star}' if phrase or is_plain else plain)
    return " ".join(quoted)


def reading_of(query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what of a query is searched for, and what is left out), as it was typed."""
    searched, left_out = list[str](), list[str]()
    for piece in PIECE.finditer(query):
        minus, phrase, _, plain = piece.groups()
        if plain == _OR and not minus:
            continue
        is_word = bool(clauses_of(fold_query(piece[0]))) and len(searched) < MOST_CLAUSES
        (searched if is_word else left_out).append(phrase if phrase and not minus else piece[0])
    operators = () if searched else tuple(one for one in query.split() if one == _OR)
    return tuple(searched), (*left_out, *operators)


def _is_too_short(words: Sequence[str]) -> bool:
    return len(words) == 1 and len(words[0]) == 1 and words[0].isalpha()


def _without_article(plain: str) -> str:
    """A word as it was typed without an article before an apostrophe."""
    for apostrophe in _APOSTROPHES:
        before, found, rest = plain.partition(apostrophe)
        if found and rest and fold_text(before) in _ELIDED:
            return rest
    return plain


def _star(plain: str) -> str:
    return "*" if plain.endswith("*") else ""


def variants(term: Term) -> tuple[Term, ...]:
    """Return the forms in which a term counts: itself, and for a single word with its clitics (in
    Arabic) and inflections, unless it is `exact`.
    """
    (first, *rest) = term.words
    if rest:
        return (term,)
    if _ARABIC.fullmatch(first):
        terms = [Term((clitic + first,), term.prefix) for clitic in _JOINED["clitics"]]
        forms = () if term.exact else _arabic_forms(first)
        return (
            *terms,
            *(Term((one + form,), prefix) for form, prefix in forms for one in _JOINED["clitics"]),
        )
    return (term,) if term.exact else _inflected(first)


@lru_cache(maxsize=4096)
def _inflected(word: str) -> tuple[Term, ...]:
    """A word, with and without the endings of a plural, and all that begins with its stem."""
    forms = [word, f"{word}s", f"{word}es", f"{word}en"]
    forms += [word[:-1]] * (len(word) > 3 and word.endswith("s"))
    for ending, other in _TURNS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_TURNED:
            forms.append(word.removesuffix(ending) + other)
    forms = list(dict.fromkeys(forms))
    stem = _stem(word)
    return (*(Term((form,)) for form in forms), *((Term((stem,), prefix=True),) if stem else ()))


def _stem(word: str) -> str:
    """The shortest stem that one of our languages makes of a word and that is sure; else ""."""
    stems = [stem_of(word) for stem_of in _stemmers()]
    sure = [stem for stem in stems if word.startswith(stem) and _is_sure(stem, word)]
    return min(sure, key=len, default="")


def _is_sure(stem: str, word: str) -> bool:
    """Whether a stem lost an ending, and begins few words but those of its own family."""
    lost = len(word) - len(stem)
    least = 2 if len(stem) == _SURE_STEMS[-1][0] else 1  # "Paris" is no plural of "pari"
    return any(len(stem) >= length and least <= lost <= most for length, most in _SURE_STEMS)


@lru_cache(maxsize=1024)
def _arabic_forms(word: str) -> tuple[tuple[str, bool], ...]:
    """The forms of a word, each with whether it is the beginning of others. Three letters that are
    left of a longer word begin too many others: they count with the endings of a noun alone.
    """
    forms: dict[tuple[str, bool], None] = {}
    for bare in _without_clitics(word):
        for stem in _light_stems(bare):
            if len(stem) > _LEAST_ARABIC_STEM or stem == bare:
                forms[stem, True] = None
            elif len(stem) == _LEAST_ARABIC_STEM:
                forms |= {(stem + ending, False): None for ending in _JOINED["noun_endings"]}
    return tuple(forms)


def _without_clitics(word: str) -> list[str]:
    """The word as it is, and without an article or conjunction that was typed with it."""
    typed = [
        word.removeprefix(clitic)
        for clitic, least in _JOINED["typed"].items()
        if word.startswith(clitic) and len(word) - len(clitic) >= least
    ]
    return [word, *typed[:1]]


def _light_stems(word: str) -> list[str]:
    light = [word.removesuffix(ending) for ending in _JOINED["endings"] if word.endswith(ending)]
    whole = [word] * (len(word) >= _LEAST_ARABIC_BEGINNING)
    return [_stemmer(_JOINING["stemmer"])(word), *light, *whole]


@cache
def _stemmers() -> tuple[Callable[[str], str], ...]:
    return tuple(map(_stemmer, _STEMMED))


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    from snowballstemmer import stemmer  # forty modules, which only a search for words needs

    stem: Callable[[str], str] = stemmer(language).stemWord
    return stem


def turned(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """One clause that holds where any of these excluded ones fails."""
    return (Clause(tuple(term for clause in clauses for term in clause.terms)),)


def occur(clauses: Sequence[Clause], folded: str) -> bool:
    """Whether every clause holds for a folded text (words with single spaces between them)."""
    padded = f" {folded} "
    return all(
        clause.excluded != any(_occurs(form, padded) for form in _forms(clause))
        for clause in clauses
    )


def _forms(clause: Clause) -> list[Term]:
    return [form for term in clause.terms for form in variants(term)]


def _occurs(term: Term, padded: str) -> bool:
    words = " ".join(term.words)
    return (f" {words}" if term.prefix else f" {words} ") in padded


def sqlite_match(clauses: Sequence[Clause]) -> str:
    """Write clauses, at least one of them not excluded, for SQLite's FTS5, every word quoted."""
    wanted = [_any_of(clause, _fts5, " OR ") for clause in clauses if not clause.excluded]
    unwanted = [_any_of(clause, _fts5, " OR ") for clause in clauses if clause.excluded]
    return " NOT ".join((" AND ".join(wanted), *unwanted))


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def postgresql_match(clauses: Sequence[Clause], *, few: bool = False) -> str:
    """Write clauses in the query language of PostgreSQL's to_tsquery, every word quoted. With
    `few`, words are left out whose beginning counts already: only for ranks they count again, and
    PostgreSQL, which expects hits of each, would rather read all texts than use an index.
    """
    return " & ".join(
        ("!" if clause.excluded else "") + _any_of(clause, _tsquery, " | ", few=few)
        for clause in clauses
    )


def _tsquery(term: Term) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({phrase}:*)" if term.prefix else f"({phrase})"


def _any_of(clause: Clause, write: Callable[[Term], str], either: str, *, few: bool = False) -> str:
    forms = _forms(clause)
    if few:
        beginnings = tuple(form.words[0] for form in forms if form.prefix and len(form.words) == 1)
        forms = [
            term
            for term in forms
            if term.prefix or len(term.words) > 1 or not term.words[0].startswith(beginnings)
        ]
    return f"({either.join(map(write, forms))})"
