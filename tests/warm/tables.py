"""Tables of a new SQLite file that are made at once, for tests: the migrations take a quarter of a
second, and a thousand tests begin with a file of their own.

What is made is what the migrations make, in a file that is migrated once in each process. Files that
have tables already are migrated as ever.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, inspect

from storage.database import session
from storage.database.engines import parse_url
from storage.database.schema import SEARCH_PREFIX

_prepare = session._prepare


def keep_tables() -> None:
    """Have this process, and those that are forked from it, go through all migrations once."""
    session._prepare = _prepare_at_once


def _prepare_at_once(
    connection: Connection, url: URL, upgrade: bool, unwritable: Path | None
) -> None:
    is_new = url.get_backend_name() == "sqlite" and not inspect(connection).get_table_names()
    if not (is_new and upgrade and unwritable is None):
        _prepare(connection, url, upgrade, unwritable)
        return
    for statement in statements():
        connection.exec_driver_sql(statement)


@cache
def statements() -> tuple[str, ...]:
    """What to tell SQLite for all tables, and the few rows that the migrations put into them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        migrate(path)
        with closing(sqlite3.connect(path)) as migrated:
            return (*_tables(migrated), *_rows(migrated))


def migrate(path: Path) -> None:
    """Make a new file with all tables, migration by migration."""
    url = parse_url(f"sqlite:///{path}")
    with closing(session.Database(url)) as database, database.connect() as connection:
        _prepare(connection, url, True, None)


def _tables(migrated: sqlite3.Connection) -> list[str]:
    cursor = migrated.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
        "ORDER BY type != 'table', type = 'trigger', rowid"
    )
    return [sql for name, sql in cursor if not _is_made_by_the_search(name, sql)]


def _is_made_by_the_search(name: str, sql: str) -> bool:
    return name.startswith(SEARCH_PREFIX) and sql.startswith("CREATE TABLE")


def _rows(migrated: sqlite3.Connection) -> list[str]:
    """Return what inserts the rows of ordinary tables."""
    made: list[str] = []
    tables = migrated.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'")
    for (table,) in tables.fetchall():
        if table.startswith((SEARCH_PREFIX, "sqlite_")):
            continue
        columns = [name for _, name, *_ in migrated.execute(f"PRAGMA table_info({table})")]
        quoted = " || ', ' || ".join(f'quote("{name}")' for name in columns)
        rows = migrated.execute(f"SELECT {quoted} FROM {table}")
        made += [f"INSERT INTO {table} VALUES ({values})" for (values,) in rows]
    return made
