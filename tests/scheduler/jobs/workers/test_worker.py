"""A leader and a worker in this process, over a real database."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from scheduler.jobs import crawl_process
from scheduler.jobs.daemon.host_system import Reloader
from scheduler.jobs.job import Job
from scheduler.jobs.queue import JobQueue
from scheduler.jobs.workers import leader as leading_module
from scheduler.jobs.workers import worker as working
from scheduler.jobs.workers.leader import Leader
from scheduler.jobs.workers.worker import QUEUES, WorkerProcess, Works, work
from storage.database.session import HEAD, Database, open_database
from storage.errors import ConfigurationError, OtherSchemaError
from storage.sources.states import find_run, finish_run, last_runs, start_run
from storage.sources.tables import FAULT
from storage.workers.queue import claim, job_counts, note_worker, seen_workers
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured
from tests.spiders.made_site import made_site
from tests.warm import start as warm

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log

IN_QUEUE = "SET LOCAL search_path = accordwatch_queue"


@dataclass
class Said:
    """A log that is kept."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, **more: Any) -> None:
        self.lines.append((event, more))

    warning = error = exception = info

    def reasons(self) -> list[str]:
        return [more["why"] for event, more in self.lines if event == "waits"]


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def log(said: Said) -> Log:
    return cast("Log", said)


@pytest.fixture
def leader(database: Database, tmp_path: Path, log: Log) -> Leader:
    return leading(database, tmp_path, log)


def leading(database: Database, folder: Path, log: Log, sources: str = "") -> Leader:
    configured(folder, SUBSCRIPTIONS, sources, json.dumps(database.url))
    queue = JobQueue(database.url)
    queue.prepare()
    return Leader(database, Reloader.begin(folder), queue, log)


def waiting(database: Database) -> list[tuple[str, str]]:
    with database.read() as s:
        return [(count.kind, count.state) for count in job_counts(s)]


def worked(folder: Path, log: Log, until: Callable[[], bool], concurrency: int = 1) -> None:
    """Be a worker until that is so."""

    async def run() -> None:
        process = WorkerProcess(Reloader.begin(folder), QUEUES, concurrency, log)
        running = asyncio.create_task(process.run())
        while not await asyncio.to_thread(until):
            assert not running.done()
            await asyncio.sleep(0.05)
        process._end()
        assert await running == 0

    asyncio.run(run())


def test_the_leader_puts_in_once_what_is_due(database: Database, leader: Leader) -> None:
    leader.crawl()
    leader.send()
    leader.crawl()
    leader.send()
    assert waiting(database) == [("crawl", "waiting"), ("send", "waiting")]
    with database.read() as s:
        assert [state.leads for state, _ in seen_workers(s)] == [True]
    leader.leave()
    with database.read() as s:
        assert seen_workers(s) == []


def failed(database: Database) -> None:
    """A worker takes the next job, and fails."""
    with database.connect() as connection:
        connection.exec_driver_sql(
            f"{IN_QUEUE}; SELECT procrastinate_fetch_job_v2(NULL, NULL); "
            "SELECT procrastinate_finish_job_v1(id, 'failed', false) FROM procrastinate_jobs "
            "WHERE status = 'doing'"
        )


def test_a_send_that_failed_rests(database: Database, leader: Leader) -> None:
    leader.send()
    failed(database)
    leader.send()
    assert waiting(database) == [("send", "failed")]


def test_a_run_that_ends_after_a_younger_one_is_settled_too(
    database: Database, leader: Leader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_module, "SETTLE_S", 0.0)
    with database.begin() as s:
        older, younger = (start_run(s, datetime.now(UTC)) for _ in range(2))
    for run_id in (younger, older):
        with database.begin() as s:
            finish_run(s, run_id, datetime.now(UTC), {})
        leader.crawl()
        assert ("settle", "waiting") in waiting(database)
        with database.connect() as connection:
            connection.exec_driver_sql(f"{IN_QUEUE}; DELETE FROM procrastinate_jobs")
    leader.crawl()
    assert ("settle", "waiting") not in waiting(database)


def test_a_run_whose_worker_died_is_closed(database: Database, leader: Leader) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    with database.begin() as s:
        dead, alive, young = (start_run(s, at) for at in (long_ago, long_ago, datetime.now(UTC)))
    with database.beside() as s:
        claim(s, {"a.example:443": 0.0}, alive, "north:7", 60)
    leader.crawl()
    with database.read() as s:
        faults = [
            run.report.get(FAULT) for one in (dead, alive, young) if (run := find_run(s, one))
        ]
    assert faults == ["its worker died; another one goes on from there", None, None]


def test_a_worker_crawls_and_sends_what_was_put_in(
    database: Database, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl_process, "COMMAND", warm.command("spiders.process"))
    with made_site() as site:
        link = f"<item><title>One</title><link>{site.url('/news/1')}</link></item>"
        site.put("/feed", f"<rss version='2.0'><channel>{link}</channel></rss>", "text/xml")
        (tmp_path / "accordwatch.yaml").write_text(
            f"database: {json.dumps(database.url)}\ncrawl: {{allow_private: ['{site.host}'], delay_s: 0}}\n"
            f"sources:\n  - {{id: made, kind: feed, url: '{site.url('/feed')}', every: 1h}}\n"
        )
        queue = JobQueue(database.url)
        queue.prepare()
        leader = Leader(database, Reloader.begin(tmp_path), queue, log)
        leader.crawl()
        leader.send()
        worked(tmp_path, log, lambda: not waiting(database))
        assert site.asked == ["/robots.txt", "/feed", "/news/1"]
    with database.read() as s:
        (run,) = last_runs(s, 5)
        assert run.report["totals"]["stored"] == 1
        assert seen_workers(s) == []  # it has said that it ends; the leader has the same name here
    leader.crawl()
    assert waiting(database) == []  # nothing is due any more


def test_a_worker_with_many_jobs_is_still_heard_of(
    database: Database, leader: Leader, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = (os.cpu_count() or 1) + 5  # Python's own threads would be one too few
    together = threading.Barrier(many + 1, timeout=5)
    monkeypatch.setattr(Works, "settle", lambda self, args: together.wait())
    noted = WorkerProcess._note

    def note(process: WorkerProcess, opened: Database) -> None:
        if not met:
            met.append(together.wait())
        noted(process, opened)

    met: list[int] = []
    monkeypatch.setattr(WorkerProcess, "_note", note)
    monkeypatch.setattr(working, "BEAT_S", 0.1)
    leader.send()
    JobQueue(database.url).put([Job("settle", "judge", f"settle {n}") for n in range(many)])
    worked(tmp_path, log, lambda: ("settle", "doing") not in waiting(database) and bool(met), many)
    assert ("settle", "failed") not in waiting(database)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("clock", r"clock is \+90 s off the database's"),
        ("rules", "are not those of the leader on elsewhere"),
        ("leader", "nobody leads yet"),
        ("schema", "its tables are out of date|written by a newer Accordwatch"),
    ],
)
def test_a_worker_that_may_not_work_says_why_in_one_line_and_waits(
    name: str,
    why: str,
    database: Database,
    tmp_path: Path,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    said: Said,
) -> None:
    configured(tmp_path, database=json.dumps(database.url))
    if name != "leader":
        JobQueue(database.url).prepare()
    if name == "clock":
        monkeypatch.setattr(working, "clock_ahead_s", lambda s, now: 90.0)
    if name == "rules":
        state = WorkerProcess(Reloader.begin(tmp_path), QUEUES, 1, log)._state
        other = replace(state, name="it", machine="elsewhere", queues=["leader"], configuration="b")
        with database.beside() as s:
            note_worker(s, other)
    if name == "schema":
        with database.connect() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setattr(working, "BEAT_S", 0.1)
    worked(tmp_path, log, lambda: bool(said.reasons()))
    (line,) = said.reasons()
    assert re.search(why, line)
    assert "\n" not in line


def test_a_worker_waits_through_an_upgrade_and_goes_on(
    database: Database, tmp_path: Path, log: Log, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, database=json.dumps(database.url))
    JobQueue(database.url).prepare()
    monkeypatch.setattr(working, "BEAT_S", 0.1)

    def upgraded(to: str) -> None:
        with database.connect() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{to}'")

    def is_through() -> bool:
        events = [event for event, _ in said.lines]
        if events == ["takes jobs"]:
            upgraded("9999")
        elif events[-1:] == ["waits"]:
            upgraded(HEAD)
        return events.count("takes jobs") == 2

    worked(tmp_path, log, is_through)
    assert [event for event, _ in said.lines] == ["takes jobs", "waits", "takes jobs", "ended"]
    assert "newer" in said.reasons()[0]


def test_an_upgrade_that_is_seen_before_the_first_job_is_awaited_stops_the_worker_too(
    database: Database, tmp_path: Path, log: Log
) -> None:
    configured(tmp_path, database=json.dumps(database.url))
    process, stopped = WorkerProcess(Reloader.begin(tmp_path), QUEUES, 1, log), list[bool]()
    process._take_no_more("a newer version is there")
    process._began(lambda: stopped.append(True))
    assert stopped == [True]


def test_a_job_that_is_taken_in_the_moment_of_an_upgrade_is_no_failure(
    database: Database, tmp_path: Path, log: Log, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = leading(database, tmp_path, log)
    looked = WorkerProcess._look

    def look(process: WorkerProcess, opened: Database) -> str | None:
        why = looked(process, opened)
        leader.crawl()
        with database.connect() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        return why

    monkeypatch.setattr(WorkerProcess, "_look", look)
    worked(tmp_path, log, lambda: bool(said.reasons()))
    assert waiting(database) == []
    assert [event for event, _ in said.lines if "failed" in event] == []


def test_what_a_process_says_of_an_upgrade_is_the_same_when_it_opens_the_database(
    database: Database, leader: Leader
) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(OtherSchemaError) as at_work:
        leader.crawl()
    with pytest.raises(OtherSchemaError) as opening:
        open_database(database.url)
    assert str(at_work.value) == str(opening.value)
    assert waiting(database) == []


def test_queues_that_there_are_not_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="'crawls' is not of crawl,judge,notify"):
        work(None, ["crawls"])
