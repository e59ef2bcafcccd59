"""Rows of a list that are about one agreement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from scheduler.lists.rows import STEPS, ListedAgreement
from scheduler.lists.words import plain

# Two lists that somebody put together seldom agree on the day: signature and deposit, time zones.
_DAYS = 7
# Of the words of both titles. "On readmission" and "on the facilitation of visas" share 0.4, two
# translations or cuts of one title 0.7 and more.
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class RowTwin:
    """The row that had an agreement first, with its key; `nth` counts the rows about it."""

    number: int
    key: str
    nth: int = 1

    @property
    def own_key(self) -> str:
        """The key of the row itself, not of its agreement."""
        return self.key if self.nth == 1 else f"{self.key}-{self.nth}"


@dataclass(slots=True)
class RowTwins:
    """The rows of a list that were read so far, by their parties."""

    _rows: dict[tuple[str, ...], list[tuple[ListedAgreement, RowTwin]]] = field(
        default_factory=dict
    )

    def of(self, row: ListedAgreement, key: str) -> RowTwin:
        """The first row about the same agreement, which may be this one; it is remembered."""
        among = self._rows.setdefault(row.parties, [])
        for place, (other, twin) in enumerate(among):
            if twin.key == key or _are_twins(row, other):
                found = RowTwin(twin.number, twin.key, twin.nth + 1)
                among[place] = (other, found)
                return found
        first = RowTwin(row.number, key)
        among.append((row, first))
        return first


def _are_twins(one: ListedAgreement, other: ListedAgreement) -> bool:
    if one.kind and other.kind and one.kind is not other.kind:
        return False
    if one.topics and other.topics and set(one.topics).isdisjoint(other.topics):
        return False
    return _same_days(one, other) and _same_titles(one.title, other.title)


def _same_days(one: ListedAgreement, other: ListedAgreement) -> bool:
    """Whether a day that both rows have is the same. Without such a day nobody knows."""
    both = [status for status in STEPS.values() if status in one.days and status in other.days]
    if not both:
        return False
    here, there = one.days[both[0]], other.days[both[0]]
    if here.on is None or there.on is None:
        known = min(len(here.parts), len(there.parts))
        return here.parts[:known] == there.parts[:known]
    return _apart(here.on, there.on) <= _DAYS


def _apart(one: date, other: date) -> int:
    return abs((one - other).days)


def _same_titles(one: str, other: str) -> bool:
    here, there = set(plain(one).split()), set(plain(other).split())
    if not here or not there:
        return True
    return len(here & there) >= _ALIKE * len(here | there)
