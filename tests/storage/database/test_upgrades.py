"""The next migration works on a database that holds something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage.database import schema, session, sql
from storage.database.columns import json_of
from storage.database.engines import parse_url
from storage.database.session import Database, open_database
from storage.documents.tables import Documents
from storage.errors import DatabaseError
from storage.notifications.digests import Item
from storage.notifications.incidents import incidents
from storage.notifications.tables import Digests, Incident, PendingNotifications
from storage.phrases import Phrase, read
from storage.records import NewsKind
from storage.register.agreements import load_agreements
from tests.storage.filing import put
from tests.storage.given import NOW, judged

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "a0005"
down_revision = "a0004"


def upgrade() -> None:
    op.add_column("documents", sa.Column("read_by", sa.Text(), server_default="nobody"))
    op.execute("UPDATE documents SET read_by = title")
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This program as it will be with one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions/a0005_readers.py").write_text(NEXT, encoding="utf-8")
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(session, "HEAD", "a0005")


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
        assert [agreement.id for agreement in load_agreements(s, [1])] == ["A1"]
        (title,) = s.scalars(select(Documents.title))
        assert s.scalar(text("SELECT read_by FROM documents")) == title
        assert s.scalar(text("SELECT version_num FROM alembic_version")) == "a0005"
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


OLD = (
    '{"say":"source_does","with":{"source":"fleuve","what":{"say":"fails","with":{"at":"noon",'
    '"why":{"reason":"http_404: gone"},"remedy":{"say":"remedy_check","with":{"source":"fleuve"}}}}}}'
)


def test_sentences_that_were_stored_by_their_codes_stay_sentences(database_url: str) -> None:
    before = open_database(database_url)
    with before.begin() as s:
        values = {"began_at": NOW, "seen_at": NOW}
        sql.add(s, Incident, name="source:fleuve:fails", line=OLD, **values)
        notice = {"kind": NewsKind.SOURCE_HEALTH, "subscription_id": "operator"}
        over = f'{{"say":"over","with":{{"trouble":{OLD}}}}}'
        sql.add(s, PendingNotifications, **notice, detail=over, pending_at=NOW)
        items = [json_of(Item(NewsKind.SOURCE_HEALTH, None, (), OLD))]
        sql.add(s, Digests, subscription_id="operator", items=items, claimed_at=NOW)
        s.execute(text("UPDATE alembic_version SET version_num = 'a0002'"))
        for column in ("provisions", "expires_on"):  # of the migrations behind it
            s.execute(text(f"ALTER TABLE agreements DROP COLUMN {column}"))
    before.close()
    database = open_database(database_url)
    with database.read() as s:
        line = incidents(s)["source:fleuve:fails"].line
        pending = s.scalar(select(PendingNotifications.detail))
        (item,) = s.scalar(select(Digests.items)) or []
    database.close()
    said = (
        "the source fleuve fails since noon: http_404: gone (try: accordwatch sources check fleuve)"
    )
    assert (line, read(pending or "")) == (said, f"over: {said}")
    assert read(item["detail"]) == said
    assert isinstance(line, Phrase)
