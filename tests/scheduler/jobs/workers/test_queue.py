"""The queue on PostgreSQL: one job of a key, and none that a dead worker keeps."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager

from scheduler.jobs import queue as queues
from scheduler.jobs.job import Job, check_available
from scheduler.jobs.queue import JobQueue
from storage.database.session import Database, open_database
from storage.errors import ConfigurationError, DatabaseError
from storage.workers.queue import has_queue, job_counts, open_keys

CRAWL = Job("crawl", "crawl", "crawl:0/2", {"sources": ["a", "b"]})
SEND = Job("send", "notify", "send")


@pytest.fixture
def queue(database: Database) -> JobQueue:
    queue = JobQueue(database.url)
    queue.prepare()
    return queue


def sql(database: Database, statement: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL search_path = accordwatch_queue; {statement}")


def found(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as s:
        return [(one.kind, one.state, one.jobs) for one in job_counts(s)]


def test_of_one_key_one_job_waits(database: Database, queue: JobQueue) -> None:
    assert queue.put([CRAWL, SEND, CRAWL]) == [CRAWL, SEND]
    assert queue.put([SEND]) == []
    assert found(database) == [("crawl", "waiting", 1), ("send", "waiting", 1)]
    with database.read() as s:
        assert open_keys(s) == {"crawl:0/2", "send"}


def test_a_job_of_a_dead_worker_is_given_back(database: Database, queue: JobQueue) -> None:
    queue.put([CRAWL])
    sql(
        database,
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '26 seconds'); "
        "SELECT procrastinate_fetch_job_v2(NULL, (SELECT max(id) FROM procrastinate_workers))",
    )
    assert found(database) == [("crawl", "doing", 1)]
    assert queue.clear_up() == 1
    assert found(database) == []
    assert queue.put([CRAWL]) == [CRAWL]


def test_what_failed_rests_ever_longer(database: Database, queue: JobQueue) -> None:
    for _ in range(2):
        queue.put([CRAWL])
        sql(
            database,
            "SELECT procrastinate_fetch_job_v2(NULL, NULL); SELECT procrastinate_finish_job_v1(id, "
            "'failed', false) FROM procrastinate_jobs WHERE status = 'doing'",
        )
    assert found(database) == [("crawl", "failed", 2)]
    for seconds, rests in ((119, True), (121, False)):
        sql(database, f"UPDATE procrastinate_events SET at = now() - interval '{seconds} seconds'")
        with database.read() as s:
            assert (open_keys(s) == {"crawl:0/2"}) is rests


def test_the_tables_of_another_version_are_made_anew(database: Database, queue: JobQueue) -> None:
    queue.put([SEND])
    queue.prepare()
    assert found(database) == [("send", "waiting", 1)]
    sql(database, "COMMENT ON SCHEMA accordwatch_queue IS 'another'")
    queue.prepare()
    assert found(database) == []
    # An upgrade of procrastinate that changes its tables is to be looked at by a person.
    newest = queues._newest_migration(SchemaManager.get_migrations_path())
    assert newest == "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def test_without_a_leader_there_is_no_queue(database: Database, sqlite_url: str) -> None:
    with database.read() as s:
        assert not has_queue(s)
        assert job_counts(s) == []
    with closing(open_database(sqlite_url)) as other, other.read() as s:
        assert job_counts(s) == []


def test_what_is_missing_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="workers need PostgreSQL"):
        check_available("sqlite:///accordwatch.db")
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    monkeypatch.setattr("scheduler.jobs.job.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="workers need procrastinate: pip install"):
        check_available("postgresql://db/accordwatch")


def test_a_database_that_is_gone_is_said_in_one_line(tmp_path: Path) -> None:
    lost = JobQueue(f"postgresql:///accordwatch?host={tmp_path}")
    with pytest.raises(DatabaseError, match="the queue cannot be reached") as said:
        lost.prepare()
    assert "\n" not in str(said.value)


def test_a_worker_that_is_told_to_end_as_it_begins_ends(queue: JobQueue) -> None:
    queue.prepare()

    async def within() -> None:
        working = queue.work({}, ["crawl"], 1, lambda stop: stop())
        await asyncio.wait_for(working, 60)

    asyncio.run(within())
