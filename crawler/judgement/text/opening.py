"""Whether some concepts may occur in a text at all, by the patterns that occur in it.

Most of what is read has no word that a rule could start with. To know that, nothing needs to be
said of where the patterns stand: neither sentences nor words are counted.
"""

from __future__ import annotations

from collections.abc import Collection

from crawler.judgement.text.folding import term_bytes
from crawler.judgement.text.matching import Found, Matcher, find

_NOTHING: tuple[int, ...] = ()


class Opening:
    """Looks for `concepts` among the terms of one language."""

    def __init__(self, matcher: Matcher, concepts: Collection[str]) -> None:
        self._matcher = matcher
        self._concepts = frozenset(concepts)
        # Worked out when they first occur: a text has some hundreds of ten thousand patterns.
        self._pieces: dict[int, tuple[int, ...] | None] = {}  # by pattern; None for a concept
        self._slots: dict[int, tuple[int, ...]] = {}  # by piece

    def found_in(self, folded: str) -> Found | None:
        """Return the matches of a folded text, or None if none of the concepts can occur in it."""
        found = find(self._matcher, term_bytes(f" {folded} "))
        return found if self._may_occur({pattern for pattern, _, _ in found}) else None

    def _may_occur(self, patterns: set[int]) -> bool:
        known = self._pieces
        pieces: set[int] = set()
        for pattern in patterns:
            own = known[pattern] if pattern in known else self._pieces_of(pattern)
            if own is None:
                return True
            pieces.update(own)
        choices, others = self._matcher.choices, self._matcher.others
        for piece in pieces:
            slots = self._slots[piece] if piece in self._slots else self._slots_of(piece)
            for slot in slots:
                if not any(pieces.isdisjoint(choices[choice]) for choice in others[slot]):
                    return True
        return False

    def _pieces_of(self, pattern: int) -> tuple[int, ...] | None:
        """Return the pieces of longer terms that a pattern can be; None if it can be a concept."""
        meanings = self._matcher.groups[pattern]
        is_concept = any(not self._concepts.isdisjoint(one.concepts) for one in meanings)
        pieces = tuple(one.piece for one in meanings if one.piece >= 0) or _NOTHING
        found = self._pieces[pattern] = None if is_concept else pieces
        return found

    def _slots_of(self, piece: int) -> tuple[int, ...]:
        """Return the terms of the concepts that are looked at where this piece occurs."""
        slots = self._matcher.slots
        found = self._slots[piece] = tuple(
            slot
            for slot in self._matcher.anchored[piece]
            if slots[slot].concept in self._concepts and not slots[slot].is_mask
        )
        return found
