"""The crawl as a child: sources join it, and one that makes no progress or dies is reported."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration, load_configuration
from scheduler.jobs import crawl_process
from scheduler.jobs.crawl_process import Ended, Event, crawl
from scheduler.jobs.daemon.daemon import Daemon
from scheduler.jobs.daemon.host_system import Reloader, set_up_log
from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.report import IncidentBook, examine, look_around
from scheduler.jobs.passes import run_pass
from scheduler.notify.deliver import send_due
from scheduler.web.operations import health
from spiders.process import CRASHED
from storage.database.session import Database, open_database
from storage.filter import Filter
from storage.lists.queries import search
from storage.source import Source, SourceKind
from storage.sources.frontier import left_over
from storage.sources.states import last_runs
from tests.scheduler.jobs.daemon.running_daemon import children
from tests.spiders.crawls import source, spec
from tests.spiders.servers import Site, bad_site
from tests.storage.leased import in_flight
from tests.storage.opened import session
from tests.warm.start import command


@pytest.fixture
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


def test_a_crawl_without_progress_is_ended_reported_and_gone_on_with(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.1)])
    before = set(children(os.getpid()))

    def freeze(event: Event) -> None:
        if event["event"] == "document":
            monkeypatch.setattr(crawl_process, "QUIET_S", 1.0)
            monkeypatch.setattr(
                crawl_process, "_GRACE_S", 0.5
            )  # a process that is stopped does not hear that it is to end
            for pid in set(children(os.getpid())) - before:
                os.kill(pid, signal.SIGSTOP)

    ended = crawl(wanted, freeze)
    assert ended.report is None
    assert ended.why is not None
    assert "no progress" in ended.why
    monkeypatch.undo()
    again = crawl(wanted, lambda event: None)
    assert (again.code, again.why) == (0, None)
    with session(wanted.database_url) as s:
        assert len(list(search(s, Filter(), everything=True, limit=None))) == 40


def test_a_source_joins_a_crawl_that_is_at_work_and_a_crawl_that_may_begin_nothing_new_ends(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl_process, "JOIN_S", 0.1)
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.5)])
    due, seen = [source(site, "/watched", SourceKind.PAGE)], []

    def joining() -> list[Source] | None:
        return None if "watched" in seen else [due.pop()] if due else []

    ended = crawl(wanted, lambda event: seen.append(str(event.get("source"))), joining=joining)
    assert (ended.code, ended.why) == (0, None)
    assert ended.report is not None
    assert ended.report["sources"]["watched"]["stored"] == 1
    assert (
        ended.report["totals"]["stored"] < 41
    )  # the other forty documents would have taken twenty seconds


def test_a_crawl_that_is_interrupted_gives_back_what_it_has_in_hand_and_complains_of_nothing(
    site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.05)])

    def interrupt(event: Event) -> None:
        if event["event"] == "document":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crawl(wanted, interrupt)
    with session(wanted.database_url) as s:
        assert in_flight(s) == 0
        assert sum(left_over(s, datetime.now(UTC) + timedelta(hours=1)).values()) > 0
    assert "Traceback" not in capfd.readouterr().err


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
    findings = examine(database, chosen, datetime.now(UTC))
    return [finding for finding in findings if finding.name == "job:crawl:fails"]


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
