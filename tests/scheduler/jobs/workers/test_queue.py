"""The queue on PostgreSQL: what is in it, what a dead worker gives up, and how it is seen."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager

from scheduler.configuration.config import Configuration
from scheduler.jobs import queue as queues
from scheduler.jobs.health.findings import of_workers, workers_at_work
from scheduler.jobs.job import Job, check_available
from scheduler.jobs.queue import JobQueue
from scheduler.jobs.workers.leader import HANDFUL, bundles
from scheduler.web.operations import metrics
from scheduler.web.site.pages.sources_page import state_of
from storage.database.session import Database, open_database
from storage.errors import ConfigurationError, DatabaseError
from storage.source import Source, SourceKind
from storage.sources.states import last_runs, start_run
from storage.sources.tables import LEADER, WorkerState
from storage.workers.queue import (
    claim,
    forget_worker,
    has_queue,
    job_counts,
    note_worker,
    open_keys,
    runs_at_hosts,
    seen_workers,
)
from tests.conftest import postgres_with
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import configured
from tests.storage.given import NOW

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
        return [(count.kind, count.state, count.jobs) for count in job_counts(s)]


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


def sources(hosts: int) -> list[Source]:
    return [
        Source(f"{kind}-{n}", SourceKind.FEED, f"https://h{n}.example/{kind}")
        for kind in ("a", "b")
        for n in range(hosts)
    ]


def test_all_sources_of_a_host_are_in_one_bundle() -> None:
    by_key = bundles(sources(40))
    assert sum(map(len, by_key.values())) == 80
    for bundle in by_key.values():
        ids = {source.id for source in bundle}
        assert all(f"b-{name[2:]}" in ids for name in ids if name.startswith("a-"))


def test_a_bundle_has_a_handful_of_hosts_and_the_same_key_again() -> None:
    by_key = bundles(sources(200))
    assert 30 <= len(by_key) <= 40
    assert max(map(len, by_key.values())) <= 2 * 3 * HANDFUL
    assert bundles(reversed(sources(200))).keys() == by_key.keys()


def test_no_sources_are_no_bundles() -> None:
    assert bundles([]) == {}


WHY = "this machine's clock is +90 s off the database's: set it <b>"
WAITING = WorkerState("north:7", "north", "1.2", ["crawl"], 2, "a", NOW, 5, waits_because=WHY)
WORKING = WorkerState("south:8", "south", "1.2", ["notify", "judge"], 1, "a", NOW)
LEADING = WorkerState("south:1", "south", "1.2", [LEADER], 1, "a", NOW)


@pytest.fixture(scope="module")
def led(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Configuration]]:
    """A database with a queue, of which nobody takes the jobs that crawl."""
    with postgres_with(request) as database:
        queue = JobQueue(database.url)
        queue.prepare()
        queue.put(
            [Job("crawl", "crawl", "crawl:0/1", {"sources": []}), Job("send", "notify", "send")]
        )
        with database.connect() as connection:
            connection.exec_driver_sql(
                "UPDATE accordwatch_queue.procrastinate_events SET at = at - interval '1 hour'"
            )
        for state in (WAITING, WORKING, LEADING):
            with database.beside() as s:
                note_worker(s, state)
        yield (
            database,
            configured(tmp_path_factory.mktemp("led"), database=json.dumps(database.url)),
        )


def test_the_command_prints_jobs_and_workers(led: tuple[Database, Configuration]) -> None:
    _, chosen = led
    asked = ("queue", "--config", str(chosen.path), "--format")
    rows = [json.loads(line) for line in accordwatch(*asked, "jsonl").stdout.splitlines()]
    jobs = [(row["name"], row["state"], row["jobs"]) for row in rows if row["what"] == "jobs"]
    assert jobs == [("crawl", "waiting", 1), ("send", "waiting", 1)]
    assert 3600 <= rows[0]["oldest_s"] < 3700
    workers = {row["name"]: row for row in rows if row["what"] == "worker"}
    assert {name: row["state"] for name, row in workers.items()} == {
        "north:7": "waits",
        "south:1": "leads",
        "south:8": "works",
    }
    assert accordwatch(*asked, "csv").stdout.count("\n") == 6
    assert "clock is +90 s" in accordwatch(*asked, "table").stdout


def test_the_numbers_have_them(led: tuple[Database, Configuration]) -> None:
    said = metrics(*led, datetime.now(UTC)).decode()
    assert 'accordwatch_jobs{kind="crawl",state="waiting"} 1.0' in said
    assert 'accordwatch_worker_works{worker="north:7"} 0.0' in said
    assert 'accordwatch_worker_works{worker="south:8"} 1.0' in said


def test_doctor_says_what_nobody_takes_and_who_waits(led: tuple[Database, Configuration]) -> None:
    with led[0].read() as s:
        findings = {finding.name: finding for finding in (*of_workers(s), *workers_at_work(s))}
    assert findings["queue:crawl:nobody"].level == "problem"
    assert "set it" in findings["worker:north:7"].line
    assert findings["workers"].line == "1 worker takes jobs"
    assert "queue:notify:nobody" not in findings


def test_a_run_is_running_while_it_stands_at_hosts(led: tuple[Database, Configuration]) -> None:
    database, _ = led
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    with database.begin() as s:
        run_id = start_run(s, long_ago)
        start_run(s, long_ago)
    with database.beside() as s:
        claim(s, {"a.example:443": 0.0}, run_id, "north:7", 60)
    with database.read() as s:
        now = datetime.now(UTC)
        states = [state_of(run, 0, None, now, runs_at_hosts(s, now)) for run in last_runs(s, 2)]
    assert states == ["interrupted", "running"]


def test_a_worker_that_ends_is_forgotten(led: tuple[Database, Configuration]) -> None:
    database, _ = led
    gone = WorkerState("west:9", "west", "1.2", ["crawl"], 1, "a", NOW)
    with database.beside() as s:
        note_worker(s, gone)
        assert "west:9" in [state.name for state, _ in seen_workers(s)]
        forget_worker(s, "west:9")
        assert "west:9" not in [state.name for state, _ in seen_workers(s)]


def test_where_none_are_led_the_command_says_so(tmp_path: Path) -> None:
    chosen = configured(tmp_path)
    with closing(open_database(chosen.database)) as database, database.read() as s:
        assert [*of_workers(s), *workers_at_work(s)] == []
    assert "No workers are led here" in accordwatch("queue", "--config", str(chosen.path)).stderr
