"""A row of a list as an agreement, with what is wrong in it named by row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from scheduler.lists.columns import ListColumns
from scheduler.lists.day_cells import ListedDay, day_in
from scheduler.lists.party_cells import UnknownPartyError, parties_in
from scheduler.lists.words import kind_in, topics_in
from scheduler.words.lines import clean
from scheduler.words.lines import web_address as as_web_address
from storage.records import Instrument, Status, Topic

T = TypeVar("T")

_LINK = re.compile(r'=HYPERLINK\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)")?\s*\)', re.IGNORECASE)
_LONGEST = 2_000  # characters of a title, reference or note; what goes beyond is cut
# The columns of days, and the step that each of them is.
STEPS: Mapping[str, Status] = {
    "signed": Status.SIGNED,
    "in_force": Status.IN_FORCE,
    "ended": Status.TERMINATED,
}


@dataclass(frozen=True, slots=True)
class RowReading:
    """How the cells of a list are read. `parties` take part in each agreement of it. `today` is
    the last day that a step can have had.
    """

    columns: ListColumns
    today: date
    parties: tuple[str, ...] = ()
    month_first: bool = False
    since_1904: bool = False


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """An agreement as a row of a list has it. `days` are those of its steps, in their order.

    `remarks` name the cells that could not be read and were left out.
    """

    number: int
    parties: tuple[str, ...]
    title: str = ""
    kind: Instrument | None = None
    topics: tuple[Topic, ...] = ()
    days: Mapping[Status, ListedDay] = field(default_factory=dict)
    url: str | None = None
    place: str | None = None
    note: str = ""
    reference: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """What keeps a row from being an agreement: "row 12, Pays: no state is called 'Absurdie'"."""

    number: int
    message: str


class _FaultError(Exception):
    """A cell cannot be read: `str()` of it names the column."""


def read_row(
    number: int, cells: Sequence[object], reading: RowReading
) -> ListedAgreement | RowFault:
    """Read a row, or say why it is no agreement."""
    row = _ReadRow(cells, reading, [])
    try:
        parties = row.parties()
        days = row.days()
        title, kind = row.text("title"), row.text("kind")
        return ListedAgreement(
            number=number,
            parties=parties,
            title=title,
            kind=row.optional("kind", kind_in) or kind_in(title),
            topics=row.optional("topics", topics_in) or topics_in(f"{title}\n{kind}"),
            days=days,
            url=row.url(),
            place=row.text("place") or None,
            note=row.text("note"),
            reference=row.text("reference"),
            remarks=tuple(row.remarks),
        )
    except _FaultError as error:
        return RowFault(number, str(error))


@dataclass(frozen=True, slots=True)
class _ReadRow:
    cells: Sequence[object]
    reading: RowReading
    remarks: list[str]

    def cell(self, name: str) -> object:
        place = self.reading.columns.places.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else None

    def text(self, name: str) -> str:
        """What a cell shows: of a link its words."""
        written = _written(self.cell(name))
        link = _LINK.fullmatch(written)
        return clean((link[2] or link[1]) if link else written)[:_LONGEST]

    def parties(self) -> tuple[str, ...]:
        found = set(self.reading.parties)
        for name in ("parties", "party_a", "party_b"):
            try:
                found |= {*parties_in(self.text(name))}
            except UnknownPartyError as error:
                raise self.fault(name, f"no state or body is called {str(error)!r}") from error
        if len(found) < 2:
            names = [one for one in ("parties", "party_a") if one in self.reading.columns.places]
            has = f"names {found.pop()} only" if found else "names nobody"
            raise self.fault(names[0], f"{has}; an agreement has two parties or more")
        return tuple(sorted(found))

    def days(self) -> dict[Status, ListedDay]:
        found: dict[Status, ListedDay] = {}
        for name, status in STEPS.items():
            day = self._day(name)
            if day is not None and day.parts > _parts(self.reading.today)[: len(day.parts)]:
                self.remark(name, f"{day} is still to come, so it is no step yet")
            elif day is not None:
                self._check_order(name, day, found)
                found[status] = day
        return found

    def _day(self, name: str) -> ListedDay | None:
        reading = self.reading
        try:
            return day_in(
                self.cell(name), month_first=reading.month_first, since_1904=reading.since_1904
            )
        except ValueError as error:
            raise self.fault(name, str(error)) from error

    def _check_order(self, name: str, day: ListedDay, earlier: Mapping[Status, ListedDay]) -> None:
        for before in earlier.values():
            known = min(len(day.parts), len(before.parts))
            if day.parts[:known] < before.parts[:known]:
                raise self.fault(name, f"{day} is before {before}, the day of an earlier step")

    def url(self) -> str | None:
        written = _written(self.cell("url")).strip()
        link = _LINK.fullmatch(written)
        written = link[1] if link else written
        address = as_web_address(written)
        if written and address is None:
            self.remark("url", f"{written[:60]!r} is no address like https://example.org/text")
        return address

    def optional(self, name: str, read: Callable[[str], T]) -> T:
        written = self.text(name)
        found = read(written)
        if written and not found:
            self.remark(name, f"{written[:60]!r} is not known here")
        return found

    def remark(self, name: str, message: str) -> None:
        self.remarks.append(f"{self.reading.columns.name_of(name)}: {message}")

    def fault(self, name: str, message: str) -> _FaultError:
        return _FaultError(f"{self.reading.columns.name_of(name)}: {message}")


def _written(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # the number of a treaty
    return str(cell)


def _parts(day: date) -> tuple[int, ...]:
    return day.year, day.month, day.day
