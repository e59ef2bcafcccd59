"""What is found in a text before it is read: whether a rule can start in it at all, and what is
only wanted of it if it turns out to be a report.

Most of what is read has no word that a rule could start with. To know that, nothing needs to be
said of where the patterns stand: neither sentences nor words are counted. Of what is found in the
rest, three quarters are small words that only the card asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import NamedTuple

from crawler.judgement.text.folding import Folded
from crawler.judgement.text.matching import Found, Matcher, find


class Opened(NamedTuple):
    """What the automaton found in a text: `early` is all that can be of a concept that is early."""

    folded: Folded
    found: Found
    early: Found
    is_early: Callable[[str], bool]


class Opening:
    """Looks among the terms of one language for the concepts `starting`.

    A concept `is_early` if it is asked for whatever a text is; all others wait for its card.
    """

    def __init__(
        self, matcher: Matcher, starting: Collection[str], is_early: Callable[[str], bool]
    ) -> None:
        self._matcher = matcher
        self._starting = frozenset(starting)
        self._is_early = cache(is_early)
        # Worked out when they first occur: a text has some hundreds of ten thousand patterns.
        self._known: set[int] = set()  # patterns
        self._starts: set[int] = set()
        self._late: set[int] = set()
        self._pieces: dict[int, tuple[int, ...]] = {}  # of longer terms, by pattern
        self._slots: dict[int, tuple[int, ...]] = {}  # by piece

    def opened(self, folded: Folded) -> Opened | None:
        """Return what is found in a folded text, or None if none of the concepts can start it."""
        found = find(self._matcher, folded.bytes_)
        patterns = {pattern for pattern, _, _ in found}
        for pattern in patterns - self._known:
            self._learn(pattern)
        if not self._may_start(patterns):
            return None
        late = self._late
        return Opened(folded, found, [one for one in found if one[0] not in late], self._is_early)

    def _may_start(self, patterns: set[int]) -> bool:
        if not self._starts.isdisjoint(patterns):
            return True
        pieces = {
            piece for pattern in patterns & self._pieces.keys() for piece in self._pieces[pattern]
        }
        choices, others = self._matcher.choices, self._matcher.others
        return any(
            not any(pieces.isdisjoint(choices[choice]) for choice in others[slot])
            for piece in pieces
            for slot in (self._slots[piece] if piece in self._slots else self._slots_of(piece))
        )

    def _learn(self, pattern: int) -> None:
        meanings = self._matcher.groups[pattern]
        concepts = {concept for _, several, _ in meanings for concept in several}
        pieces = tuple([piece for _, _, piece in meanings if piece >= 0])
        if pieces:
            self._pieces[pattern] = pieces
        elif not any(map(self._is_early, concepts)):
            self._late.add(pattern)
        if not self._starting.isdisjoint(concepts):
            self._starts.add(pattern)
        self._known.add(pattern)  # last, since another thread may ask meanwhile

    def _slots_of(self, piece: int) -> tuple[int, ...]:
        """Return the terms of starting concepts that are looked at where this piece occurs."""
        slots = self._matcher.slots
        found = self._slots[piece] = tuple(
            slot
            for slot in self._matcher.anchored[piece]
            if slots[slot].concept in self._starting and not slots[slot].is_mask
        )
        return found
