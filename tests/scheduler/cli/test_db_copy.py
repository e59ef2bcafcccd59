"""`db copy` moves a database, and says in one line what keeps it from doing so."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from scheduler.cli.commands.upkeep.database import db_copy
from scheduler.jobs.locks import BusyError, holding
from storage.documents.documents import Origin, store
from storage.errors import DatabaseError
from tests.storage.given import NOW, judged
from tests.storage.opened import session


@pytest.fixture
def file(sqlite_url: str) -> Path:
    with session(sqlite_url) as s:
        store(s, judged(1), Origin(NOW))
    return Path(sqlite_url.removeprefix("sqlite:///"))


def test_it_copies_a_file_to_a_server(
    file: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    db_copy(str(file), postgres_url)
    said = capsys.readouterr().err
    assert "among them 1 documents, 0 agreements, 0 decisions, 0 digests" in said
    assert "set `database` in accordwatch.yaml to the copy" in said
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute("SELECT count(*) FROM texts_fts_reports").fetchone()
    assert found == (1,)


def test_a_file_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(DatabaseError, match="there is no such file to copy"):
        db_copy(str(missing), str(tmp_path / "new.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_is_not_copied_into_itself(file: Path) -> None:
    with pytest.raises(DatabaseError, match="the same database"):
        db_copy(str(file), f"sqlite:///{file}")


def test_nothing_is_copied_while_a_daemon_works(file: Path, tmp_path: Path) -> None:
    with holding(file), pytest.raises(BusyError, match="a daemon, or a run"):
        db_copy(str(file), str(tmp_path / "new.db"))
