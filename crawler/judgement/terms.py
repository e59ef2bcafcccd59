"""The syntax of a term: what an analyst writes, and the folded parts that the automaton looks for.

accord                       the exact word
accord(s)                    with or without; (a|b) one of, (a|b|) one of or nothing
migrat*  *abkommen  *migrations*    prefix, suffix, infix of a word
accord ... migration         up to 4 words between; `...8` up to 8
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass

from crawler.judgement.folding import fold_text, is_writable

DEFAULT_GAP = 4  # words that `...` may stand for: an adjective, a date or a name between two words
MOST_GAP = 30
MOST_SPELLINGS = 128  # alternatives multiply: more is a typing error, not a term
_GAP = re.compile(r"\s*(?:\.\.\.|…)(\d*)\s+")
_GROUP = re.compile(r"\(([^()]*)\)")


class TermError(ValueError):
    """A term that cannot be read; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words that stand next to each other; open ends may go on within their word."""

    text: str
    open_left: bool = False
    open_right: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One spelling of a term. `gaps[i]` words at most stand between `parts[i]` and `parts[i + 1]`."""

    source: str
    parts: tuple[Part, ...]
    gaps: tuple[int, ...] = ()
    case: bool = False
    accents: bool = False
    clitics: bool = False
    masks: tuple[Term, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether a match must be compared with the original characters."""
        return self.case or self.accents


def parse_term(
    source: str,
    language: str,
    *,
    case: bool = False,
    accents: bool = False,
    clitics: bool = True,
    masks: tuple[Term, ...] = (),
) -> tuple[Term, ...]:
    """All spellings that `source` stands for. Raises TermError."""
    arabic = clitics and language == "ar"
    terms = []
    for spelling in spellings(source):
        parts, gaps = _parts(spelling)
        terms.append(Term(spelling.strip(), parts, gaps, case, accents, arabic, masks))
    return tuple(terms)


def spellings(source: str) -> list[str]:
    """Expand `accord(s)` and `sign(ed|s|)`; at most MOST_SPELLINGS. Raises TermError."""
    pieces = _GROUP.split(source)
    if any("(" in piece or ")" in piece for piece in pieces):
        raise TermError(f"{source!r}: brackets do not match, or stand inside each other")
    choices = []
    count = 1
    for position, piece in enumerate(pieces):
        options = [piece] if position % 2 == 0 else (piece.split("|") if "|" in piece else [piece, ""])
        count *= len(options)
        if count > MOST_SPELLINGS:
            raise TermError(f"{source!r}: stands for more than {MOST_SPELLINGS} spellings; write it as several terms")
        choices.append(options)
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _parts(spelling: str) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    pieces = _GAP.split(spelling)
    parts: list[Part] = []
    gaps: list[int] = []
    for position in range(0, len(pieces), 2):
        if position:
            gap = int(pieces[position - 1] or DEFAULT_GAP)
            if gap > MOST_GAP:
                raise TermError(f"{spelling!r}: a gap of {gap} words; {MOST_GAP} is the most")
            gaps.append(gap)
        neighbours = _neighbours(pieces[position], spelling)
        gaps.extend([0] * (len(neighbours) - 1))
        parts.extend(neighbours)
    return tuple(parts), tuple(gaps)


def _neighbours(words: str, spelling: str) -> list[Part]:
    """Cut a phrase where a `*` stands inside it: the automaton knows open ends only at the ends."""
    parts: list[Part] = []
    run: list[str] = []
    left = False
    for word in words.split():
        starts, ends = word.startswith("*"), word.endswith("*")
        folded = fold_text(word.strip("*"))
        if "*" in word.strip("*"):
            raise TermError(f"{spelling!r}: a * stands at the start or the end of a word, not inside it")
        if not is_writable(folded):
            raise TermError(f"{spelling!r}: has a letter that none of our languages writes")
        if not folded:
            if starts or ends:
                raise TermError(f"{spelling!r}: a * needs letters beside it")
            continue
        if starts and run:
            parts.append(Part(" ".join(run), left, False))
            run, left = [], True
        left = left if run else starts
        run.append(folded)
        if ends:
            parts.append(Part(" ".join(run), left, True))
            run, left = [], False
    if run:
        parts.append(Part(" ".join(run), left, False))
    if not parts:
        raise TermError(f"{spelling!r}: has no letter or digit")
    return parts


def plain_form(text: str, *, case: bool, accents: bool) -> str:
    """Letters and digits of the original, keeping the case or the accents a term asks for."""
    form = unicodedata.normalize("NFC" if accents else "NFKD", text)
    kept = "".join(character for character in form if character.isalnum())
    return kept if case else kept.casefold()


def same_form(term: Term, original: str) -> bool:
    """Whether the original characters have the term's own case or accents."""
    wanted = plain_form(term.source, case=term.case, accents=term.accents)
    found = plain_form(original, case=term.case, accents=term.accents)
    left, right = term.parts[0].open_left, term.parts[-1].open_right
    if left and right:
        return wanted in found
    if left:
        return found.endswith(wanted)
    return found.startswith(wanted) if right else found == wanted
