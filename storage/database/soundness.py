"""Whether what lies on the disk can still be read: damage in the middle of a database shows in no daily statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from storage.database.session import Database
from storage.database.tables import METADATA
from storage.errors import DatabaseError

_SHOWN = 5  # faults that are named; a damaged disk seldom brings one alone


def damage(database: Database, *, thoroughly: bool = True) -> list[str]:
    """What is damaged, a line each; empty where all is sound. Reads, and changes nothing.

    SQLite goes through every page of the file (`quick_check`; 1.0 s for 170 MB). On
    PostgreSQL the server's own count of pages with a wrong checksum is asked, and, `thoroughly`, every value is read.
    """
    look = _sqlite if database.is_sqlite else _postgresql_thoroughly if thoroughly else _postgresql
    try:
        with database.connect(reading=True) as connection:
            return list(look(connection))
    except DatabaseError as error:  # what it cannot read it may not even be able to name
        return [str(error)]


def _sqlite(connection: Connection) -> Iterator[str]:
    for line in connection.scalars(text(f"PRAGMA quick_check({_SHOWN})")):
        if line != "ok":
            yield " ".join(str(line).split())


def _postgresql(connection: Connection) -> Iterator[str]:
    failures = connection.scalar(
        text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    )
    if failures:
        yield f"the server met {failures} pages with a wrong checksum; its log names them"


def _postgresql_thoroughly(connection: Connection) -> Iterator[str]:
    yield from _postgresql(connection)
    for name in METADATA.tables:
        # As text, so that long values, which stand apart from their rows, are read too.
        connection.execute(text(f"SELECT sum(length({name}::text)) FROM {name}"))  # noqa: S608 - names of our own
