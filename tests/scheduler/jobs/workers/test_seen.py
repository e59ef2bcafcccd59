"""How the queue and its workers are seen: by the command, in numbers, by doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.findings import of_workers, workers_at_work
from scheduler.jobs.job import Job
from scheduler.jobs.queue import JobQueue
from scheduler.web.operations import metrics
from scheduler.web.site.pages.sources_page import state_of
from storage.database.session import Database, open_database
from storage.sources.states import last_runs, start_run
from storage.sources.tables import LEADER, WorkerState
from storage.workers.queue import claim, forget_worker, note_worker, runs_at_hosts, seen_workers
from tests.conftest import postgres_with
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import configured
from tests.storage.given import NOW

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
        found = {one.name: one for one in (*of_workers(s), *workers_at_work(s))}
    assert found["queue:crawl:nobody"].level == "problem"
    assert "set it" in found["worker:north:7"].line
    assert found["workers"].line == "1 worker takes jobs"
    assert "queue:notify:nobody" not in found


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
        states = [state_of(one, 0, None, now, runs_at_hosts(s, now)) for one in last_runs(s, 2)]
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
