"""A database of each earlier version is brought up to date, with all that it holds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import make_url

from storage.database import schema
from storage.database.new_tables import written_by_migrations
from storage.database.session import Database, open_database
from storage.database.tables import METADATA
from tests.conftest import new_postgres
from tests.storage.database.test_session import OLD_DOCUMENT, OLD_MATCH

FIRST = "0002"  # the oldest version that was given to anybody
OLD_ROWS = (
    OLD_DOCUMENT,
    OLD_MATCH,
    "INSERT INTO texts (document_id, text, folded) VALUES (1, 'They signed it.', 'they signed it')",
    "INSERT INTO match_parties (party, document_id, taking_part) VALUES ('MA', 1, true)",
    "INSERT INTO match_parties (party, document_id, taking_part) VALUES ('NE', 1, true)",
)


def versions() -> list[str]:
    """All versions from the first one on, the oldest first."""
    scripts = ScriptDirectory(str(Path(schema.__file__).parents[1] / "migrations"))
    found = [script.revision for script in scripts.walk_revisions()][::-1]
    return found[found.index(FIRST) :]


def contents(database: Database) -> dict[str, list[Any]]:
    with database.read() as s:
        return {
            table.name: sorted((tuple(row) for row in s.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


def upgraded(url: str) -> dict[str, list[Any]]:
    database = open_database(url)
    try:
        return contents(database)
    finally:
        database.close()


def grow(url: str, version: str) -> None:
    """Bring a database to a version; a new one gets its rows in the first version."""
    database = Database(make_url(url.replace("postgresql://", "postgresql+psycopg://")))
    try:
        with database.connect() as connection:
            if not inspect(connection).has_table("documents"):
                schema.upgrade(connection, FIRST)
                for row in OLD_ROWS:
                    connection.execute(text(row))
            schema.upgrade(connection, version)
    finally:
        database.close()


def test_a_file_of_each_version_is_brought_up_to_date(tmp_path: Path) -> None:
    growing = tmp_path / "growing.db"
    expected: dict[str, list[Any]] = {}
    for version in versions()[:-1]:
        grow(f"sqlite:///{growing}", version)
        of_this_version = tmp_path / f"{version}.db"
        shutil.copy(growing, of_this_version)
        found = upgraded(f"sqlite:///{of_this_version}")
        expected = expected or found
        assert found == expected, version
    assert [len(expected[name]) for name in ("documents", "matches", "texts")] == [1, 1, 1]
    assert len(expected["match_parties"]) == 2


def test_a_new_file_has_the_tables_that_the_migrations_lead_to(tmp_path: Path) -> None:
    migrated, new = tmp_path / "migrated.db", tmp_path / "new.db"
    grow(f"sqlite:///{migrated}", "head")
    open_database(f"sqlite:///{new}").close()
    assert written_by_migrations(new) == written_by_migrations(migrated), (
        "run python -m storage.database.new_tables"
    )


def test_a_server_of_some_versions_is_brought_up_to_date(postgres_server: str) -> None:
    for version in versions()[:-1:9]:
        with new_postgres(postgres_server) as url:
            grow(url, version)
            found = upgraded(url)
            assert len(found["documents"]) == len(found["texts"]) == 1, version
            assert len(found["match_parties"]) == 2, version
