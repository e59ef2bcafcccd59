"""What a count of a selection is about: what is counted, and what rows and columns stand for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storage.records import Status


class Counted(StrEnum):
    ENTRIES = "entries"
    STEPS = "steps"
    REPORTS = "reports"
    DURATIONS = "durations"  # days from one stage to another, or to a report or text of it


class Mark(StrEnum):
    """Where a duration may end, beside a stage."""

    REPORT = "report"  # the first report that was published
    OFFICIAL = "official"  # the first one of an official source
    TEXT = "text"  # the official text


ENDS = (*Status, *Mark)


class By(StrEnum):
    """What rows and columns of a count stand for: a value of the filter of that name, a year such
    as "2026", a month such as "202603", or an outlet.
    """

    YEAR = "year"
    MONTH = "month"
    STATUS = "status"
    INSTRUMENT = "instrument"
    TOPIC = "topic"
    PARTY = "party"
    CORRIDOR = "corridor"
    GRADE = "grade"
    TEXT = "text"
    LANGUAGE = "language"
    SOURCE = "source"
    FIRST = "first"  # the outlet that reported an agreement first


PERIODS = (By.YEAR, By.MONTH)


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted, and by what. `compare` are parties (MA) and corridors (IT-TN) that stand
    beside each other in the place of columns. `begin` and `end` are those of
    durations. `with_zeros`: rows are all parties of the groups that the selection asks for, also
    those with nothing.
    """

    rows: By = By.YEAR
    columns: By | None = None
    counted: Counted = Counted.ENTRIES
    compare: tuple[str, ...] = ()
    begin: Status = Status.SIGNED
    end: Status | Mark = Status.IN_FORCE
    with_zeros: bool = False

    @property
    def is_to_force(self) -> bool:
        """Whether its durations, if it has any, are those from signature to entry into force."""
        return (self.begin, self.end) == (Status.SIGNED, Status.IN_FORCE)

    @property
    def is_matrix(self) -> bool:
        """Whether parties stand beside parties."""
        return self.rows is self.columns is By.PARTY

    @property
    def has_columns(self) -> bool:
        return self.columns is not None or bool(self.compare)

    @property
    def is_sum_of_rows(self) -> bool:
        """Whether nothing that is counted stands in several rows, so that totals are sums."""
        return self._is_single(self.rows)

    @property
    def is_sum_of_columns(self) -> bool:
        return not self.compare and (self.columns is None or self._is_single(self.columns))

    def _is_single(self, by: By) -> bool:
        if self.counted is Counted.DURATIONS:  # medians are no sums
            return False
        if by in PERIODS:
            return self.counted is not Counted.ENTRIES
        if by in (By.LANGUAGE, By.SOURCE):
            return self.counted is Counted.REPORTS
        return by in (By.STATUS, By.INSTRUMENT, By.GRADE, By.TEXT, By.FIRST)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """As an address writes it, without what goes without saying."""
        columns = [("columns", self.columns.value)] if self.columns else []
        pairs = [("rows", self.rows.value), *columns]
        if self.counted is not Counted.ENTRIES:
            pairs.append(("count", self.counted.value))
        if self.counted is Counted.DURATIONS and not self.is_to_force:
            pairs += [("from", self.begin.value), ("to", self.end.value)]
        if self.with_zeros:
            pairs.append(("zeros", "1"))
        return [*pairs, ("compare", ",".join(self.compare))] if self.compare else pairs
