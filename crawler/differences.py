"""What changed between two versions of a text, by words, for people to read. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_MARKS = re.compile(r"[^\w]+")
_CONTEXT = 12  # words on either side of a change: the rest of its sentence, mostly
# Comparing takes time by the product of both lengths: a second or two for so many pairs of words
# or paragraphs. What goes beyond that in a text is shown as taken away and put in its place, which
# is what it looks like anyway.
_MOST_PAIRS = 9_000_000
_ISLAND = 1  # words between two changes that are read with them


class Edit(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Segment:
    """Words in a row that stayed, went or came."""

    change: Edit
    text: str


Passage = tuple[Segment, ...]


def differences(before: str, after: str, *, additions_only: bool = False) -> list[Passage]:
    """The passages in which two texts differ; "…" where one is cut within a paragraph."""
    passages: list[Passage] = []
    room = _MOST_PAIRS
    for old, new in _changed(_paragraphs(before), _paragraphs(after)):
        first, last = _shared_ends(old, new)
        removed, added = old[first : len(old) - last], new[first : len(new) - last]
        pairs = len(removed) * len(added)
        replaced = [(Edit.REMOVED, removed), (Edit.ADDED, added)]
        inside = _compare(removed, added) if pairs <= room else replaced
        room -= pairs if pairs <= room else 0
        same = Edit.SAME
        passages += _passages([(same, old[:first]), *inside, (same, old[len(old) - last :])])
    if additions_only:
        return [
            tuple(piece for piece in segments if piece.change is not Edit.REMOVED)
            for segments in passages
            if any(piece.change is Edit.ADDED for piece in segments)
        ]
    return passages


def is_notable(before: str, after: str) -> bool:
    """Whether two texts differ in their words, and not in marks, case or spaces alone."""
    return _bare(before) != _bare(after)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _bare(text: str) -> list[str]:
    return _MARKS.sub(" ", text).casefold().split()


def _changed(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The words of paragraphs that changed, each with those that stand in their place."""
    first, last = _shared_ends(old, new)
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    if len(old) * len(new) > _MOST_PAIRS:
        yield " ".join(old).split(), " ".join(new).split()
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield " ".join(old[a:b]).split(), " ".join(new[c:d]).split()


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How much both begin with, and how much of the rest both end with: it needs no comparing."""
    shorter, last = min(len(old), len(new)), 0
    both = enumerate(zip(old, new, strict=False))
    first = next((at for at, (a, b) in both if a != b), shorter)
    while last < shorter - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, last


def _compare(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Edit, list[str]]]:
    removed: list[str] = []
    added: list[str] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for at, (tag, a, b, c, d) in enumerate(codes):
        is_inside = 0 < at < len(codes) - 1
        if tag == "equal" and not (is_inside and b - a <= _ISLAND):
            yield Edit.REMOVED, removed
            yield Edit.ADDED, added
            yield Edit.SAME, list(old[a:b])
            removed, added = [], []
        else:
            removed += old[a:b]
            added += new[c:d]
    yield Edit.REMOVED, removed
    yield Edit.ADDED, added


def _passages(runs: Sequence[tuple[Edit, list[str]]]) -> list[Passage]:
    """Cut where so many words stayed that nobody would read over them."""
    filled = [(change, words) for change, words in runs if words]
    passages: list[Passage] = []
    current: list[Segment] = []
    for at, (change, words) in enumerate(filled):
        if change is not Edit.SAME:
            current.append(Segment(change, " ".join(words)))
            continue
        follows, precedes = at > 0, at < len(filled) - 1
        if follows and precedes and len(words) <= 2 * _CONTEXT:
            current.append(Segment(Edit.SAME, " ".join(words)))
            continue
        if follows:
            cut = "" if len(words) <= _CONTEXT else " …"
            current.append(Segment(Edit.SAME, " ".join(words[:_CONTEXT]) + cut))
            passages.append(tuple(current))
            current = []
        if precedes:
            cut = "" if len(words) <= _CONTEXT else "… "
            current.append(Segment(Edit.SAME, cut + " ".join(words[-_CONTEXT:])))
    return [*passages, tuple(current)] if current else passages
