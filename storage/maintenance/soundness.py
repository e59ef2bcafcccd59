"""Looking for damage on the disk, which everyday statements may not meet for a long time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database.session import Database
from storage.database.tables import METADATA
from storage.errors import DatabaseError

_ROWS = 1000  # are read at a time
_SHOWN = 5  # faults that are listed; a damaged disk rarely causes only one


def damage(database: Database, *, thoroughly: bool = True) -> list[str]:
    """Return one line for each fault that was found. Only reads the database.

    SQLite checks every page of the file (`quick_check`, 1.0 s for 170 MB) and every text, since it
    has no checksums: of 120 strings of 64 random bytes in a file of 3 MB, 42 broke the order of a
    page, and 34 a text; the others lay where nothing is kept, or within numbers. PostgreSQL is
    asked how many pages with a wrong checksum it has met; with `thoroughly`, every value is read as
    well.
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
