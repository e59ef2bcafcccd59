"""The ledger of collecting: how often each source was polled, what it offered, and what became of
it.

What is counted is added in the transaction that does it, so that the sums add up at any moment: of
each source `new` + `again` is the sum of its outcomes and of its rows that are still open on the
frontier. A day (UTC) is stored in quarters, since the health checks need the last hours; after six
weeks they become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, and_, bindparam, case, delete, func, or_, select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.register.list_rows import published
from storage.sources.tables import SourceDayCounts, SourceDays

DAYS_IN_QUARTERS, MOST_DAYS = 42, 400
_FOLDED_AT_ONCE = 2000  # rows; other writers wait for this

# The fields of a Tally with counted names, by the name of their kind in the table.
_KINDS = {"flaw": "flaws", "language": "languages", "left": "left", "outcome": "outcomes"}
_LEFT = "left"  # it is counted at each look; of a day the most is stored
CUT = "cut"  # a flaw: the text is only a part of the article

_DAYS, _COUNTS = sql.plain(SourceDays), sql.plain(SourceDayCounts)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a source was polled in a stretch of time, and what came of it.

    `polls` include those that failed. `new` are documents that were put on the frontier, `again`
    those that were put there once more, to be looked at again. `fetched` documents arrived;
    `matched` of the stored ones are alerts, `reviewed` wait for a person. Of the stored ones, too:
    how many have a title and a date. `newest_on` is the day of the newest document that the source
    offered. `outcomes` are what became of documents: stored, changed,
    unchanged, duplicate, or why one was not stored. `flaws` are what is wrong with texts that were
    stored.
    """

    polls: int = 0
    polls_failed: int = 0
    offered: int = 0
    new: int = 0
    again: int = 0
    fetched: int = 0
    matched: int = 0
    reviewed: int = 0
    titled: int = 0
    dated: int = 0
    newest_on: date | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    flaws: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMS}
        newest = max(filter(None, (self.newest_on, other.newest_on)), default=None)
        return Tally(
            **sums,
            newest_on=newest,
            outcomes=Counter(self.outcomes) + Counter(other.outcomes),
            languages=Counter(self.languages) + Counter(other.languages),
            left=Counter(self.left) | Counter(other.left),  # the most
            flaws=Counter(self.flaws) + Counter(other.flaws),
        )

    @property
    def stored(self) -> int:
        """Documents that were stored: new ones, and known ones with a new text."""
        return self.outcomes.get("stored", 0) + self.outcomes.get("changed", 0)

    @property
    def cut(self) -> int:
        return self.flaws.get(CUT, 0)

    @property
    def answered(self) -> int:
        return self.polls - self.polls_failed


SUMS = tuple(one.name for one in fields(Tally) if one.type == "int")

# (the day, the quarter of it from 0 to 3)
Moment = tuple[date, int]


def moment_of(at: datetime) -> Moment:
    """Return the day and its quarter of an aware UTC time."""
    return at.date(), at.hour // 6


# --- writing ------------------------------------------------------------------------------------


def write(s: Session, now: datetime, counted: Iterable[tuple[str, Tally]]) -> None:
    """Add what was counted of sources, given by id, to the present quarter of the day, with two
    statements for any number of them.
    """
    _add(s, ((source_id, moment_of(now), tally) for source_id, tally in counted))


def _add(s: Session, counted: Iterable[tuple[str, Moment, Tally]]) -> None:
    sums: dict[tuple[str, Moment], Tally] = {}
    for source_id, moment, tally in counted:
        sums[source_id, moment] = sums.get((source_id, moment), Tally()) + tally
    # Always in the same order: PostgreSQL lets two writers wait for each other for ever.
    added = [
        ({"source_id": source_id, "on": on, "quarter": quarter}, tally)
        for (source_id, (on, quarter)), tally in sorted(sums.items(), key=lambda one: one[0])
    ]
    days = [key | {name: getattr(tally, name) for name in _COLUMNS} for key, tally in added]
    counts = [
        key | {"what": what, "name": name, "n": n}
        for key, tally in added
        for what, kind in _KINDS.items()
        for name, n in sorted(getattr(tally, kind).items())
    ]
    if days:
        s.execute(_adding_days(s.dialect.name), days)
    if counts:
        s.execute(_adding_counts(s.dialect.name), counts)


_COLUMNS = (*SUMS, "newest_on")


@cache
def _adding_days(dialect: str) -> Executable:
    insert = sql.insert_into(SourceDays, dialect)
    added: dict[str, Any] = {name: _DAYS.c[name] + insert.excluded[name] for name in SUMS}
    mine, other = _DAYS.c.newest_on, insert.excluded.newest_on
    added["newest_on"] = case((or_(mine.is_(None), other > mine), other), else_=mine)
    return insert.on_conflict_do_update(index_elements=_keys(_DAYS), set_=added)


@cache
def _adding_counts(dialect: str) -> Executable:
    insert = sql.insert_into(SourceDayCounts, dialect)
    mine, other = _COUNTS.c.n, insert.excluded.n
    most = case((other > mine, other), else_=mine)
    n = case((_COUNTS.c.what == _LEFT, most), else_=mine + other)
    return insert.on_conflict_do_update(index_elements=_keys(_COUNTS), set_={"n": n})


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


# --- reading ------------------------------------------------------------------------------------


def tallies(
    s: Session, since: date, source_ids: Collection[str] | None = None
) -> dict[str, dict[Moment, Tally]]:
    """What was counted from the day `since` on, by source, in the order of time."""
    named = _names(s, since, source_ids)
    columns = [_DAYS.c.source_id, _DAYS.c.on, _DAYS.c.quarter, _DAYS.c.newest_on]
    rows = select(*columns, *(_DAYS.c[name] for name in SUMS)).where(_DAYS.c.on >= since)
    rows = rows if source_ids is None else rows.where(_DAYS.c.source_id.in_(source_ids))
    by_source: dict[str, dict[Moment, Tally]] = {}
    for source_id, on, quarter, newest_on, *sums in s.execute(rows.order_by(*columns[:3])):
        kinds = named.get((source_id, on, quarter), {})
        fields: dict[str, Any] = dict(zip(SUMS, sums, strict=True))
        fields |= {_KINDS[what]: names for what, names in kinds.items()}
        by_source.setdefault(source_id, {})[on, quarter] = Tally(**fields, newest_on=newest_on)
    return by_source


def _names(
    s: Session, since: date, source_ids: Collection[str] | None
) -> dict[tuple[str, date, int], dict[str, dict[str, int]]]:
    counts: dict[tuple[str, date, int], dict[str, dict[str, int]]] = {}
    rows = select(*_COUNTS.columns).where(_COUNTS.c.on >= since)
    rows = rows if source_ids is None else rows.where(_COUNTS.c.source_id.in_(source_ids))
    for source_id, on, quarter, what, name, n in s.execute(rows):
        counts.setdefault((source_id, on, quarter), {}).setdefault(what, {})[name] = n
    return counts


def came_since(s: Session, at: datetime, notified: Collection[int] = ()) -> int:
    """Return how many documents came since then: new ones, wherever from, and known ones with a
    new text. Rows of lists are none, nor are the parts of a page. Those `notified` count, too, that
    came earlier.
    """
    on, quarter = moment_of(at)
    is_later = or_(_COUNTS.c.on > on, and_(_COUNTS.c.on == on, _COUNTS.c.quarter >= quarter))
    changed = (_COUNTS.c.what == "outcome") & (_COUNTS.c.name == "changed")
    is_new = Documents.first_seen_at >= at
    is_whole = Documents.part_of.is_(None)
    new = sql.count(s, Documents, is_new, is_whole, published(Documents.source_id))
    anew = s.scalar(select(func.sum(_COUNTS.c.n)).where(is_later, changed))
    seen = sql.values_by(s, Documents.id, Documents.first_seen_at, set(notified))
    return new + int(anew or 0) + sum(first_at < at for first_at in seen.values())


def by_day(found: Mapping[Moment, Tally]) -> dict[date, Tally]:
    days: dict[date, Tally] = {}
    for (on, _), tally in found.items():
        days[on] = days[on] + tally if on in days else tally
    return days


def total(tallied: Iterable[Tally]) -> Tally:
    return sum(tallied, Tally())


# --- forgetting ---------------------------------------------------------------------------------


def fold_and_forget(s: Session, today: date) -> None:
    """Make one of the quarters of old days, and delete days that are older than DAYS_KEPT."""
    for table in (_DAYS, _COUNTS):
        s.execute(delete(table).where(table.c.on < today - timedelta(days=MOST_DAYS)))
        _fold(s, table, today - timedelta(days=DAYS_IN_QUARTERS))


def _fold(s: Session, table: Table, before: date) -> None:
    quarters = (table.c.on < before) & (table.c.quarter > 0)
    rows = s.execute(select(table).where(quarters).limit(_FOLDED_AT_ONCE)).all()
    if not rows:
        return
    for_day: list[tuple[str, Moment, Tally]] = []
    for row in rows:
        fields: dict[str, Any] = (
            {name: getattr(row, name) for name in _COLUMNS}
            if table is _DAYS
            else {_KINDS[row.what]: {row.name: row.n}}
        )
        for_day.append((row.source_id, (row.on, 0), Tally(**fields)))
    _add(s, for_day)
    same = [table.c[key] == bindparam(f"old_{key}") for key in _keys(table)]
    old = [{f"old_{key}": getattr(row, key) for key in _keys(table)} for row in rows]
    s.execute(delete(table).where(*same), old)
