"""A count in words: how many agreements, stages or reports a selection has by year, status, party
and so on, as a table that page, files, command line and API show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from babel.dates import format_skeleton

from scheduler.configuration.query import Misread, Query, QueryError
from scheduler.views.columns import Column, Row, Table
from scheduler.views.register_entries import named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import filter_value_in_words
from storage.counting import PERIODS, By, Counted, Counting, Mark
from storage.database.session import Session
from storage.filter import allowed
from storage.records import Status
from storage.search.pivot import MOST_CELLS, Figure, Pivot, TooManyCells, durations, members_of

Value = tuple[str, str]  # a year, status or party, as filters write it, and as readers call it

_RANKED = {By.STATUS: "statuses", By.GRADE: "grades", By.TEXT: "texts"}
_MOST_PERIODS = 240  # between the first and the last, which are all shown
_FEW = (By.YEAR, By.STATUS, By.TOPIC)  # what has few values, offered where a table is too large
_MOST_DURATIONS = 100
OF_DAYS = ("number", "shortest", "median", "longest")


class DurationLine(NamedTuple):
    """A duration behind a median, and what its agreement is called."""

    id: str
    name: str
    begin: date
    end: date
    days: int


@dataclass(frozen=True, slots=True)
class CountedTable:
    """A count with its title. Rows and columns stand in the order in which they are shown.
    `durations` are the longest ones behind its medians.
    """

    counting: Counting
    title: str
    rows: Sequence[Value]
    columns: Sequence[Value]
    pivot: Pivot
    durations: Sequence[DurationLine] = ()

    @property
    def total(self) -> Figure:
        return self.pivot.at(None)

    @property
    def of_days(self) -> bool:
        """Whether it has no columns but those of a duration."""
        return self.counting.counted is Counted.DURATIONS and not self.columns

    def value(self, row: str | None, column: str | None = None) -> float | None:
        """The number of a cell, or the median of its days; None where there is nothing."""
        figure = self.pivot.at(row, column)
        if self.counting.counted is Counted.DURATIONS:
            return figure.median
        return figure.number if self.counting.with_zeros else figure.number or None


def count_table(
    query: Query, counting: Counting, words: Labels, count: Callable[[], Pivot]
) -> CountedTable:
    """A count in words. Raises QueryError for a table of more cells than anybody reads."""
    rows, columns = counting.rows, counting.columns
    try:
        pivot = count()
    except TooManyCells as error:
        name, value = ("columns", columns) if columns else ("rows", rows)
        near = tuple(by for by in _FEW if by is not value)
        misread = Misread(name, str(value), "too_many_cells", near, MOST_CELLS)
        raise QueryError([misread], query) from error
    label = partial(_label, words=words)
    across = list(counting.compare)
    if columns:
        codes = pivot.columns
        if counting.with_zeros:
            codes = members_of(query.filter, counting, "column") or codes
        totals = {code: pivot.at(None, code).number for code in codes}
        across = _in_order(columns, totals, words)
    numbers = {code: pivot.at(code).number for code in pivot.rows}
    if counting.with_zeros:
        groups = query.party_groups[: 1 if counting.is_matrix else None]
        numbers = {code: numbers.get(code, 0) for group in groups for code in group}
    down = _in_order(rows, numbers, words)
    return CountedTable(
        counting,
        _title(counting, words),
        [(one, label(rows, one)) for one in down],
        [(one, label(columns or _kind(one), one)) for one in across],
        pivot,
    )


def with_durations(s: Session, table: CountedTable, query: Query, words: Labels) -> CountedTable:
    """The table with the agreements behind its medians, where it has any."""
    if table.counting.counted is not Counted.DURATIONS:
        return table
    found = durations(s, query.filter, table.counting, _MOST_DURATIONS)
    entries = named_entries(s, [duration.agreement for duration in found], words.language)
    lines = [
        DurationLine(duration.agreement.id, entry.name, *duration[1:])
        for duration, entry in zip(found, entries, strict=True)
    ]
    return replace(table, durations=lines)


def _title(counting: Counting, words: Labels) -> str:
    what = words.term(f"page.counting.what.{counting.counted}")
    if counting.counted is Counted.DURATIONS and not counting.is_to_force:
        begin, end = mark_in_words(counting.begin, words), mark_in_words(counting.end, words)
        what = words.say("Days from “{begin}” to “{end}”", begin=begin, end=end)
    filled = {"what": what, "rows": words.term(f"page.counting.by.{counting.rows}")}
    if counting.is_matrix:
        return words.say("{what} between parties", what=what)
    if counting.compare:
        names = words.listed(value_in_words(one, words) for one in counting.compare)
        return words.say("{what} by {rows}: {compared}", **filled, compared=names)
    if counting.columns:
        columns = words.term(f"page.counting.by.{counting.columns}")
        return words.say("{what} by {rows} and {columns}", **filled, columns=columns)
    return words.say("{what} by {rows}", **filled)


def mark_in_words(mark: Status | Mark, words: Labels) -> str:
    """Where a duration begins or ends: a status, or a report or text."""
    if isinstance(mark, Status):
        return words.status(mark, None)
    return words.term(f"page.counting.mark.{mark}")


def value_in_words(compared: str, words: Labels) -> str:
    """A party or corridor that is compared, in words."""
    return _label(_kind(compared), compared, words)


def _kind(compared: str) -> By:
    return By.CORRIDOR if "-" in compared else By.PARTY


def _label(by: By, value: str, words: Labels) -> str:
    if by is By.MONTH:
        first = date(int(value[:4]), int(value[4:]), 1)
        return str(format_skeleton("yMMM", first, locale=words.locale))
    return value if by is By.YEAR else filter_value_in_words(by.value, value, words)


def _in_order(by: By, totals: Mapping[str, int], words: Labels) -> list[str]:
    """Periods from the first to the last without a gap, ranks as they rise, the rest by number."""
    if by in PERIODS and totals:
        between = list(_periods(by, min(totals), max(totals)))
        return between if len(between) <= _MOST_PERIODS else sorted(totals)
    if by in _RANKED:
        return [one for one in allowed(_RANKED[by]) if one in totals]
    return sorted(totals, key=lambda one: (-totals[one], _label(by, one, words)))


def _periods(by: By, first: str, last: str) -> Iterable[str]:
    if by is By.YEAR:
        return (f"{year:04}" for year in range(int(first), int(last) + 1))
    months = range(*(int(one[:4]) * 12 + int(one[4:]) - 1 for one in (first, last)))
    return (f"{one // 12:04}{one % 12 + 1:02}" for one in (*months, months.stop))


# --- for files and programs -----------------------------------------------------------------------


def as_json(table: CountedTable) -> dict[str, Any]:
    """The table for programs, with the codes that filters take."""
    counting = table.counting
    figure = _days if counting.counted is Counted.DURATIONS else (lambda one: one.number)

    def across(row: str | None) -> dict[str, Any]:
        return {code: figure(table.pivot.at(row, code)) for code, _ in table.columns}

    items = [
        {"value": code, "name": name, "total": figure(table.pivot.at(code)), "cells": across(code)}
        for code, name in table.rows
    ]
    columns = [{"value": code, "name": name} for code, name in table.columns]
    lines = [
        {**line._asdict(), "begin": line.begin.isoformat(), "end": line.end.isoformat()}
        for line in table.durations
    ]
    return {
        "title": table.title,
        "count": counting.counted,
        "rows": counting.rows,
        "columns": columns,
        "items": items,
        "totals": across(None),
        "total": figure(table.total),
        "of": table.pivot.of,
        "durations": lines,
    }


def _days(one: Figure) -> dict[str, Any]:
    return dict(zip(OF_DAYS, one, strict=True))


def as_rows(
    table: CountedTable, words: Labels, more: Mapping[str, str] | None = None
) -> tuple[Table[Row], list[Row]]:
    """The table as rows of a file, the last with the totals: codes in the head, the name of each
    row beside its code, and in each row what the file says of itself (`more`).
    """
    first, more = table.counting.rows.value, more or {}
    codes = dict[str, str]()
    for code, _ in table.columns:
        name = code
        while name in (first, "name", "total", *more, *codes.values()):  # a source may be "total"
            name += "_"
        codes[code] = name
    rows = []
    named = [*table.rows, ("", words.say("Total"))]
    for value, name in named:
        row: Row = {first: value, "name": name}
        at = value or None
        if table.of_days:
            row |= _days(table.pivot.at(at))
        else:
            row |= {shown: table.value(at, own) or 0 for own, shown in codes.items()}
            row["total"] = table.value(at) or 0
        rows.append({**row, **more})
    texts = (first, "name", *more)
    columns = tuple(
        Column[Row](one, "string" if one in texts else "number", itemgetter(one)) for one in rows[0]
    )
    return Table[Row]("counts", columns), rows


def as_long_rows(
    table: CountedTable, more: Mapping[str, str] | None = None
) -> tuple[Table[Row], list[Row]]:
    """The table with a row for each number above zero, as programs that draw networks or fit
    models take it: of pairs of parties the two ends of an edge, as ISO 3166-1 alpha-2 codes.
    """
    axis, across = table.counting.rows, table.counting.columns
    ends = ("from", "to") if axis is By.CORRIDOR else (axis.value,)
    columns: list[str | None] = [code for code, _ in table.columns]
    rows: list[Row] = [
        dict(zip(ends, value.split("-", 1) if len(ends) > 1 else (value,), strict=True))
        | ({across.value: column} if across and column is not None else {})
        | {table.counting.counted.value: number}
        | dict(more or {})
        for value, _ in table.rows
        for column in columns or [None]
        if (number := table.value(value, column))
    ]
    names = (
        *ends,
        *((across.value,) if across else ()),
        table.counting.counted.value,
        *(more or ()),
    )
    numbers = {table.counting.counted.value}
    described = (
        Column[Row](name, "number" if name in numbers else "string", itemgetter(name))
        for name in names
    )
    return Table[Row]("counts", tuple(described)), rows


def as_cells(table: CountedTable, words: Labels) -> tuple[list[str], list[list[str]]]:
    """The table as people read it: its head, and its rows, the last with the totals."""
    total = words.say("Total")
    across: list[str | None] = [code for code, _ in table.columns]
    head = [name for _, name in table.columns] + [total]
    if table.of_days:
        head = [words.term(f"page.counting.{name}") for name in OF_DAYS]

    def cells(row: str | None) -> list[str]:
        values: Sequence[float | None] = table.pivot.at(row)
        if not table.of_days:
            values = [table.value(row, column) for column in (*across, None)]
        return ["" if value is None else words.decimal(value) for value in values]

    rows = [[name, *cells(code)] for code, name in table.rows]
    by = words.term(f"page.counting.by.{table.counting.rows}")
    return [by, *head], [*rows, [total, *cells(None)]]
