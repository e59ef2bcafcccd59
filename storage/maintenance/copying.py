"""Copying a database row by row into another one, of the same kind or the other.

Rows go over in the order of their primary keys, in batches that are committed one by one. Until the
copy is complete and compared, the target carries a mark in the place of its schema version, so that
nobody else can open it. A copy that was broken off begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, collate, delete, func, insert, select, text

from storage.database import sql
from storage.database.session import BEGUN_COPY, HEAD, Database, Session
from storage.database.tables import METADATA
from storage.errors import DatabaseError

BATCH = 500  # rows a transaction: at most some 10 MB of texts


def copy_rows(
    source: Database, target: Database, report: Callable[[str, int], None]
) -> dict[str, int]:
    """Copy all rows of `source` into `target`, which is empty or has a copy that was broken off.

    `report` gets the name of each table when it begins, and how many rows it will have. Returns
    the number of rows by table, each of which was read back and compared. Raises DatabaseError if
    the target holds something of its own, or differs after the copy. Whoever calls makes sure that
    nobody else writes to either.
    """
    _claim(target)
    with source.read() as s:
        for table in _tables():
            report(table.name, sql.count(s, table))
            with _rows(s, table) as rows:
                for batch in sql.chunks(rows, BATCH):
                    with target.begin() as t:
                        t.execute(insert(table), [row._asdict() for row in batch])
        counts = _compare(s, target)
        _finish(s, target)
    return counts


def _claim(target: Database) -> None:
    """Mark the target as half copied, and empty it if it was. Raises DatabaseError if in use."""
    with target.begin() as t:
        if t.scalar(text("SELECT version_num FROM alembic_version")) == BEGUN_COPY:
            for table in reversed(_tables()):
                t.execute(delete(table))
            return
        counts = {table.name: sql.count(t, table) for table in _tables()}
        if any(counts.values()):
            named = ", ".join(f"{name}: {n}" for name, n in counts.items() if n)
            raise DatabaseError(
                f"the target holds rows already ({named}): name a database that is new or empty"
            )
        _mark(t, BEGUN_COPY)


def _compare(s: Session, target: Database) -> dict[str, int]:
    counts = {}
    with target.read() as t:
        for table in _tables():
            with _rows(s, table) as ours, _rows(t, table) as theirs:
                counts[table.name] = _count_alike(table, ours, theirs)
    return counts


def _count_alike(table: Table, ours: Iterator[Any], theirs: Iterator[Any]) -> int:
    number = 0
    for number, (one, other) in enumerate(zip_longest(ours, theirs), start=1):
        if one != other:
            raise DatabaseError(
                f"{table.name}: row {number} differs after it was copied: "
                "run the command again, and report it if it stays"
            )
    return number


def _finish(s: Session, target: Database) -> None:
    """Let the target give numbers that the source never gave, and open it to everybody."""
    with target.begin() as t:
        for table in _tables():
            # Return the column whose values the database itself gives out, if the table has one.
            column = table.autoincrement_column
            numbers = None if column is None or column.foreign_keys else column
            if numbers is not None:
                _continue_numbers(t, table, numbers, _last_number(s, table, numbers))
        _mark(t, HEAD)
    with target.connect() as connection:
        connection.execute(text("ANALYZE"))


def _last_number(s: Session, table: Table, numbers: Column[Any]) -> int:
    """Return the highest number given so far, also if its row was deleted; 0 if there was none."""
    highest = s.scalar(select(func.max(numbers))) or 0
    if s.dialect.name == "sqlite":
        counter = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        issued = s.scalar(counter, {"name": table.name})
    else:
        counter = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :column))")
        issued = s.scalar(counter, {"name": table.name, "column": numbers.name})
    return max(highest, issued or 0)


def _continue_numbers(t: Session, table: Table, numbers: Column[Any], last: int) -> None:
    named = {"name": table.name, "last": last}
    if not last:
        return
    if t.dialect.name != "sqlite":
        following = text("SELECT setval(pg_get_serial_sequence(:name, :column), :last)")
        t.execute(following, named | {"column": numbers.name})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        # SQLite has a counter only of tables into which something was inserted.
        t.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        t.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), named)


@contextmanager
def _rows(s: Session, table: Table) -> Iterator[Iterator[Any]]:
    """The rows of a table in the order of their keys, which is the same for each database."""
    order = [_ordered(column, s) for column in table.primary_key.columns]
    rows = select(table).order_by(*order).execution_options(yield_per=BATCH)
    with s.execute(rows) as result:
        yield result


def _ordered(column: ColumnElement[Any], s: Session) -> ColumnElement[Any]:
    if s.dialect.name == "sqlite" or column.type.python_type is not str:
        return column
    return collate(column, "C")  # by bytes, as SQLite does; not by the server's language


def _tables() -> list[Table]:
    """Our tables, each after those that it refers to."""
    return METADATA.sorted_tables


def _mark(t: Session, version: str) -> None:
    t.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
