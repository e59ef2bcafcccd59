"""The count of the register that people and programs request: rows, columns, what is counted and
what is compared, read in one place beside the filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scheduler.configuration.party_names import corridor_meant, nearest_parties, party_meant
from scheduler.configuration.query import (
    Misread,
    Query,
    QueryError,
    cleaned,
    near_pairs,
    read_query,
)
from storage.counting import ENDS, PERIODS, By, Counted, Counting, Mark
from storage.filter import MOST_NEAR
from storage.records import Status

MOST_COMPARED = 8  # parties and corridors, as many as a chart has colours
CHARTS = ("bars", "lines", "heat")
# Of these an agreement, or a stage, has one: of the same twice, only the diagonal would be filled.
_OF_ONE_VALUE = {By.YEAR, By.MONTH, By.STATUS, By.INSTRUMENT, By.GRADE, By.TEXT, By.FIRST}
COUNTING = {
    **{"rows": tuple(By), "columns": tuple(By), "count": tuple(Counted), "chart": CHARTS},
    **{"from": tuple(Status), "to": ENDS, "zeros": ("1",)},
}


def read_counting(
    pairs: Iterable[tuple[str, str]], beside: Mapping[str, Sequence[str]] | None = None
) -> tuple[Query, Counting]:
    """What is counted, of which selection, as `read_query` reads it. Raises QueryError."""
    pairs = list(pairs)
    misread, query = list[Misread](), Query()
    try:
        query = read_query(pairs, {**(beside or {}), **COUNTING, "compare": ()})
    except QueryError as error:
        misread, query = list(error.misread), error.understood
    by_name: dict[str, list[str]] = {name: [] for name in (*COUNTING, "compare")}
    for name, value in pairs:
        if name in by_name and value:
            by_name[name] += filter(None, map(cleaned, value.split(",")))
    strange = {one.name for one in misread}
    for name in COUNTING:
        if len(by_name[name]) > 1 and name not in strange:
            misread.append(Misread(name, by_name[name][-1], "once"))
    compare, faults = _compared(by_name["compare"])
    misread += faults
    if compare and by_name["columns"]:
        misread.append(Misread("columns", by_name["columns"][0], "compared"))
    if misread:
        raise QueryError(misread, query)
    named = {name: values[0] for name, values in by_name.items() if values}
    begin, end = _duration(named, query)
    counting = Counting(
        By(named.get("rows", By.YEAR)),
        By(named["columns"]) if "columns" in named else None,
        Counted(named.get("count", Counted.ENTRIES)),
        compare,
        begin,
        end,
        "zeros" in named,
    )
    _check_together(counting, query, chart=named.get("chart"))
    return query, counting


def _check_together(counting: Counting, query: Query, *, chart: str | None) -> None:
    """Raises QueryError for what means nothing together."""
    if counting.rows is counting.columns and counting.rows in _OF_ONE_VALUE:
        raise QueryError([Misread("columns", counting.rows, "same_twice")], query)
    if counting.with_zeros and not (query.groups and counting.rows is By.PARTY):
        raise QueryError([Misread("zeros", "1", "no_group")], query)
    if chart == "lines" and counting.rows not in PERIODS:
        raise QueryError([Misread("rows", counting.rows, "no_line", PERIODS)], query)


def _duration(named: dict[str, str], query: Query) -> tuple[Status, Status | Mark]:
    """From where to where a duration is counted; that it is counted goes without saying. Raises
    QueryError.
    """
    begin, end = Status(named.get("from", Status.SIGNED)), named.get("to", Status.IN_FORCE.value)
    if not {"from", "to"}.isdisjoint(named):
        if named.setdefault("count", Counted.DURATIONS) != Counted.DURATIONS:
            raise QueryError([Misread("count", named["count"], "no_duration")], query)
        if begin == end:
            raise QueryError([Misread("to", end, "same_stage")], query)
    return begin, Mark(end) if end in set(Mark) else Status(end)


def _compared(values: Sequence[str]) -> tuple[tuple[str, ...], list[Misread]]:
    """The codes of parties and corridors that are compared, and those that nobody knows."""
    if len(values) > MOST_COMPARED:
        return (), [Misread("compare", str(len(values)), "too_many", number=MOST_COMPARED)]
    codes, faults = list[str](), list[Misread]()
    for value in values:
        meant = party_meant(value) or corridor_meant(value)
        if meant is not None:
            codes.append("-".join(sorted(meant.split("-"))))
        elif near := near_pairs(value):
            faults.append(Misread("compare", value, "pair", tuple(near)))
        else:
            near = list(nearest_parties(value).values())[:MOST_NEAR]
            faults.append(Misread("compare", value, "party", tuple(near)))
    return tuple(dict.fromkeys(codes)), faults
