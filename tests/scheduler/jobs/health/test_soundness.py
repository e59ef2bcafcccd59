"""Damage in the middle of a database."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from crawler.ingest.ingest import ingest
from scheduler.cli.main import main
from scheduler.jobs.health.report import examine
from storage.database.session import Database, open_database
from storage.documents.documents import Origin, store
from storage.maintenance.soundness import damage
from storage.search.tables import SEARCH_ROWS
from tests.scheduler.given_digests import configured
from tests.storage.given import NOW, judged

PAGE = 4096


def fill(database: Database) -> None:
    """Documents whose texts are too long for a row, and cannot be compressed to fit."""
    chance = random.Random(7)
    with database.begin() as s:
        for number in range(1, 31):
            long = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(5000))
            store(s, judged(number, text=long), Origin(NOW))


def test_a_sound_database_is_sound(database: Database) -> None:
    fill(database)
    assert damage(database) == damage(database, thoroughly=False) == []


@pytest.fixture
def broken(sqlite_url: str) -> str:
    """A database with one page in its middle overwritten; it opens, and most of it can be read."""
    database = open_database(sqlite_url)
    fill(database)
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    middle = path.stat().st_size // PAGE // 2
    with path.open("r+b") as file:
        file.seek(middle * PAGE)
        file.write(b"\xff" * PAGE)
    return sqlite_url


def test_a_damaged_page_is_found_by_doctor_and_by_db_check(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = configured(tmp_path, database=broken)
    database = open_database(broken)
    findings = [finding for finding in examine(database, chosen, NOW) if finding.name == "damage"]
    database.close()
    assert findings
    assert all(
        finding.level == "problem" and "restore a backup" in finding.line for finding in findings
    )
    with pytest.raises(SystemExit) as ended:
        main(["db", "upgrade", "--dry-run", "--config", str(chosen.path)])
    assert ended.value.code == 2
    assert "the database is damaged" in capsys.readouterr().err


def test_what_searches_read_is_compared_and_written_anew(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = configured(tmp_path, database=sqlite_url)
    with closing(open_database(sqlite_url)) as database:
        with database.begin() as s:
            ingest(s, [judged(1)], (), now=NOW, run_id=None, crawl=False, max_age_days=None)
            s.execute(delete(SEARCH_ROWS))
        assert damage(database) == []
        found = [
            finding.line for finding in examine(database, chosen, NOW) if finding.name == "damage"
        ]
    said = "what searches read differs from what is stored (rows: 1); to write it anew: "
    said += "accordwatch db upgrade"
    assert found == [said]
    for options, code, line in (
        (("--dry-run",), 2, said),
        ((), 0, "and was written anew"),
        (("--dry-run",), 0, "its tables are up to date"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["db", "upgrade", *options, "--config", str(chosen.path)])
        assert ended.value.code == code
        assert line in capsys.readouterr().err


def test_garbage_in_a_text_is_found_by_doctor(sqlite_url: str, tmp_path: Path) -> None:
    database = open_database(sqlite_url)
    with database.begin() as s:
        text = "a declaration of intent " * 20
        store(s, judged(1, text=text), Origin(NOW))
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    garbage = path.read_bytes().replace(b"of intent a declaration", b"\xff" * 23, 1)
    path.write_bytes(garbage)
    chosen = configured(tmp_path, database=sqlite_url)
    database = open_database(sqlite_url)
    with database.connect(reading=True) as connection:
        assert connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    found = [finding.line for finding in examine(database, chosen, NOW) if finding.name == "damage"]
    database.close()
    (line,) = found
    assert "the database is damaged: a text in the column" in line
    assert "is garbage; restore a backup" in line


def test_a_value_that_postgresql_has_lost_is_found(postgres_url: str) -> None:
    database = open_database(postgres_url)
    fill(database)
    with database.connect() as connection:
        connection.execute(text("SET LOCAL allow_system_table_mods = on"))
        apart = connection.scalar(
            text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'texts'")
        )
        # Only under the guise of an ordinary table can rows be taken from where long values stand.
        for kind in ("r", "t"):
            connection.execute(
                text(f"UPDATE pg_class SET relkind = '{kind}' WHERE oid = '{apart}'::regclass")
            )
            if kind == "r":
                connection.execute(text(f"DELETE FROM {apart} WHERE chunk_seq = 1"))
    (line,) = damage(database)
    database.close()
    assert "chunk number" in line
    assert "\n" not in line
