"""Looking for damage on the disk, which everyday statements may not meet for a long time; for rows
of searches that differ from what they were derived from; and for room on the server's disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, delete, insert, or_, select, text, union_all
from sqlalchemy.exc import DBAPIError

from storage.database import sql
from storage.database.session import Database, Session
from storage.database.tables import METADATA
from storage.documents.tables import Documents, Matches
from storage.errors import DatabaseError
from storage.register.agreements import restamp
from storage.register.saving import LEARNT
from storage.register.tables import Steps
from storage.search.tables import SEARCH_ROWS, STORED

_ROWS = 1000  # are read at a time
_SHOWN = 5  # faults that are listed; a damaged disk rarely causes only one


def damage(database: Database, *, thoroughly: bool = True) -> list[str]:
    """Return one line for each fault that was found. Only reads the database.

    SQLite checks every page of the file (`quick_check`, 1.0 s for 170 MB) and every text, since it
    has no checksums: of 120 strings of 64 random bytes in a file of 3 MB, 42 broke the order of a
    page, and 34 a text; the others lay where nothing is stored, or within numbers. PostgreSQL
    counts the pages with a wrong checksum that it has met; with `thoroughly`, every value is read
    as well.
    """
    postgresql = _postgresql_thoroughly if thoroughly else _postgresql
    look = _sqlite if database.is_sqlite else postgresql
    try:
        with database.connect(reading=True) as connection:
            return list(look(connection))
    except DatabaseError as error:  # the damage may prevent the check itself
        return [str(error)]


def _sqlite(connection: Connection) -> Iterator[str]:
    for line in connection.scalars(text(f"PRAGMA quick_check({_SHOWN})")):
        if line != "ok":
            yield " ".join(str(line).split())
    for name in METADATA.tables:
        try:
            every_row = connection.exec_driver_sql(f'SELECT * FROM "{name}"')  # noqa: S608 - ours
            for _ in every_row.partitions(_ROWS):
                pass
        except DBAPIError as error:
            column = re.search(r"decode to UTF-8 column '(\w+)'", str(error.orig))
            if column is None:  # the check of the pages has named it
                continue
            yield f"a text in the column {column[1]} of the table {name} is garbage"


def _postgresql(connection: Connection) -> Iterator[str]:
    failures = connection.scalar(
        text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    )
    if failures:
        yield f"the server met {failures} pages with a wrong checksum; its log names them"


def _postgresql_thoroughly(connection: Connection) -> Iterator[str]:
    yield from _postgresql(connection)
    for name in METADATA.tables:
        # The cast to text also reads long values, which PostgreSQL stores apart from their rows.
        every_value = f"SELECT sum(length({name}::text)) FROM {name}"  # noqa: S608 - our own names
        connection.execute(text(every_value))


# --- what is derived so that searches are quick ---------------------------------------------------

_DERIVED = (
    select(*STORED)
    .join(Matches, Matches.document_id == Documents.id)
    .where(Matches.relevant.is_(True))
)
_STORED = select(SEARCH_ROWS)
_DIFFERING_ROWS = union_all(
    select(_DERIVED.except_(_STORED).subquery()), select(_STORED.except_(_DERIVED).subquery())
).subquery()
_LEARNT = LEARNT.correlate(Steps).scalar_subquery()
_IS_WRONG = or_(Steps.learnt_at != _LEARNT, Steps.learnt_at.is_(None) != _LEARNT.is_(None))


def differing(s: Session) -> int:
    """How many rows that searches read differ from what they were derived from."""
    return sql.count(s, _DIFFERING_ROWS) + sql.count(s, Steps, _IS_WRONG)


def derive_anew(database: Database) -> int:
    """Derive again what differs, and return how many rows that were."""
    with database.read() as s:
        if not differing(s):
            return 0
    with database.begin() as s:
        number = differing(s)
        s.execute(delete(SEARCH_ROWS))
        s.execute(insert(SEARCH_ROWS).from_select(SEARCH_ROWS.c.keys(), _DERIVED))
        sql.change(s, Steps, _IS_WRONG, learnt_at=_LEARNT)
        restamp(s)  # pages have cached what they found with the wrong rows
    return number


# --- whether the disk of a PostgreSQL server has room left ----------------------------------------

# What does not fit into the memory that it may use goes to a file where the tables are: 400 KB,
# without a trace in them. A small change would prove nothing: it may fit into a page that is there.
_NEEDS_A_FILE = (
    "SET LOCAL temp_tablespaces = ''",
    "SET LOCAL work_mem = '64kB'",
    "SELECT count(*) FROM generate_series(1, 30000)",
)


def need_room(database: Database) -> None:
    """Raises DatabaseError if the server's disk is full (of SQLite's see `storage.disk_room`)."""
    if database.is_sqlite:
        return
    with database.beside() as s:
        for statement in _NEEDS_A_FILE:
            s.execute(text(statement))
