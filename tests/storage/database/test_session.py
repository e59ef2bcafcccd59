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
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.engine import make_url

from crawler.ingest.vouching import why_certain
from storage.asking import TextState
from storage.database import engines, schema, session
from storage.database.session import Database, Session, open_database, savepoint
from storage.database.statements import hash_of
from storage.documents.documents import find
from storage.documents.official import is_noted
from storage.documents.tables import Documents, Matches
from storage.errors import DatabaseError, UnstorableError
from storage.records import Candidate, Document, Fingerprint
from storage.register.agreements import load_agreements
from storage.register.decisions import decisions, pins
from storage.register.tables import Agreements
from storage.sources.frontier import offer
from storage.sources.runs import last_runs, start_run
from storage.sources.tables import Frontier
from storage.telling.tables import Told
from tests.storage.given import NOW


def test_migrations_lead_to_the_tables(database: Database) -> None:
    with database.connect() as connection:
        schema.check(connection)  # raises where they differ


def test_an_older_database_is_brought_up_to_date_with_what_it_holds(database_url: str) -> None:
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    with old.connect() as connection:
        schema.upgrade(connection, "0002")
        connection.execute(text(OLD_DOCUMENT))
        connection.execute(text(OLD_MATCH))
    old.close()
    database = open_database(database_url)
    with database.read() as s:
        assert s.scalar(select(Matches.happened_on)) == date(2026, 3, 10)
        assert s.scalar(select(Documents.listed_on)) == date(2026, 3, 11)
        unasked = s.execute(select(Matches.probability, Matches.frame, Matches.reasons)).one()
        assert tuple(unasked) == (None, None, None)
    database.close()


OLD_DOCUMENT = """INSERT INTO documents
    (id, identity, kind, language, title, dated_on, text_hash, first_seen_at, published_on)
    VALUES (1, 'a', 'text', 'en', 't', '2026-03-11', 'h', '2026-03-12 00:00:00', '2026-03-11')"""
OLD_MATCH = """INSERT INTO matches
    (document_id, relevant, near_miss, score, threshold, rules, evidence, vetoes, card, clues, quote, voice, judged_at)
    VALUES (1, true, false, 7, 5, '[]', '[]', '[]', '{"event_date": "2026-03-10"}', '[]', '', 'h',
            '2026-03-12 00:00:00')
"""


def test_pins_of_an_older_database_become_decisions(database_url: str) -> None:
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    with old.connect() as connection:
        schema.upgrade(connection, "0012")
        for number in range(1, 5):
            connection.execute(text(OLD_DOCUMENT.replace("(1, 'a'", f"({number}, '{number}'")))
        for pin in OLD_PINS:
            connection.execute(text(f"INSERT INTO pins ({OLD_PIN_COLUMNS}) VALUES ({pin})"))
    old.close()
    database = open_database(database_url)
    with database.read() as s:
        found = decisions(s)
        standing = pins(s, [1])
    database.close()
    assert [(one.kind, len(one.pins), one.who, one.why) for one in found] == [
        ("split", 4, "ana", "two papers"),
        ("move", 2, "ana", "the other one"),
        ("merge", 1, "ben", "one paper"),
        ("correct", 1, "ben", "misread"),
        ("irrelevant", 1, "ben", "misread"),
    ]
    assert standing == [
        pin for one in found for pin in one.pins if 1 in (pin.document_id, pin.other_document_id)
    ]
    assert {one.at for one in found} == {
        datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (8, 9, 10)
    }


OLD_PIN_COLUMNS = "kind, document_id, other_document_id, field, value, who, why, at"
OLD_PINS = (
    "'must_link', 1, 2, NULL, NULL, 'ana', 'two papers', '2026-03-01 08:00:00'",
    "'cannot_link', 1, 3, NULL, NULL, 'ana', 'two papers', '2026-03-01 08:00:00'",
    "'cannot_link', 2, 3, NULL, NULL, 'ana', 'two papers', '2026-03-01 08:00:00'",
    "'cannot_link', 2, 4, NULL, NULL, 'ana', 'two papers', '2026-03-01 08:00:00'",
    "'cannot_link', 4, 3, NULL, NULL, 'ana', 'the other one', '2026-03-01 09:00:00'",
    "'must_link', 4, 1, NULL, NULL, 'ana', 'the other one', '2026-03-01 09:00:00'",
    "'must_link', 1, 2, NULL, NULL, 'ben', 'one paper', '2026-03-01 09:00:00'",
    "'field', 1, NULL, 'status', 'signed', 'ben', 'misread', '2026-03-01 10:00:00'",
    "'irrelevant', 1, NULL, NULL, NULL, 'ben', 'misread', '2026-03-01 10:00:00'",
)


def test_of_an_older_database_only_what_a_digest_told_stays_told(database_url: str) -> None:
    """Reports that came late to a step counted as told without a digest, some of them to the wrong
    agreement: they are told again where they are news.
    """
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    with old.connect() as connection:
        schema.upgrade(connection, "0005")
        connection.execute(text(OLD_DOCUMENT))
        connection.execute(text(OLD_DIGEST))
        for news, digest_id in (("step", 1), ("new_report", None)):
            connection.execute(text(OLD_TOLD), {"news": news, "digest_id": digest_id})
    old.close()
    database = open_database(database_url)
    with database.read() as s:
        assert s.execute(select(Told.news, Told.digest_id)).all() == [("step", 1)]
    database.close()


OLD_DIGEST = """INSERT INTO digests (id, subscription_id, claimed_at, items)
    VALUES (1, 'office', '2026-03-12 07:00:00', '[]')"""
OLD_TOLD = """INSERT INTO told (subscription_id, news, document_id, detail, digest_id, told_at)
    VALUES ('office', :news, 1, '', :digest_id, '2026-03-12 07:00:00')"""


def test_addresses_of_an_older_database_get_their_keys(database_url: str) -> None:
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    urls = ("http://www.a.example/1", "https://a.example/1", "https://a.example/2?PHPSESSID=9")
    with old.connect() as connection:
        schema.upgrade(connection, "0019")
        for number, url in enumerate(urls, start=1):
            values = {"id": number, "url": url, "hash": hash_of(url)}
            values |= {
                "identity": hash_of(f"url:{url}"),
                "state": "waiting" if number == 1 else "done",
            }
            connection.execute(text(OLD_ADDRESSED), values)
            connection.execute(text(OLD_OFFER), values)
    old.close()
    database = open_database(database_url)
    offered = [Candidate(url) for url in urls]
    with database.begin() as s:
        assert offer(s, "a", offered, NOW) == 0
        assert s.scalars(select(Frontier.id).order_by(Frontier.id)).all() == [2, 3]
        documents = [Document("t", "text", "en", url=url) for url in urls]
        found = [find(s, document, Fingerprint("h")).id for document in documents]
        assert found == [2, 2, 3]
    database.close()


OLD_ADDRESSED = """INSERT INTO documents
    (id, identity, url, url_hash, kind, language, title, dated_on, listed_on, text_hash, first_seen_at)
    VALUES (:id, :identity, :url, :hash, 'html', 'en', 't', '2026-03-11', '2026-03-11', 'h',
            '2026-03-12 00:00:00')"""
OLD_OFFER = """INSERT INTO frontier
    (id, url_hash, url, source_id, candidate, state, not_before_at, attempts, offered_at)
    VALUES (:id, :hash, :url, 'a', '{}', :state, '2026-03-12 00:00:00', 0, '2026-03-12 00:00:00')"""


def test_agreements_of_an_older_database_are_as_sure_as_if_they_came_in_now(
    database_url: str,
) -> None:
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    with old.connect() as connection:
        schema.upgrade(connection, "0036")
        for agreement_id, listed_only, documents in BEFORE_REPORTED:
            of_agreement = {"id": agreement_id, "listed_only": listed_only}
            connection.execute(text(BEFORE_AGREEMENT), of_agreement)
            connection.execute(text(BEFORE_STEP), {"id": agreement_id})
            for document, outlet, voice, probability, listed in documents:
                values = {
                    "id": document,
                    "outlet": outlet,
                    "voice": voice,
                    "listed": listed,
                    "probability": probability,
                    "agreement": agreement_id,
                    "hash": f"{document:064}",
                }
                for statement in (BEFORE_PAPER, BEFORE_MATCH, BEFORE_REPORT):
                    connection.execute(text(statement), values)
        connection.execute(text(BEFORE_DECISION))
        connection.execute(text(BEFORE_CONFIRMING))
    old.close()
    database = open_database(database_url)
    with database.read() as s:
        rows = s.execute(select(Agreements.id, Agreements.certainty, Agreements.place_key)).all()
        assert {row.id: row.certainty for row in rows} == BEFORE_CERTAINTIES
        assert {row.place_key for row in rows} == {"rabat"}
        stored = load_agreements(s, BEFORE_CERTAINTIES)
        assert all(why_certain(s, one).certainty is one.certainty for one in stored)
    database.close()


def test_agreements_of_an_older_database_wait_as_if_they_came_in_now(database_url: str) -> None:
    old = Database(make_url(database_url.replace("postgresql://", "postgresql+psycopg://")))
    with old.connect() as connection:
        schema.upgrade(connection, "0037")
        for agreement_id, steps in enumerate(BEFORE_WAITING, start=1):
            connection.execute(text(BEFORE_AGREEMENT), {"id": agreement_id, "listed_only": False})
            for position, (status, on) in enumerate(steps):
                values = {
                    "id": agreement_id,
                    "position": position,
                    "status": status,
                    "day": on and date.fromisoformat(on),
                }
                connection.execute(text(BEFORE_DATED_STEP), values)
    old.close()
    database = open_database(database_url)
    with database.read() as s:
        columns = (Agreements.id, Agreements.text_state, Agreements.pending_since)
        rows = s.execute(select(*columns).order_by(Agreements.id)).all()
        stored = load_agreements(s, [row.id for row in rows])
        states = [TextState.MISSING if one.is_signed else None for one in stored]
        assert [row.text_state for row in rows] == states
        assert [row.pending_since for row in rows] == [one.pending_since for one in stored]
        assert [row.text_state for row in rows] == [None, None, *["missing"] * 4]
        assert not is_noted(s, [])  # so that the next run looks for the texts
    database.close()


BEFORE_WAITING: tuple[list[tuple[str | None, str | None]], ...] = (
    [("negotiating", "2026-01-01")],
    [("concluded_not_signed", "2026-01-02")],
    [("concluded_not_signed", "2026-01-02"), ("signed", "2026-01-05"), ("signed", None)],
    [("signed", None)],
    [("signed", "2026-01-05"), ("ratified", "2026-02-01")],
    [(None, "2026-01-01"), ("signed", "2026-01-05"), ("rejected", "2026-02-01")],
)
BEFORE_DATED_STEP = """INSERT INTO steps (agreement_id, position, status, "on", quote)
    VALUES (:id, :position, :status, :day, '')"""


# (agreement, known from lists alone, [(document, outlet, voice, probability, row of a list)])
BEFORE_REPORTED = (
    (1, False, [(1, "a.example", "v1", 0.9, False), (2, "b.example", "v2", 0.4, False)]),
    (2, False, [(3, "a.example", "v3", 0.5, False), (4, "b.example", "v3", 0.6, False)]),
    (3, False, [(5, "a.example", "v5", 0.9, False), (6, "www.A.example", "v6", 0.1, False)]),
    (4, True, [(7, "a list", "v7", None, True)]),
    (5, False, [(8, "a list", "v8", None, True), (9, "a.example", "v9", 0.2, False)]),
    (6, False, [(10, "a.example", "v10", 0.2, False)]),
    (7, False, [(11, "a.example", "v11", None, False)]),
)
BEFORE_CERTAINTIES = {
    1: "several",
    2: "doubtful",
    3: "single",
    4: "listed",
    5: "single",
    6: "confirmed",
    7: "single",
}
BEFORE_AGREEMENT = """INSERT INTO agreements
    (id, title, parties, topics, place, reasons, links, last_reported_on, listed_only, minted_at, changed_at)
    VALUES (:id, 't', '[]', '[]', 'the capital', '[]', '[]', '2026-03-11', :listed_only,
            '2026-03-12 00:00:00', '2026-03-12 00:00:00')"""
BEFORE_STEP = """INSERT INTO steps (agreement_id, position, status, quote)
    VALUES (:id, 0, 'signed', '')"""
BEFORE_PAPER = """INSERT INTO documents
    (id, identity, outlet, source_id, kind, language, title, dated_on, listed_on, text_hash, first_seen_at)
    VALUES (:id, :hash, :outlet, CASE WHEN :listed THEN 'list:x' END, 'html', 'en', 't', '2026-03-11',
            '2026-03-11', :hash, '2026-03-12 00:00:00')"""
BEFORE_MATCH = """INSERT INTO matches
    (document_id, relevant, registers, near_miss, score, threshold, rules, evidence, vetoes, card, clues, quote,
     voice, judged_at, probability)
    VALUES (:id, true, true, false, 1, 1, '[]', '[]', '[]',
            '{"place": "the capital", "place_key": "rabat"}', '[]', '', :voice, '2026-03-12 00:00:00',
            :probability)"""
BEFORE_REPORT = """INSERT INTO reports (agreement_id, document_id, step, position, listed)
    VALUES (:agreement, :id, 0, :id, :listed)"""
BEFORE_DECISION = """INSERT INTO decisions (id, kind, who, why, at)
    VALUES (1, 'relevant', 'amina', 'read it', '2026-03-12 00:00:00')"""
BEFORE_CONFIRMING = (
    """INSERT INTO pins (decision_id, kind, document_id) VALUES (1, 'relevant', 10)"""
)


def test_a_migration_uses_nothing_that_may_change_after_it() -> None:
    """Else it would do something else on an old database in a year than it does today."""
    ours = re.compile(r"^\s*(from|import) (storage|crawler|spiders|scheduler)\b", re.MULTILINE)
    files = sorted(Path(schema.__file__).parents[1].glob("migrations/versions/0*.py"))
    assert len(files) >= 31
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
            found.name: found.stat().st_mode & 0o777
            for found in Path(sqlite_url[10:]).parent.iterdir()
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
    """Twenty commands that look, beside a crawl that writes: none may need the writer's lock,
    however short.
    """
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


def test_a_newer_schema_is_refused(database_url: str) -> None:
    database = open_database(database_url)
    with database.begin() as s:
        s.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    database.close()
    with pytest.raises(DatabaseError, match=r"newer Accordwatch .*update this program"):
        open_database(database_url)


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
from storage.sources.runs import last_runs
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
    """What an ordinary user sees, for nothing is read-only for root: runs, files there, why it
    cannot be written.
    """
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


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_an_old_read_only_database_is_not_upgraded(shared: Path, locked: str) -> None:
    old = Database(make_url(f"sqlite:///{shared}"))
    with old.connect() as connection:
        schema.upgrade(connection, "0002")
    old.close()
    (why,) = as_somebody(shared, locked)
    assert why.endswith("its tables are those of an older Accordwatch and must be upgraded")


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
