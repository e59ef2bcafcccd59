"""Tables that are made at once are those that the migrations make."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database.session import open_database
from tests.warm.tables import migrate


def _said_of(path: Path) -> tuple[set[tuple[str, ...]], list[tuple[str, ...]]]:
    with closing(sqlite3.connect(path)) as file:
        tables = set(file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return tables, file.execute("SELECT * FROM alembic_version").fetchall()


def test_tables_that_are_made_at_once_are_those_of_the_migrations(tmp_path: Path) -> None:
    migrate(tmp_path / "migrated.db")
    open_database(f"sqlite:///{tmp_path / 'at-once.db'}").close()
    assert _said_of(tmp_path / "at-once.db") == _said_of(tmp_path / "migrated.db")
