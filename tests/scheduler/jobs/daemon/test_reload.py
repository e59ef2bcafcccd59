"""A save is seen whenever it comes, also while the files are being read."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.judgement.judge import load_rules
from scheduler.jobs.daemon import host_system
from scheduler.jobs.daemon.daemon import IN_A_ROW, Daemon
from scheduler.jobs.daemon.host_system import Reloader, set_up_log
from storage.database.session import open_database

FIRST = "subscriptions:\n  - {id: everything, channels: [file]}\n"
SAVED = FIRST.replace("everything", "all-of-it")
RULES = "rules: {files: [mine.yaml]}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "accordwatch.yaml"
    path.write_text(FIRST, encoding="utf-8")
    return path


def while_reading(patch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Have something happen once, when the files have been read and their rules are not loaded
    yet.
    """

    def loaded(*files: tuple[str, ...]) -> object:
        patch.undo()
        happens()
        return load_rules(*files)  # type: ignore[arg-type]

    patch.setattr(host_system, "load_rules", loaded)


def subscribed(reloader: Reloader) -> list[str]:
    return [subscription.id for subscription in reloader.chosen.subscriptions]


def test_a_save_while_the_file_is_read_is_seen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reloader = Reloader.begin(path)
    while_reading(monkeypatch, lambda: path.write_text(SAVED, encoding="utf-8"))
    assert reloader.reload()
    assert subscribed(reloader) == ["everything"]
    assert reloader.has_changed()
    assert reloader.reload()
    assert (subscribed(reloader), reloader.has_changed()) == (["all-of-it"], False)


def test_a_save_while_the_file_is_read_for_the_first_time_is_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_reading(monkeypatch, lambda: path.write_text(SAVED, encoding="utf-8"))
    assert Reloader.begin(path).has_changed()


def test_a_rule_file_that_a_refused_configuration_names_is_watched(path: Path) -> None:
    reloader, rules = Reloader.begin(path), path.with_name("mine.yaml")
    rules.write_text("nonsense: [\n", encoding="utf-8")
    path.write_text(FIRST + RULES, encoding="utf-8")
    assert not reloader.reload()
    assert not reloader.has_changed()
    rules.write_text("rules: []\n", encoding="utf-8")
    assert reloader.has_changed()


def test_a_fault_of_ours_keeps_the_last_good_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reloader = Reloader.begin(path)

    def fail() -> None:
        raise ZeroDivisionError

    while_reading(monkeypatch, fail)
    assert not reloader.reload()
    assert "a fault of ours: ZeroDivisionError" in str(reloader.refusal)


def test_a_configuration_that_is_refused_is_a_finding_until_it_is_mended(path: Path) -> None:
    with closing(open_database(Reloader.begin(path).chosen.database)) as database:
        reloader = Reloader.begin(path)
        daemon = Daemon(database, reloader, lambda: True, set_up_log())
        path.write_text("nonsense: true\n", encoding="utf-8")
        assert not reloader.reload()
        (finding,) = daemon.own_findings()
        assert (finding.level, finding.name) == ("problem", "configuration")
        assert "nonsense" in finding.line
        path.write_text(SAVED, encoding="utf-8")
        assert reloader.reload()
        assert [*daemon.own_findings()] == []


def test_of_the_jobs_that_fail_the_daemon_reports_those_that_nobody_else_does(path: Path) -> None:
    chosen = Reloader.begin(path).chosen
    with closing(open_database(chosen.database)) as database:
        daemon = Daemon(database, Reloader(chosen), lambda: True, set_up_log())
        for job in ("watch", "send") * IN_A_ROW:
            daemon._failures.failed(job, "locked")
        for _ in range(IN_A_ROW):
            daemon.crashes.failed("crawl", "a fault of ours")
        assert daemon.failing().keys() == {"watch", "send", "crawl"}
        assert [finding.name for finding in daemon.own_findings()] == ["job:send:fails"]


@pytest.mark.timeout(120)
def test_a_signal_to_end_does_not_wait_for_a_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Reloader.begin(path).chosen
    database = open_database(chosen.database)
    daemon = Daemon(database, Reloader(chosen), lambda: True, set_up_log())
    through, read = threading.Event(), threading.Event()

    def hang() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        through.wait(30)
        read.set()

    while_reading(monkeypatch, hang)
    path.write_text(SAVED, encoding="utf-8")
    assert daemon.run() == 0
    assert not read.is_set()
    through.set()
    read.wait(30)
    database.close()


def test_a_daemon_is_at_work_only_while_a_job_is(path: Path) -> None:
    chosen = Reloader.begin(path).chosen
    with closing(open_database(chosen.database)) as database:
        daemon = Daemon(database, Reloader(chosen), lambda: True, set_up_log())
        daemon.tick("watch")
        assert not daemon.is_busy
