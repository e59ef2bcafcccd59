"""What tells reports of one event from reports of another, beside the card: other dates, numbers
and proper names.

The judgement finds clues and the register compares them; between the two they are stored as text,
which is written and read here alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from storage.records import Zone

_DATE = "ref"
_NUMBER = "num"
_NAME = "word"
_OTHER = "other"


class RecalledDate(NamedTuple):
    """A date that a text names beside a paper, as far as it says: `parts` are year, month and day.

    `kind`: of the paper, the last word of `clue.kind.*`, or "any". `other`: the sentence says that
    it is another paper than the one in the news.
    """

    parts: tuple[int, ...]
    zone: Zone
    kind: str
    other: bool = False


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of one text, each kind in text order. `names` are folded words."""

    dates: tuple[RecalledDate, ...] = ()
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def to_text(self) -> tuple[str, ...]:
        """What is stored: "ref:2013-12-16:lead:memorandum:other", "num:260000", "word:cayetano"."""
        return (
            *map(_date_text, self.dates),
            *(f"{_NUMBER}:{number}" for number in self.numbers),
            *(f"{_NAME}:{name}" for name in self.names),
        )


def read_clues(stored: Iterable[str]) -> Clues:
    """The clues that `Clues.to_text` gave; what is none of its kinds is left out."""
    dates: list[RecalledDate] = []
    numbers: list[int] = []
    names: list[str] = []
    for text in stored:
        kind, _, value = text.partition(":")
        if kind == _DATE:
            dates.append(_read_date(value))
        elif kind == _NUMBER:
            numbers.append(int(value))
        elif kind == _NAME:
            names.append(value)
    return Clues(tuple(dates), tuple(numbers), tuple(names))


def _date_text(date: RecalledDate) -> str:
    year, *rest = date.parts
    day = "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])
    text = f"{_DATE}:{day}:{date.zone.value}:{date.kind}"
    return f"{text}:{_OTHER}" if date.other else text


def _read_date(value: str) -> RecalledDate:
    day, zone, kind, *rest = value.split(":")
    return RecalledDate(tuple(map(int, day.split("-"))), Zone(zone), kind, rest == [_OTHER])
