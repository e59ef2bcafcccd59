"""Whether the disk of a PostgreSQL server has room left."""

from __future__ import annotations

from sqlalchemy import text

from storage.database.session import Database

# What does not fit into the memory that it may use goes to a file where the tables are: 400 KB,
# without a trace in them. A small change would prove nothing: it may fit into a page that is there.
_NEEDS_A_FILE = (
    "SET LOCAL temp_tablespaces = ''",
    "SET LOCAL work_mem = '64kB'",
    "SELECT count(*) FROM generate_series(1, 30000)",
)


def need_room(database: Database) -> None:
    """Raises DatabaseError if the server's disk is full. SQLite's disk is this machine's: see
    `storage.disk_room`.
    """
    if database.is_sqlite:
        return
    with database.beside() as s:
        for statement in _NEEDS_A_FILE:
            s.execute(text(statement))
