"""A crawl that ends without a report has failed: the daemon, health, doctor and the watch say so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration, load_configuration
from scheduler.jobs import crawl_process
from scheduler.jobs.crawl_process import Ended
from scheduler.jobs.daemon.daemon import Daemon
from scheduler.jobs.daemon.host_system import Reloader, set_up_log
from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.report import IncidentBook, examine, look_around
from scheduler.jobs.passes import run_pass
from scheduler.notify.deliver import send_due
from scheduler.web.operations import health
from spiders.process import CRASHED
from storage.database.session import Database, open_database
from storage.sources.states import last_runs
from tests.spiders.servers import bad_site
from tests.warm.start import command

CONFIGURATION = """
alerts: {{operator: [file]}}
crawl: {{allow_private: ["{host}"]}}
sources:
  - {{id: watched, kind: page, url: "http://{host}/watched", delay_s: 0}}
"""
FAULT = "the crawl failed: it crashed by a fault of ours: ZeroDivisionError: a fault of ours"


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with bad_site() as site:
        yield site.host


@pytest.fixture
def chosen(tmp_path: Path, host: str) -> Configuration:
    path = tmp_path / "accordwatch.yaml"
    path.write_text(CONFIGURATION.format(host=host), encoding="utf-8")
    return load_configuration(path, environ={})


@pytest.fixture
def database(chosen: Configuration) -> Iterator[Database]:
    database = open_database(chosen.database)
    yield database
    database.close()


@pytest.fixture
def daemon(database: Database, chosen: Configuration) -> Daemon:
    return Daemon(database, Reloader(chosen), lambda: True, set_up_log())


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(crawl_process, "COMMAND", command("tests.scheduler.crashing_crawl"))
    return monkeypatch


def of_crawls(database: Database, chosen: Configuration) -> list[Finding]:
    found = examine(database, chosen, datetime.now(UTC))
    return [finding for finding in found if finding.name == "job:crawl:fails"]


def runs(database: Database) -> int:
    with database.read() as s:
        return len(last_runs(s, 100))


def test_crashes_are_told_by_health_doctor_and_the_watch_until_a_crawl_goes_well(
    database: Database, chosen: Configuration, daemon: Daemon, crashing: pytest.MonkeyPatch
) -> None:
    daemon.tick("crawl")
    (finding,) = of_crawls(database, chosen)
    assert (finding.level, finding.line.partition(";")[0]) == ("problem", FAULT)
    code, failure = health(database, chosen, [], daemon.failing(), datetime.now(UTC))
    assert (code, failure["degraded"]) == (200, [FAULT])
    for _ in range(2):
        daemon.crashes.end_rest()
        daemon.tick("crawl")
    assert daemon.failing() == {"crawl": FAULT}
    daemon.tick("watch")
    crashing.setattr(crawl_process, "COMMAND", command("spiders.process"))
    daemon.crashes.end_rest()
    daemon.tick("crawl")
    assert (daemon.failing(), of_crawls(database, chosen)) == ({}, [])


def test_the_operator_hears_of_crashes_once(
    database: Database, chosen: Configuration, daemon: Daemon, crashing: pytest.MonkeyPatch
) -> None:
    daemon.tick("crawl")
    book, now = IncidentBook(), datetime.now(UTC)
    for minutes in (0, 11, 22):
        look_around(database, chosen, book, (), now + timedelta(minutes=minutes))
    assert send_due(database, chosen, now=now + timedelta(minutes=23)).delivered == 1
    (page,) = (chosen.folder / "digests").glob("*operator*.html")
    assert page.read_text(encoding="utf-8").count("ZeroDivisionError") == 1


def test_after_a_crash_the_daemon_rests_longer_each_time(
    database: Database, daemon: Daemon, crashing: pytest.MonkeyPatch
) -> None:
    daemon.tick("crawl")
    daemon.tick("crawl")
    assert runs(database) == 1


def test_a_run_from_cron_says_that_its_crawl_crashed(
    database: Database, chosen: Configuration, crashing: pytest.MonkeyPatch
) -> None:
    passed = run_pass(database, chosen, chosen.sources, lambda event: None)
    assert passed.ended is not None
    assert (passed.code, passed.ended.code, passed.ended.fault) == (1, CRASHED, FAULT)
    assert [finding.line.partition(";")[0] for finding in of_crawls(database, chosen)] == [FAULT]


@pytest.mark.parametrize(
    ("ended", "failure"),
    [
        (Ended(0, None), "ended with 0"),
        (Ended(1, None), "ended with 1"),
        (Ended(-signal.SIGKILL, None), "killed by SIGKILL"),
        (Ended(2, None, failure="the rules cannot be used"), "the rules cannot be used"),
        (Ended(-9, None, why="the crawl made no progress"), "made no progress"),
    ],
)
def test_no_report_is_a_failure_whatever_the_exit_code(ended: Ended, failure: str) -> None:
    assert failure in str(ended.fault)
    assert Ended(1, {}).fault is None
