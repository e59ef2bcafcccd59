"""The syntax of a term: what an analyst writes, and the folded parts that the automaton looks for.

accord                       the exact word
accord(s)                    with or without; (a|b) one of, (a|b|) one of or nothing
migrat*  *abkommen  *migrations*    prefix, suffix, infix of a word
accord ... migration         up to 4 words between; `...8` up to 8
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from functools import partial
from typing import NamedTuple

from storage.letters import fold_text, is_writable

DEFAULT_GAP = 4  # words that `...` may stand for: an adjective, a date or a name between two words
MOST_GAP = 30
MOST_SPELLINGS = 512  # alternatives multiply: more is a typing error, not a term
# Of a term: several times the longest shipped one, and few enough for reading to be quick.
MOST_CHARACTERS = 1_000
_GAP = re.compile(r"\s*(?:\.\.\.|…)([0-9]*)\s+")
_GROUP = re.compile(r"\(([^()]*)\)")


class TermError(ValueError):
    """A term that cannot be read; the text says what is wrong with it."""


class WordSequence(NamedTuple):
    """Neighbouring words; open ends may go on. Of 60,000, tuples are made in half the time."""

    text: str
    open_left: bool = False
    open_right: bool = False


class ParsedTerm(NamedTuple):
    """A term as the matcher looks for it: each of `parts` is a choice of phrases, with at most
    `gaps[i]` words between one and the next. `masks` hide its hits; for the flags see `parse_term`.
    """

    source: str
    parts: tuple[tuple[WordSequence, ...], ...]
    gaps: tuple[int, ...] = ()
    case: bool = False
    accents: bool = False
    clitics: bool = False
    masks: tuple[ParsedTerm, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether a match must be compared with the original characters."""
        return self.case or self.accents


def parse_term(
    source: str,
    *,
    case: bool = False,
    accents: bool = False,
    clitics: bool = False,
    masks: tuple[ParsedTerm, ...] = (),
) -> tuple[ParsedTerm, ...]:
    """Read what `source` stands for: several terms where its spellings differ in structure. `case`
    and `accents` ask for what is written; `clitics` finds it behind the small words of its
    language, too. Raises TermError.
    """
    if len(source) > MOST_CHARACTERS:
        raise TermError(
            f"{source[:40]!r}...: has {len(source)} characters; "
            f"a term has at most {MOST_CHARACTERS}"
        )
    exact = case or accents
    term = partial(ParsedTerm, case=case, accents=accents, clitics=clitics, masks=masks)
    if not exact and "..." not in source and "…" not in source:  # nine terms in ten
        alone = [parts for _, parts in _options(source, exact)]
        return tuple(
            [term(source=source, parts=parts, gaps=(0,) * (len(parts) - 1)) for parts in alone]
        )
    pieces = _GAP.split(source)
    gaps = [_gap(number, source) for number in pieces[1::2]]
    options = [_options(piece, exact) for piece in pieces[0::2]]
    if math.prod(map(len, options)) > MOST_SPELLINGS:
        raise _too_many(source)
    terms = []
    for chosen in itertools.product(*options):
        parts, between = _chain(chosen, gaps)
        spelt = " ".join(spelling for spelling, _ in chosen) if exact else source
        terms.append(term(source=spelt, parts=parts, gaps=between))
    return tuple(terms)


# A spelling, and its parts that follow each other without a gap.
_Option = tuple[str, tuple[tuple[WordSequence, ...], ...]]


def _options(piece: str, exact: bool) -> list[_Option]:
    """Return the spellings of a piece between gaps; one option where all are one part each."""
    spelt = [(spelling, _parts(spelling)) for spelling in spellings(piece)]
    if not exact and all(len(parts) == 1 for _, parts in spelt):
        return [(piece, (tuple(dict.fromkeys(parts[0] for _, parts in spelt)),))]
    return [(spelling, tuple((part,) for part in parts)) for spelling, parts in spelt]


def _chain(
    chosen: tuple[_Option, ...], gaps: list[int]
) -> tuple[tuple[tuple[WordSequence, ...], ...], tuple[int, ...]]:
    parts: list[tuple[WordSequence, ...]] = []
    between: list[int] = []
    for number, (_, pieces) in enumerate(chosen):
        if number:
            between.append(gaps[number - 1])
        between.extend([0] * (len(pieces) - 1))
        parts.extend(pieces)
    return tuple(parts), tuple(between)


def _gap(number: str, source: str) -> int:
    gap = int(number or DEFAULT_GAP)  # MOST_CHARACTERS keeps it short enough for int()
    if gap > MOST_GAP:
        raise TermError(f"{source!r}: a gap of {number[:6]} words; {MOST_GAP} is the most")
    return gap


def spellings(source: str) -> list[str]:
    """Expand `accord(s)` and `sign(ed|s|)`, inner brackets first. Raises TermError."""
    if "(" not in source and ")" not in source:
        return [source]
    texts = [source]
    while any("(" in text for text in texts):
        expanded: dict[str, None] = {}
        for text in texts:
            group = _GROUP.search(text)
            if group is None:
                if "(" in text:
                    raise TermError(f"{source!r}: a bracket is not closed")
                expanded[text] = None
                continue
            inner = group.group(1)
            before, after = text[: group.start()], text[group.end() :]
            for option in inner.split("|") if "|" in inner else (inner, ""):
                expanded[before + option + after] = None
            if len(expanded) > MOST_SPELLINGS:
                raise _too_many(source)
        texts = list(expanded)
    if any(")" in text for text in texts):
        raise TermError(f"{source!r}: a bracket is not opened")
    return texts


def _too_many(source: str) -> TermError:
    return TermError(
        f"{source!r}: stands for more than {MOST_SPELLINGS} spellings; write several terms"
    )


def _parts(spelling: str) -> list[WordSequence]:
    if "*" not in spelling:  # most have none: half the time of loading
        plain = fold_text(spelling)
        if plain and is_writable(plain):
            return [WordSequence(plain)]
    return _neighbours(spelling)


def _neighbours(spelling: str) -> list[WordSequence]:
    """Cut a phrase where a `*` stands inside it: the automaton knows open ends only at the ends."""
    parts: list[WordSequence] = []
    run: list[str] = []
    left = False
    for word in spelling.split():
        starts, ends = word.startswith("*"), word.endswith("*")
        folded = fold_text(word.strip("*"))
        if "*" in word.strip("*"):
            raise TermError(
                f"{spelling!r}: a * stands at the start or the end of a word, not inside it"
            )
        if not is_writable(folded):
            raise TermError(f"{spelling!r}: has a letter that none of our languages writes")
        if not folded:
            if starts or ends:
                raise TermError(f"{spelling!r}: a * needs letters beside it")
            continue
        if starts and run:
            parts.append(WordSequence(" ".join(run), left, False))
            run, left = [], True
        left = left if run else starts
        run.append(folded)
        if ends:
            parts.append(WordSequence(" ".join(run), left, True))
            run, left = [], False
    if run:
        parts.append(WordSequence(" ".join(run), left, False))
    if not parts:
        raise TermError(
            f"{spelling!r} has no letter or digit; (x) is x or nothing, so write x without brackets"
        )
    return parts


def plain_form(text: str, *, case: bool, accents: bool) -> str:
    """Return the letters and digits of a text, with its case or accents if asked for."""
    form = unicodedata.normalize("NFC" if accents else "NFKD", text)
    letters = "".join(character for character in form if character.isalnum())
    return letters if case else letters.casefold()


class ExactForm:
    """What the original characters of a term with `case` or `accents` must look like."""

    def __init__(self, term: ParsedTerm) -> None:
        self._case, self._accents = term.case, term.accents
        self._wanted = plain_form(term.source, case=term.case, accents=term.accents)
        self._open_left = term.parts[0][0].open_left or term.clitics
        self._open_right = term.parts[-1][0].open_right

    def is_of(self, original: str) -> bool:
        """Return whether `original` has the term's own case or accents."""
        form = plain_form(original, case=self._case, accents=self._accents)
        if self._open_left and self._open_right:
            return self._wanted in form
        if self._open_left:
            return form.endswith(self._wanted)
        return form.startswith(self._wanted) if self._open_right else form == self._wanted
