"""Statements that run on both databases: looking up by keys, adding, changing, removing rows.

Statements that run for every document are built once, at import. To build a statement anew each
time costs 0.2 ms before SQLite sees it; one that was built before costs a fifth of that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    Connection,
    CursorResult,
    Date,
    Executable,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import InstrumentedAttribute as Column

from storage.database.columns import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

# The most values in one IN list. SQLite takes 32,766 parameters in a statement, but plans short
# lists faster.
CHUNK = 500
# The placeholder, in a statement, for the list of values that `rows_of` and `for_all` fill in.
IDS: BindParameter[Any] = bindparam("ids", expanding=True)


def is_sqlite(s: Connection) -> bool:
    """Whether a session's database is SQLite; else it is PostgreSQL."""
    return s.dialect.name == "sqlite"


def days_between(s: Connection, first: Any, last: Any) -> Any:
    """The number of days from one day to another, in either database."""
    if is_sqlite(s):
        return as_type(func.julianday(last) - func.julianday(first), Integer)
    return as_type(last, Date) - as_type(first, Date)


def plain(table: type[Base]) -> Table:
    return cast(Table, table.__table__)


def rows_of(
    s: Connection, statement: Executable, ids: Iterable[Any]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows of a statement with `IDS` in it, which is executed once per chunk of `ids`."""
    for chunk in chunks(ids):
        yield from s.execute(statement, {"ids": chunk})


def for_all(s: Connection, statement: Executable, ids: Iterable[Any]) -> None:
    """Execute a statement with `IDS` in it that returns no rows."""
    for chunk in chunks(ids):
        s.execute(statement, {"ids": chunk})


def count(s: Connection, rows: Any, *conditions: Any) -> int:
    """Return how many rows of a table or a selection meet all these conditions."""
    counted = select(func.count()).select_from(rows).where(*conditions)
    return s.execute(counted).scalar_one()


def values_by(s: Connection, key: Column[K], value: Column[V], keys: Iterable[K]) -> dict[K, V]:
    """Return the value of a column for each of these keys that a row has."""
    return dict(cast(Any, rows_of(s, _among(key, key, value), keys)))


def values_among(
    s: Connection, value: Column[V], key: Column[K], keys: Iterable[K], *conditions: Any
) -> set[V]:
    """Return the values of a column in the rows that have one of these keys."""
    return {found for (found,) in rows_of(s, _among(key, value).where(*conditions), keys)}


def all_values_by(
    s: Connection, key: Column[K], value: Column[V], keys: Iterable[K], *conditions: Any
) -> dict[K, list[V]]:
    """Return the values of a column in all rows with each of these keys, in their order."""
    by_key: dict[K, list[V]] = {}
    rows = _among(key, key, value).where(*conditions).order_by(key, value)
    for one, other in rows_of(s, rows, keys):
        by_key.setdefault(one, []).append(other)
    return by_key


_among: Callable[..., Select[*tuple[Any, ...]]] = cache(
    lambda key, *columns: select(*columns).where(key.in_(IDS))
)


def add(s: Connection, table: type[Base], /, **row: Any) -> int:
    """Insert a row, and return its number. A record that is not stored yet has the id 0."""
    if row.get("id") == 0:
        del row["id"]
    made: Any = s.execute(insert(plain(table)).values(row)).inserted_primary_key
    return cast(int, made[0])


def change(s: Connection, table: type[Base], /, *conditions: Any, **values: Any) -> int:
    """Give the rows that meet all these conditions other values, and return how many they are."""
    return rows_changed(s.execute(update(plain(table)).where(*conditions).values(values)))


def remove(s: Connection, table: type[Base], /, *conditions: Any) -> int:
    """Delete the rows that meet all these conditions, and return how many they were."""
    return rows_changed(s.execute(delete(plain(table)).where(*conditions)))


def put(s: Connection, table: type[Base], /, **row: Any) -> None:
    """Insert a whole row, or replace the row with the same key."""
    put_all(s, table, [row])


def put_all(s: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace rows as `put` does, with one statement for all of them."""
    s.execute(_putting(table, s.dialect.name), rows[0] if len(rows) == 1 else rows)


@cache
def _putting(table: type[Base], dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(table, dialect)
    (key,) = plain(table).primary_key.columns
    others = {
        column.name: insert.excluded[column.name]
        for column in plain(table).columns
        if column is not key
    }
    return insert.on_conflict_do_update(index_elements=[key], set_=others)


def add_missing(s: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows but those whose key a row has already; of a single one, return whether it was."""
    if not rows:
        return 0
    statement = insert_into(table, s.dialect.name).on_conflict_do_nothing()
    return rows_changed(s.execute(statement, rows[0] if len(rows) == 1 else rows))


def add_or_change(
    s: Connection,
    table: type[Base],
    key: Mapping[str, Any],
    new: Mapping[str, Any],
    changed: Mapping[str, Any],
) -> None:
    """Insert a `new` row, or give the one that has this key the `changed` values."""
    statement = insert_into(table, s.dialect.name).values(**{**key, **new})
    s.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def insert_into(table: type[Base], dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return a dialect's INSERT. That of PostgreSQL is imported where it is used."""
    if dialect == "sqlite":
        return sqlite.insert(plain(table))
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(plain(table))


def columns_of(record: type[Any], *tables: type[Base]) -> list[Any]:
    """Return a column for each field of a record, of the first of these tables that has it."""
    names = [field.name for field in fields(record)]
    return [next(getattr(t, name) for t in tables if hasattr(t, name)) for name in names]


def rows_changed(result: object) -> int:
    """Return how many rows an UPDATE or DELETE changed, or an INSERT whose key the database makes.
    (Of other INSERTs, psycopg does not say: they need RETURNING.)
    """
    return result.rowcount if isinstance(result, CursorResult) else 0


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Split `values` into lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def hash_of(text: str) -> str:
    """Return the hexadecimal SHA-256 of a URL or id, which may be too long for an index entry."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
