"""Clues beside the card that distinguish reports of one event from reports of another: other dates,
numbers and proper names.

The judgement finds clues and the register compares them. In between they are stored as text, and
only this module writes and reads that text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from storage.records import Instrument, Topic, Zone

_DATE = "ref"
_NUMBER = "num"
_NAME = "word"
_BESIDE = "beside"
_NAMED = "named"
# The text only implies the status of its card, or mentions it in passing.
VAGUE = "told:vague"
# The text gives the day of the signature that it reports.
DATED = "told:day"
# The text is the paper itself, by its own words.
PAPER = "told:paper"
_OTHER = "other"
_PLANNED = "planned"


# The last words of `clue.kind.*`, each a word of the instrument, that say more than "agreement".
_INSTRUMENTS = {
    word: instrument
    for instrument in Instrument
    if instrument is not Instrument.AGREEMENT
    for word in instrument.split("_")
}


class RecalledDate(NamedTuple):
    """A date that a text names beside a paper: year and, where the text gives them, month and day.
    `kind` is that of the paper, the last word of `clue.kind.*`, or "any"; `other`: the text says
    that it is not the agreement in the news.
    """

    parts: tuple[int, ...]
    zone: Zone
    kind: str
    other: bool = False

    @property
    def instrument(self) -> Instrument | None:
        return _INSTRUMENTS.get(self.kind)

    @property
    def prominent(self) -> bool:
        return self.zone is not Zone.BODY


class PaperBeside(NamedTuple):
    """Another paper beside the one in the news ("a separate memorandum"): the last words of its
    kinds and topics.
    """

    kinds: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def instruments(self) -> frozenset[Instrument]:
        found = frozenset(_INSTRUMENTS[kind] for kind in self.kinds if kind in _INSTRUMENTS)
        return found or frozenset((Instrument.AGREEMENT,))

    @property
    def subjects(self) -> frozenset[Topic]:
        return frozenset(map(Topic, self.topics)) - {Topic.OTHER}


class AgreementName(NamedTuple):
    """What a second reader calls an agreement: year, subject, whether it is only planned."""

    year: int | None
    words: tuple[str, ...] = ()
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of one text, each kind in text order; `names` are folded. `is_vague`: the text only
    implies its status; `is_dated`: its day is that of its signature, and not the Thursday on which
    somebody defends what was signed a week ago; `is_paper`: it is the agreement itself. `named`:
    see `AgreementName`.
    """

    dates: tuple[RecalledDate, ...] = ()
    numbers: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    beside: tuple[PaperBeside, ...] = ()
    is_vague: bool = False
    is_dated: bool = False
    is_paper: bool = False
    named: AgreementName | None = None

    def to_text(self) -> tuple[str, ...]:
        """Return what is stored: "ref:2013-12-16:lead:memorandum:other", "word:cayetano"."""
        return (
            *map(_date_text, self.dates),
            *(f"{_NUMBER}:{number}" for number in self.numbers),
            *(f"{_NAME}:{name}" for name in self.names),
            *(
                f"{_BESIDE}:{'+'.join(beside.kinds)}:{'+'.join(beside.topics)}"
                for beside in self.beside
            ),
            *((VAGUE,) if self.is_vague else ()),
            *((DATED,) if self.is_dated else ()),
            *((PAPER,) if self.is_paper else ()),
            *((_name_text(self.named),) if self.named else ()),
        )


def read_clues(stored: Iterable[str]) -> Clues:
    """Read what `Clues.to_text` gave. Anything that is of none of its kinds is left out."""
    dates: list[RecalledDate] = []
    numbers: list[int] = []
    names: list[str] = []
    beside: list[PaperBeside] = []
    is_vague = is_dated = is_paper = False
    named = None
    for text in stored:
        kind, _, value = text.partition(":")
        if kind == _DATE:
            day, zone, paper, *rest = value.split(":")
            parts = tuple(map(int, day.split("-")))
            dates.append(RecalledDate(parts, Zone(zone), paper, rest == [_OTHER]))
        elif kind == _NUMBER:
            numbers.append(int(value))
        elif kind == _NAME:
            names.append(value)
        elif kind == _BESIDE:
            kinds, _, topics = value.partition(":")
            words_of = (tuple(filter(None, one.split("+"))) for one in (kinds, topics))
            beside.append(PaperBeside(*words_of))
        elif text == VAGUE:
            is_vague = True
        elif text == DATED:
            is_dated = True
        elif text == PAPER:
            is_paper = True
        elif kind == _NAMED:
            year, words, *rest = value.split(":")
            subject = tuple(filter(None, words.split("+")))
            named = AgreementName(int(year) if year else None, subject, rest == [_PLANNED])
    return Clues(
        dates=tuple(dates),
        numbers=tuple(numbers),
        names=tuple(names),
        beside=tuple(beside),
        is_vague=is_vague,
        is_dated=is_dated,
        is_paper=is_paper,
        named=named,
    )


def _name_text(name: AgreementName) -> str:
    text = f"{_NAMED}:{name.year or ''}:{'+'.join(name.words)}"
    return f"{text}:{_PLANNED}" if name.planned else text


def _date_text(date: RecalledDate) -> str:
    year, *rest = date.parts
    day = "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])
    text = f"{_DATE}:{day}:{date.zone.value}:{date.kind}"
    return f"{text}:{_OTHER}" if date.other else text
