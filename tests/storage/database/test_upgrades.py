"""The next migration works on a database that holds something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage.database import schema, session
from storage.database.engines import parse_url
from storage.database.session import Database, open_database
from storage.documents.tables import Documents
from storage.errors import DatabaseError
from storage.register.agreements import load_agreements
from tests.storage.filing import put
from tests.storage.given import judged

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "a0004"
down_revision = "a0003"


def upgrade() -> None:
    op.add_column("documents", sa.Column("read_by", sa.Text(), server_default="nobody"))
    op.execute("UPDATE documents SET read_by = title")
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This program as it will be with one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions/a0004_readers.py").write_text(NEXT, encoding="utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(session, "HEAD", "a0004")


def filled(database_url: str) -> None:
    with_one = open_database(database_url)
    with with_one.begin() as s:
        put(s, [judged(1)])
    with_one.close()


def test_what_is_stored_goes_through_the_next_migration(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    filled(database_url)
    request.getfixturevalue("next_version")
    database = open_database(database_url)
    with database.read() as s:
        assert [one.id for one in load_agreements(s, [1])] == ["A1"]
        (title,) = s.scalars(select(Documents.title))
        assert s.scalar(text("SELECT read_by FROM documents")) == title
        assert s.scalar(text("SELECT version_num FROM alembic_version")) == "a0004"
    with database.begin() as s:
        put(s, [judged(2)])
    database.close()


def test_an_older_database_that_may_only_be_read_is_not_upgraded(
    sqlite_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    filled(sqlite_url)
    request.getfixturevalue("next_version")
    database = Database(parse_url(sqlite_url), unwritable=tmp_path)
    with (
        database.connect(reading=True) as connection,
        pytest.raises(DatabaseError, match="those of an older Accordwatch and must be upgraded"),
    ):
        session._prepare(connection, parse_url(sqlite_url), True, tmp_path)
    database.close()


def test_a_database_of_the_next_version_is_refused_by_this_one(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    filled(database_url)
    request.getfixturevalue("next_version")
    open_database(database_url).close()
    request.getfixturevalue("monkeypatch").undo()
    with pytest.raises(DatabaseError, match="newer Accordwatch"):
        open_database(database_url)
