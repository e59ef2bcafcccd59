"""Opening databases: new, old, newer, broken, foreign, out of reach; and what a transaction
promises.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from storage.database import engines, schema, session
from storage.database.session import Database, Session, open_database, savepoint
from storage.errors import DatabaseError, UnstorableError
from storage.sources.states import last_runs, start_run
from tests.storage.given import NOW


def test_migrations_lead_to_the_tables(database: Database) -> None:
    with database.connect() as connection:
        schema.check(connection)  # raises where they differ


def test_a_migration_uses_nothing_that_may_change_after_it() -> None:
    """Else it would do something else on an old database in a year than it does today."""
    ours = re.compile(r"^\s*(from|import) (storage|crawler|spiders|scheduler)\b", re.MULTILINE)
    files = sorted(Path(schema.__file__).parents[1].glob("migrations/versions/a0*.py"))
    assert files
    assert [file.name for file in files if ours.search(file.read_text(encoding="utf-8"))] == []


def test_head_is_the_newest_migration() -> None:
    assert schema.head() == session.HEAD


def test_opening_twice_changes_nothing(database_url: str) -> None:
    first = open_database(database_url)
    with first.begin() as s:
        start_run(s, NOW)
    first.close()
    again = open_database(database_url)
    with again.read() as s:
        assert len(last_runs(s, 5)) == 1
    again.close()


def test_an_empty_database_is_not_touched_without_upgrade(database_url: str) -> None:
    with pytest.raises(DatabaseError, match="run `accordwatch db upgrade`"):
        open_database(database_url, upgrade=False)


def test_sqlite_is_durable_and_concurrent(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.read() as s:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        assert [s.execute(text(f"PRAGMA {pragma}")).scalar_one() for pragma in pragmas] == [
            "wal",
            2,
            1,
        ]
    database.close()


def test_a_connection_to_sqlite_keeps_as_many_pages_as_it_was_told(sqlite_url: str) -> None:
    for database, kept in (
        (open_database(sqlite_url), -64_000),
        (open_database(sqlite_url, cache_mb=8), -8_000),
    ):
        with database.begin() as s:
            assert s.scalar(text("PRAGMA cache_size")) == kept
        database.close()


def test_a_connection_that_read_can_write_and_one_that_wrote_cannot_while_it_reads(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)
    with database.read() as s:
        first = s.connection.dbapi_connection
    for _ in range(2):
        with database.begin() as s:
            start_run(s, NOW)
            assert s.connection.dbapi_connection is first
        with pytest.raises(DatabaseError, match="cannot be written"), database.read() as s:
            s.execute(text("DELETE FROM runs"))
    database.close()


def test_what_is_kept_is_for_this_user_alone(sqlite_url: str) -> None:
    before = os.umask(0o000)
    try:
        database = open_database(sqlite_url)
        with database.begin() as s:
            start_run(s, NOW)
        rights = {
            path.name: path.stat().st_mode & 0o777
            for path in Path(sqlite_url[10:]).parent.iterdir()
        }
        database.close()
    finally:
        os.umask(before)
    assert rights == dict.fromkeys(
        ["accordwatch.db", "accordwatch.db-shm", "accordwatch.db-wal"], 0o600
    )


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.begin() as s:
            start_run(s, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as s:
        assert last_runs(s, 5) == []


def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    with database.begin() as s:
        start_run(s, NOW)
    with database.read() as s:
        (run,) = last_runs(s, 1)
        assert run.started_at == NOW
        assert run.started_at.utcoffset() is not None
    with database.begin() as s, pytest.raises(UnstorableError, match="no time zone"), savepoint(s):
        start_run(s, NOW.replace(tzinfo=None))


def test_a_savepoint_keeps_what_was_before_it(database: Database) -> None:
    with database.begin() as s:
        start_run(s, NOW)
        with pytest.raises(UnstorableError), savepoint(s):
            _start_two_one_of_them_bad(s)
        start_run(s, NOW)
    with database.read() as s:
        assert len(last_runs(s, 5)) == 2


def _start_two_one_of_them_bad(s: Session) -> None:
    start_run(s, NOW)
    s.execute(
        text("INSERT INTO runs (id, started_at, report) VALUES (99, '2026-01-01 00:00:00', NULL)")
    )


def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    with database.begin() as writer:
        start_run(writer, NOW)
        with database.read() as reader:
            assert last_runs(reader, 5) == []


def test_opening_does_not_wait_for_the_writer(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty commands that look, beside a crawl that writes: none needs its lock."""
    database = open_database(database_url)
    with database.begin() as writer:
        start_run(writer, NOW)
        # Whoever needs a lock that is taken fails at once, instead of waiting: nothing here depends
        # on time.
        monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 0)
        impatient = database_url if database.is_sqlite else with_lock_timeout(database_url)
        with ThreadPoolExecutor(20) as readers:
            seen = list(readers.map(open_and_count_runs, [impatient] * 20))
    database.close()
    assert seen == [0] * 20


def open_and_count_runs(url: str) -> int:
    database = open_database(url)
    try:
        with database.read() as s:
            return len(last_runs(s, 5))
    finally:
        database.close()


def with_lock_timeout(postgres_url: str) -> str:
    return f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-c%20lock_timeout%3D1"


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseError), database.read() as s:
        start_run(s, NOW)
    with database.begin() as s:
        start_run(s, NOW)


def test_writers_take_turns(database: Database) -> None:
    """Read, then write: without a lock from the start, two writers would read the same number."""

    def count_up() -> None:
        for _ in range(10):
            with database.begin() as s:
                seen = len(last_runs(s, 100))
                start_run(s, NOW)
                assert len(last_runs(s, 100)) == seen + 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as s:
        assert len(last_runs(s, 100)) == 40


def aged(database_url: str, version: str, *changes: str) -> None:
    """A database of another version, with changes of its tables."""
    database = open_database(database_url)
    with database.begin() as s:
        s.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
        for change in changes:
            s.execute(text(change))
    database.close()


@pytest.mark.parametrize("version", ["0999", "a0999", "b0001"])
def test_a_newer_schema_is_refused(database_url: str, version: str) -> None:
    aged(database_url, version)
    with pytest.raises(DatabaseError, match=r"newer Accordwatch .*update this program"):
        open_database(database_url)


@pytest.mark.parametrize(
    ("version", "change"),
    [
        ("0048", "ALTER TABLE documents ADD COLUMN harvested TEXT"),
        ("0001", "ALTER TABLE documents ADD COLUMN harvested TEXT"),
        ("0001", "DROP TABLE readers"),
    ],
)
def test_a_database_of_before_the_first_release_is_called_old(
    database_url: str, version: str, change: str
) -> None:
    aged(database_url, version, change)
    with pytest.raises(DatabaseError, match=f"before the first release .schema {version}") as info:
        open_database(database_url)
    assert "\n" not in str(info.value)
    assert "update this program" not in str(info.value)


def test_a_database_with_our_tables_is_taken_over_under_the_id_of_before_the_first_release(
    database_url: str,
) -> None:
    aged(database_url, "0001", "CREATE TABLE of_another_program (id INTEGER)")
    database = open_database(database_url)
    with database.read() as s:
        assert s.scalar(text("SELECT version_num FROM alembic_version")) == session.HEAD
    database.close()


def test_the_program_of_before_cannot_take_todays_tables_for_its_own() -> None:
    """It knew "0001" to "0049", and called every other id newer than itself."""
    assert re.fullmatch(r"\d+", session.HEAD) is None


def test_the_tables_of_another_program_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()
    with pytest.raises(DatabaseError, match="tables of another program"):
        open_database(f"sqlite:///{path}")


@pytest.mark.parametrize("size", [300, 40_000])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, size: int) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"not a database at all " * size)
    with pytest.raises(DatabaseError, match=r"broken\.db: is not a SQLite database"):
        open_database(f"sqlite:///{path}")


def test_a_damaged_database_is_one_line(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(DatabaseError, match="restore a backup") as caught:
        open_database(sqlite_url)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="nowhere does not exist: create it"):
        open_database(f"sqlite:///{tmp_path}/nowhere/accordwatch.db")


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "accordwatch.db", "", "sqlite://", "sqlite:////"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError):
        open_database(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql//u:sesame@h/x",
        "postgresql://u:sesame@h:port/x",
        "postgresql//h/x?password=sesame",
        "postgresql//h/x?host=a@b&password=sesame",
        "postgresql//u:sesame?sesame@h/x",
    ],
)
def test_an_address_that_is_none_is_one_line_without_password(url: str) -> None:
    with pytest.raises(DatabaseError, match="is not an address") as caught:
        open_database(url)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///x.db?key=sesame", "write sqlite:///FILE alone"),
        ("postgresql://u:open@sesame@127.0.0.1:9/x", "write an @ in a password as %40"),
        ("postgresql://u:open@sesame/@127.0.0.1:9/x", "write an @ in a password as %40"),
        ("postgresql://u:sesame/x", "is not an address"),
    ],
)
def test_a_secret_that_is_written_wrongly_is_not_repeated_with_debug_either(
    url: str, said: str
) -> None:
    with pytest.raises(DatabaseError, match=said) as caught:
        open_database(url)
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://analyst:sesame@127.0.0.1:9/accordwatch",
        "postgresql://127.0.0.1:9/accordwatch?user=analyst&password=sesame",
        "postgresql:///accordwatch?host=127.0.0.1&port=9&password=sesame&sslpassword=sesame",
    ],
)
def test_a_server_that_is_not_there_is_one_line_without_password(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"refused|connect") as caught:
        open_database(url)
    assert "sesame" not in str(caught.value)
    assert "accordwatch" in str(caught.value)
    assert "\n" not in str(caught.value)


AS_SOMEBODY = """
import os, sys
from pathlib import Path
from sqlalchemy import create_engine
from storage.database import schema
from storage.sources.states import last_runs
from storage.errors import DatabaseError
from storage.database.session import open_database
create_engine("sqlite://").connect().close()  # what is imported late may lie where somebody cannot read
if os.getuid() == 0:
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
path = Path(sys.argv[1])
try:
    database = open_database(f"sqlite:///{path}")
    with database.read() as s:
        print(len(last_runs(s, 9)), "runs")
    print(sorted(found.name for found in path.parent.iterdir()))
    with database.begin() as s:
        print("can be written")
except DatabaseError as error:
    print(error)
"""


def as_somebody(path: Path, locked: str) -> list[str]:
    """What an ordinary user sees, as nothing is read-only for root."""
    path.parent.chmod(0o555 if locked == "folder" else 0o777)
    for beside in path.parent.glob(f"{path.name}*"):
        beside.chmod(0o444 if locked == "file" else 0o666)
    command = [sys.executable, "-c", AS_SOMEBODY, str(path)]
    environment = os.environ | {"PYTHONPATH": str(Path(schema.__file__).parents[2])}
    said = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout
    path.parent.chmod(0o755)
    return said.splitlines()


@pytest.fixture
def shared() -> Iterator[Path]:
    """Where a database can be that others may look at: pytest's own folders are closed to them."""
    with tempfile.TemporaryDirectory(prefix="accordwatch-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "accordwatch.db"


@pytest.mark.parametrize("locked", ["file", "folder"])
@pytest.mark.parametrize("in_use", [False, True])
def test_a_read_only_database_can_be_read_and_leaves_nothing_beside_it(
    shared: Path, locked: str, in_use: bool
) -> None:
    database = open_database(f"sqlite:///{shared}")
    with database.begin() as s:
        start_run(s, NOW)
    if not in_use:
        database.close()
    runs, files, why = as_somebody(shared, locked)
    database.close()
    assert runs == "1 runs"
    assert files == str(
        ["accordwatch.db", "accordwatch.db-shm", "accordwatch.db-wal"][: 3 if in_use else 1]
    )
    what = "" if locked == "file" else f"the folder {shared.parent} "
    assert (
        why == f"{shared}: {what}is read-only for this user: make it writable, or change `database`"
    )


def test_a_database_that_is_not_there_is_not_made_in_a_read_only_folder(shared: Path) -> None:
    (why,) = as_somebody(shared, "folder")
    assert why.startswith(f"{shared}: the folder {shared.parent} is read-only for this user")


def test_a_full_disk_is_said_and_loses_nothing(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.begin() as s:
        start_run(s, NOW)
    with database.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(DatabaseError, match="disk is full"), database.begin() as s:
        s.execute(
            text("INSERT INTO closed_channels VALUES ('big', :big, '2026-01-01 00:00:00')"),
            {"big": "x" * 100_000},
        )
    with database.read() as s:
        assert len(last_runs(s, 5)) == 1
    database.close()


def test_every_table_has_a_primary_key(database: Database) -> None:
    with database.connect() as connection:
        names = [
            name
            for name in inspect(connection).get_table_names()
            if not name.startswith("texts_fts")
        ]
        keyless = [
            n for n in names if not inspect(connection).get_pk_constraint(n)["constrained_columns"]
        ]
    assert keyless == []
