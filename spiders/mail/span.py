"""Which messages of a mailbox are read at a look: new ones first, then older ones, back to the
first. What was read is always one span of numbers without a gap, so two of them say all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Protocol

from spiders.mail.connection import ServerMessage


class Numbered(Protocol):
    """A mailbox, whose messages stand in the order of their numbers."""

    @property
    def count(self) -> int: ...

    @property
    def next_uid(self) -> int | None: ...

    def uid_at(self, place: int, /) -> int: ...

    def letters(self, first: int, last: int, /) -> list[ServerMessage]: ...


@dataclass(frozen=True, slots=True)
class Span:
    """All messages from number `low` to `high` were read; none if `high` is below `low`."""

    low: int
    high: int

    def with_uid(self, uid: int) -> Span:
        """The span with the next message at one of its ends."""
        return replace(self, high=uid) if uid > self.high else replace(self, low=uid)

    @property
    def reaches_back(self) -> bool:
        """Whether there is nothing older."""
        return self.low <= 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """The messages to be read, in this order, and how many are left for later looks. `span` is
    where that begins. `to_end`: the oldest message is among them, or was read before.
    """

    span: Span
    letters: tuple[ServerMessage, ...]
    left: int
    to_end: bool


def choose(box: Numbered, before: Span | None, most: int) -> Chosen | None:
    """At most `most` messages that are to be read now; None if the mailbox is empty."""
    if not box.count:
        return None
    span = before
    if span is None:  # begins with the newest
        newest = box.uid_at(box.count)
        span = Span(newest + 1, newest)
    known = _up_to(box, span.high)
    older = 0 if span.reaches_back else _below(box, span.low)
    new = box.letters(known + 1, min(box.count, known + most))
    old = box.letters(max(1, older - (most - len(new)) + 1), older)
    left = box.count - known - len(new) + older - len(old)
    return Chosen(span, (*new, *reversed(old)), left, len(old) == older)


def _up_to(box: Numbered, uid: int) -> int:
    """How many messages have this number or a lower one. Halving finds it in as many questions as
    the count has binary digits; a list of all numbers could be long.
    """
    if box.next_uid is not None and box.next_uid <= uid + 1:
        return box.count
    return bisect_right(range(1, box.count + 1), uid, key=box.uid_at)


def _below(box: Numbered, uid: int) -> int:
    """How many messages have a lower number."""
    return bisect_left(range(1, box.count + 1), uid, key=box.uid_at)
