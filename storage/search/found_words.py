"""Where the words of a search stand in a folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from storage.query_words import Clause, Term, variants


@dataclass(frozen=True, slots=True)
class WordPlace:
    """A place in a folded text where a form of the wanted clause number `clause` stands."""

    start: int
    end: int
    clause: int


class Finder:
    """Finds the words of a query, in all forms that count, in folded texts.

    Excluded words are nowhere in what was found.
    """

    def __init__(self, clauses: Sequence[Clause]) -> None:
        wanted = (clause for clause in clauses if not clause.excluded)
        self._patterns = [re.compile(_pattern(clause)) for clause in wanted]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def places(self, folded: str, most: int) -> list[WordPlace]:
        """The first `most` places of each clause, in order. `folded` is words between single
        spaces, with a space at both ends.
        """
        found = [
            WordPlace(match.start(), match.end(), number)
            for number, pattern in enumerate(self._patterns)
            for match in islice(pattern.finditer(folded), most)
        ]
        return sorted(found, key=lambda place: (place.start, -place.end))


def _pattern(clause: Clause) -> str:
    forms = (form for term in clause.terms for form in variants(term))
    return f"(?<= )(?:{'|'.join(_alternatives(forms))})(?= )"


def _alternatives(forms: Iterator[Term]) -> list[str]:
    """Each form once, and the longest first: the first alternative that fits is taken."""
    written = dict.fromkeys((" ".join(form.words), form.prefix) for form in forms)
    longest_first = sorted(written, key=lambda one: -len(one[0]))
    return [re.escape(words) + ("[^ ]*" if prefix else "") for words, prefix in longest_first]
