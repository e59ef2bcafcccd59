"""What texts say of how long an agreement runs and of what it covers, stored among their clues."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

_CLUE = "provision"


class ProvisionKind(StrEnum):
    DURATION = "duration"
    RENEWAL = "renewal"  # without anybody's doing
    NOTICE = "notice"  # how long before the end of it, or before one ends it
    THIRD_COUNTRY = "third_country"  # nationals of third countries, and stateless persons


class Provision(NamedTuple):
    """A sentence on a duration, or a notice, of so many `months`, or of so many `days`, or until a
    day. 0 and "" are for the other kinds, and all of them for what runs indefinitely.
    """

    kind: ProvisionKind
    months: int
    quote: str
    days: int = 0
    until: str = ""  # as in "2027-12-31": it is stored as JSON

    @property
    def clue(self) -> str:
        term = self.until or (f"{self.days}d" if self.days else self.months)
        return f"{_CLUE}:{self.kind}:{term}:{self.quote}"


def months_after(day: date, months: int) -> date:
    """The same day of a later month, else the last one of that month, or of all days."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def provisions_in(clues: Iterable[str]) -> Iterator[Provision]:
    """The provisions among the stored clues of a document."""
    for clue in clues:
        if clue.startswith(f"{_CLUE}:"):
            _, kind, term, quote = clue.split(":", 3)
            if "-" in term:
                yield Provision(ProvisionKind(kind), 0, quote, until=term)
            elif term.endswith("d"):
                yield Provision(ProvisionKind(kind), 0, quote, days=int(term[:-1]))
            else:
                yield Provision(ProvisionKind(kind), int(term), quote)
