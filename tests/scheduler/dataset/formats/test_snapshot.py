"""`export snapshot`: a SQLite file with the tables of the package."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.dataset.schema import TABLES
from tests.scheduler.command_line import accordwatch
from tests.scheduler.dataset.given import TITLES, hostile, register


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    register(folder, *hostile())
    done = accordwatch("export", "snapshot", "r.db", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "r.db"


@pytest.fixture
def snapshot(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as opened:
        yield opened


def test_the_file_is_only_read_and_leaves_nothing_beside_it(file: Path) -> None:
    assert file.stat().st_mode & 0o222 == 0
    assert [path.name for path in file.parent.glob("*r.db*")] == ["r.db"]


def test_tables_have_the_columns_and_keys_of_the_package(snapshot: sqlite3.Connection) -> None:
    for table in TABLES:
        columns = snapshot.execute(f"PRAGMA table_info({table.name})").fetchall()
        assert tuple(column[1] for column in columns) == table.column_names
        keys = snapshot.execute(f"PRAGMA foreign_key_list({table.name})").fetchall()
        assert {key[2] for key in keys} == {key.target for key in table.foreign_keys}
    assert snapshot.execute("PRAGMA foreign_key_check").fetchall() == []
    assert snapshot.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_titles_are_as_they_are_stored(snapshot: sqlite3.Connection) -> None:
    held = {title for (title,) in snapshot.execute("SELECT title FROM reports")}
    assert {t.replace("\x00", "\ufffd").replace("\udc80", "\ufffd") for t in TITLES} <= held


@pytest.mark.parametrize(
    ("words", "found"),
    [("mauritanie", {"EU; MR"}), ("germany namibia", {"DE; NA"}), ("الرباط", {"ES; SN"})],
)
def test_names_and_titles_are_searched(
    snapshot: sqlite3.Connection, words: str, found: set[str]
) -> None:
    rows = snapshot.execute(
        "SELECT parties FROM agreements WHERE rowid IN "
        "(SELECT rowid FROM agreements_fts WHERE agreements_fts MATCH ?)",
        (words,),
    )
    assert {row[0] for row in rows} == found


def test_it_describes_itself(snapshot: sqlite3.Connection) -> None:
    about = dict(snapshot.execute("SELECT name, value FROM about"))
    assert about["rows of agreements"] == "9"
    assert "+rules." in about["version"]
    described = snapshot.execute('SELECT "table", "column" FROM codebook ORDER BY rowid').fetchall()
    assert described == [(table.name, name) for table in TABLES for name in table.column_names]


def test_an_empty_register_is_an_empty_snapshot(tmp_path: Path) -> None:
    register(tmp_path)
    assert accordwatch("export", "snapshot", "r.db", cwd=tmp_path).returncode == 0
    with closing(sqlite3.connect(tmp_path / "r.db")) as opened:
        assert opened.execute("SELECT count(*) FROM agreements").fetchone() == (0,)
