"""How many agreements, steps or reports a selection has by year, status, party and so on, and how
long its agreements took from signature to entry into force: one statement, grouped by the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    Select,
    String,
    and_,
    cast,
    distinct,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from storage.counting import PERIODS, By, Counted, Counting, Mark
from storage.database import sql
from storage.database.session import Session
from storage.documents.official import published_officially
from storage.documents.tables import Documents
from storage.errors import AccordwatchError
from storage.filter import Filter
from storage.records import Status
from storage.register import agreements as register
from storage.register.entry import Agreement
from storage.register.tables import AgreementParties, Agreements, AgreementTopics, Reports, Steps
from storage.search.filtering import agreement_condition, report_conditions, step_conditions
from storage.search.past import documents_then, status_known, steps_then
from storage.search.tables import REPORTS, SEARCH_ROWS, STORED

MOST_CELLS = 20_000  # rows times columns: what a person scrolls through, and 1 MB of a file
MOST_COLUMNS = 200
_STEPS_OF_ONE = 100_000  # more than an agreement has, so that both numbers fit into one


class Figure(NamedTuple):
    """How many; and of durations the shortest, the median and the longest, in days."""

    number: int
    shortest: int | None = None
    median: float | None = None
    longest: int | None = None


NONE = Figure(0)
Place = tuple[str | None, str | None]  # a row and a column


@dataclass(frozen=True, slots=True)
class Pivot:
    """The cells of a table that are not empty. Totals count what is in several cells once: that of
    a row stands under (row, None), that of a column under (None, column), and that of the table
    under (None, None). `of` is how many the selection has, with those that have no row or column.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    figures: Mapping[Place, Figure]
    of: int

    def at(self, row: str | None, column: str | None = None) -> Figure:
        return self.figures.get((row, column), NONE)


class TooManyCells(AccordwatchError):
    """A table would have more cells, or columns, than anybody reads."""


def pivot(s: Session, flt: Filter, counting: Counting) -> Pivot:
    made = _Facts(s, flt, counting)
    facts = made.facts().cte("facts").prefix_with("MATERIALIZED")
    measure = _medians if counting.counted is Counted.DURATIONS else _numbers
    of = (literal("of"), null(), null(), made.all().scalar_subquery(), *[null()] * 3)
    parts = [measure(facts, *grouped) for grouped in _groups(counting)]
    figures, number_of = dict[Place, Figure](), 0
    # A table has no more totals than cells, but for three.
    statement = union_all(select(*of), *parts).limit(2 * MOST_CELLS + 4)
    for kind, row, column, number, shortest, median, longest in s.execute(statement):
        if kind == "of":
            number_of = number
        elif number:
            middle = None if median is None else float(median)
            figures[row, column] = Figure(number, shortest, middle, longest)
    rows = sorted({row for row, _ in figures if row is not None})
    columns = sorted({column for _, column in figures if column is not None})
    _check_size(len(rows), len(columns))
    return Pivot(rows, columns, figures | _sums(figures, counting, rows), number_of)


class Duration(NamedTuple):
    agreement: Agreement
    begin: date
    end: date
    days: int


def durations(s: Session, flt: Filter, counting: Counting, most: int) -> list[Duration]:
    """The agreements behind the medians of a count, the longest durations first."""
    made = _Facts(s, flt, counting)
    in_table = select(made.facts().subquery().c.id)  # what has no row or column has no median
    rows = s.execute(_Facts(s, flt, counting).durations(in_table).limit(most)).all()
    agreements = register.load_agreements(s, [row.id for row in rows])
    there = {register.number(agreement.id): agreement for agreement in agreements}
    return [Duration(there[id_], *rest) for id_, *rest in rows]


def _check_size(rows: int, columns: int) -> None:
    """Raises TooManyCells for a table with more rows and columns than anybody reads."""
    if rows * max(1, columns) > MOST_CELLS or columns > MOST_COLUMNS:
        raise TooManyCells(f"{rows} x {columns}")


def _sums(
    figures: Mapping[Place, Figure], counting: Counting, rows: Sequence[str]
) -> dict[Place, Figure]:
    """The totals that the statement left out, since they are sums."""
    sums = dict[Place, int]()
    cells = [(place, figure.number) for place, figure in figures.items() if None not in place]
    for (row, column), number in cells:
        if counting.is_sum_of_columns:
            sums[row, None] = sums.get((row, None), 0) + number
        if counting.is_sum_of_rows:
            sums[None, column] = sums.get((None, column), 0) + number
    if counting.is_sum_of_rows and rows:
        totals = (sums.get((row, None)) or figures[row, None].number for row in rows)
        sums[None, None] = sum(totals)
    return {place: Figure(number) for place, number in sums.items()}


def _groups(counting: Counting) -> Iterator[tuple[bool, bool]]:
    """By rows, columns or neither: the parts of the statement, without totals that are sums."""
    yield True, counting.has_columns
    if counting.has_columns and not counting.is_sum_of_columns:
        yield True, False
    if counting.has_columns and not counting.is_sum_of_rows:
        yield False, True
    if not counting.is_sum_of_rows:
        yield False, False


def _keys(table: Any, by_row: bool, by_column: bool) -> list[Any]:
    return [table.c[name] for name, by in (("row", by_row), ("column", by_column)) if by]


def _part(table: Any, by_row: bool, by_column: bool, *figures: Any) -> Select[*tuple[Any, ...]]:
    row, column = (table.c.row if by_row else null()), (table.c.column if by_column else null())
    statement = select(literal("cell"), row, column, func.count(), *figures).select_from(table)
    return (
        statement.group_by(*_keys(table, by_row, by_column)) if by_row or by_column else statement
    )


def _numbers(facts: CTE, by_row: bool, by_column: bool) -> Select[*tuple[Any, ...]]:
    table: Any = facts
    if len(facts.c) > 1 + by_row + by_column:  # count(DISTINCT id) takes twice as long
        table = select(facts.c.id, *_keys(facts, by_row, by_column)).distinct().subquery()
    return _part(table, by_row, by_column, null(), null(), null())


def _medians(facts: CTE, by_row: bool, by_column: bool) -> Select[*tuple[Any, ...]]:
    """Number, shortest, median and longest: neither database has a median that the other has."""
    once: Any = select(facts.c.id, facts.c.days, *_keys(facts, by_row, by_column)).distinct()
    once = once.subquery()
    group = _keys(once, by_row, by_column) or None
    place = func.row_number().over(partition_by=group, order_by=once.c.days).label("place")
    of = func.count().over(partition_by=group).label("of")
    ranked: Any = select(*once.c, place, of).subquery()
    # Of an even number, both in the middle; integers are divided without a rest.
    twice = ranked.c.place * 2
    is_middle = twice.between(ranked.c.of, ranked.c.of + 2)
    days = ranked.c.days
    figures = (func.min(days), func.avg(days).filter(is_middle), func.max(days))
    return _part(ranked, by_row, by_column, *figures)


class _Facts:
    """What is counted, once for each row and column that it is in, as a statement that grows with
    what these need. A report counts in the year of its publication, a step in that of its day,
    an entry in each in which it has a step, and a duration in that of the signature.
    """

    def __init__(self, s: Session, flt: Filter, counting: Counting) -> None:
        self._s, self._flt, self._counting = s, flt, counting
        self._counted, self._joined = counting.counted, set[str]()
        of_reports, self._of_steps = report_conditions(s, flt), step_conditions(flt)
        # The conditions on reports are evaluated once, not for each agreement in turn.
        fitting = select(sql.plain(Reports)).where(*of_reports).cte("fitting")
        self._needs_reports = bool(of_reports)
        self._reports: Any = sql.plain(Reports)
        if of_reports:
            self._reports = fitting.prefix_with("MATERIALIZED")
        self._source: Any = sql.plain(Agreements)
        self._conditions: list[Any] = [agreement_condition(s, flt)]
        self._id: Any = Agreements.id
        self._day: Any = Steps.on
        self._end: Any = None
        self._more: list[Any] = []
        if self._counted is Counted.DURATIONS:
            first, last = self._first(counting.begin), self._first(counting.end)
            for days in (first, last):
                self._source = self._source.join(days, days.c.id == Agreements.id)
            self._conditions.append(last.c.on >= first.c.on)
            self._day, self._end = first.c.on, last.c.on
            self._more = [sql.days_between(self._s, first.c.on, last.c.on).label("days")]
        elif self._counted is Counted.STEPS:
            self._join_steps()
            self._id = cast(Steps.agreement_id, BigInteger) * _STEPS_OF_ONE + Steps.position
        elif self._counted is Counted.REPORTS:
            self._join_reports()
            self._conditions.append(self._reports.c.listed.is_(False))
            self._id, self._day = self._reports.c.document_id, REPORTS.published_on

    def all(self) -> Select[int]:
        """How many the selection has, whatever row and column they are in."""
        if self._counted in (Counted.ENTRIES, Counted.DURATIONS):
            return select(func.count()).select_from(Agreements).where(self._conditions[0])
        number = func.count(distinct(self._id))
        if self._counted is Counted.REPORTS:
            number = func.count()
        return select(number).select_from(self._whole).where(*self._all_conditions)

    def durations(self, among: Select[int]) -> Select[*tuple[Any, ...]]:
        """Each of these agreements with both of its days, and the days between them."""
        (days,) = self._more
        columns = (self._id.label("id"), self._day.label("begin"), self._end.label("end"), days)
        statement = select(*columns).select_from(self._source)
        statement = statement.where(*self._conditions, self._id.in_(among))
        return statement.order_by(days.desc(), self._id)

    def facts(self) -> Select[*tuple[Any, ...]]:
        self._whole, self._all_conditions = self._source, list(self._conditions)
        values = [self._value(self._counting.rows, "row")]
        if self._counting.compare:
            values.append(self._join_values(_compared(self._counting.compare), "column"))
        elif self._counting.columns is not None:
            values.append(self._value(self._counting.columns, "column"))
        self._conditions += [value.is_not(None) for value in values]
        if self._counting.is_matrix:
            self._conditions.append(values[0] != values[1])  # no party has one with itself
        named = [value.label(name) for value, name in zip(values, ("row", "column"), strict=False)]
        statement = select(self._id.label("id"), *named, *self._more).select_from(self._source)
        statement = statement.where(*self._conditions)
        # A report stands in one agreement, and in one of its steps.
        is_once = self._counted is Counted.REPORTS or self._joined <= {self._counted.value}
        return statement if is_once else statement.distinct()

    def _value(self, by: By, name: str) -> Any:
        is_entry = self._counted in (Counted.ENTRIES, Counted.DURATIONS)
        if by in _SEVERAL_OF_ONE:
            return self._join_values(_SEVERAL_OF_ONE[by](self._flt), name)
        if by is By.PARTY:
            members = members_of(self._flt, self._counting, name)
            return self._join_values(_parties(members), name)
        if by in (By.LANGUAGE, By.SOURCE):
            if self._counted is Counted.ENTRIES and self._of_steps and self._flt.by is None:
                self._join_steps()  # a report of such a step, as in lists
            self._join_rows()
            is_language = by is By.LANGUAGE
            name_of_source = func.coalesce(REPORTS.outlet, REPORTS.source_id)
            return REPORTS.language if is_language else name_of_source
        if by in PERIODS:
            if self._counted is Counted.ENTRIES:
                self._join_steps()
            elif self._counted is Counted.REPORTS:
                self._join_rows()
            return _period(self._s, by, self._day)
        if by is By.STATUS and not is_entry:
            self._join_steps()
            return Steps.status
        of_agreements: dict[By, Any] = {
            By.STATUS: status_known(self._flt),
            By.INSTRUMENT: Agreements.instrument,
            By.GRADE: Agreements.grade,
            By.TEXT: Agreements.text_state,
        }
        return of_agreements[by]

    def _join_values(self, values: Any, name: str) -> Any:
        joined = values.subquery(f"{name}s")
        self._source = self._source.join(joined, joined.c.id == Agreements.id)
        return joined.c.value

    def _join_reports(self) -> None:
        if "reports" not in self._joined:
            reports = self._reports
            on = reports.c.agreement_id == Agreements.id
            if "steps" in self._joined:
                on = and_(on, reports.c.step == Steps.position)
            self._source = self._source.join(reports, on)
            self._joined.add("reports")

    def _join_steps(self) -> None:
        if self._needs_reports:  # which report the step
            self._join_reports()
        if "steps" not in self._joined:
            on = Steps.agreement_id == Agreements.id
            if "reports" in self._joined:
                on = and_(on, Steps.position == self._reports.c.step)
            self._source = self._source.join(Steps, on)
            self._conditions += self._of_steps
            self._joined.add("steps")

    def _join_rows(self) -> None:
        self._join_reports()
        if "rows" not in self._joined:
            self._source = self._source.join(SEARCH_ROWS, REPORTS.id == self._reports.c.document_id)
            self._joined.add("rows")

    def _first(self, mark: Status | Mark) -> Any:
        """The first day of a stage, report or text of each agreement."""
        days: Any
        published: Any = Documents.published_on
        then = (published.is_not(None), *documents_then(self._flt, STORED))
        if mark is Mark.TEXT:
            days = select(Agreements.id.label("id"), published.label("on"))
            of_text = Documents.id == Agreements.text_document_id
            days = days.join_from(Agreements, Documents, of_text).where(*then)
        elif isinstance(mark, Mark):
            days = select(Reports.agreement_id.label("id"), func.min(published).label("on"))
            days = days.join_from(Reports, Documents, Documents.id == Reports.document_id)
            days = days.where(Reports.listed.is_(False), *then).group_by(Reports.agreement_id)
            if mark is Mark.OFFICIAL:
                days = days.where(published_officially(Documents.source_id, Documents.url))
        else:
            days = select(Steps.agreement_id.label("id"), func.min(Steps.on).label("on"))
            days = days.where(Steps.status == mark, Steps.on.is_not(None), *steps_then(self._flt))
            days = days.group_by(Steps.agreement_id)
        return days.subquery(f"{mark.value}_days")


def members_of(flt: Filter, counting: Counting, name: str) -> tuple[str, ...] | None:
    """The parties that are rows, or columns (`name`), of a matrix: the members of the first group,
    or the second, that the selection asks for. None: all parties.
    """
    groups = flt.party_groups if counting.is_matrix else []
    place = 0 if name == "row" else 1
    return groups[place] if place < len(groups) else None


def _period(s: Session, by: By, day: Any) -> Any:
    if not sql.is_sqlite(s):
        return func.to_char(day, "YYYY" if by is By.YEAR else "YYYYMM")
    written = cast(day, String)  # as ISO 8601 has it, and twice as fast as strftime
    year = func.substr(written, 1, 4, type_=String)
    return year if by is By.YEAR else year + func.substr(written, 6, 2, type_=String)


# Of topics and corridors a filter wants any: only these are shown, so that a cell leads to the list
# of what it counts.


def _topics(flt: Filter) -> Select[*tuple[Any, ...]]:
    id_, topic = AgreementTopics.agreement_id, AgreementTopics.topic
    topics = select(id_.label("id"), topic.label("value"))
    return topics.where(topic.in_(flt.topics)) if flt.topics else topics


def _first_outlets(flt: Filter) -> Select[*tuple[Any, ...]]:
    """Who reported each agreement first, as `storage.lists.first_reports` finds it for one."""
    order = (REPORTS.published_on, REPORTS.first_seen_at, REPORTS.id)
    place = func.row_number().over(partition_by=Reports.agreement_id, order_by=order)
    dated = REPORTS.published_on.is_not(None)
    conditions: list[Any] = [Reports.step.is_not(None), Reports.listed.is_(False), dated]
    conditions += documents_then(flt, REPORTS)
    outlet = func.coalesce(REPORTS.outlet, REPORTS.source_id)
    ranked = select(Reports.agreement_id.label("id"), outlet.label("value"), place.label("place"))
    ranked = ranked.join(SEARCH_ROWS, REPORTS.id == Reports.document_id).where(*conditions)
    first = ranked.subquery()
    return select(first.c.id, first.c.value).where(first.c.place == 1)


def _parties(among: Sequence[str] | None) -> Select[*tuple[Any, ...]]:
    id_, party = AgreementParties.agreement_id, AgreementParties.party
    parties = select(id_.label("id"), party.label("value"))
    return parties if among is None else parties.where(party.in_(among))


def _corridors(flt: Filter) -> Select[*tuple[Any, ...]]:
    return _pairs(flt.pairs)


def _pairs(wanted: Sequence[tuple[str, ...]]) -> Select[*tuple[Any, ...]]:
    first, other = (
        sql.plain(AgreementParties).alias(),
        sql.plain(AgreementParties).alias(),
    )
    pairs = select(
        first.c.agreement_id.label("id"),
        (first.c.party + literal("-") + other.c.party).label("value"),
    ).where(
        first.c.agreement_id == other.c.agreement_id,
        first.c.party < other.c.party,
    )
    if not wanted:
        return pairs
    in_order = (sorted(pair) for pair in wanted)
    return pairs.where(or_(*(and_(first.c.party == a, other.c.party == b) for a, b in in_order)))


def _compared(values: Sequence[str]) -> Any:
    parties = [value for value in values if "-" not in value]
    pairs = [tuple(value.split("-")) for value in values if "-" in value]
    statement = _parties(parties)
    return union_all(statement, _pairs(pairs)) if pairs else statement


# What an agreement has several of.
_SEVERAL_OF_ONE = {By.TOPIC: _topics, By.FIRST: _first_outlets, By.CORRIDOR: _corridors}
