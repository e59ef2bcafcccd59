"""The daemon as a process: crawls, sends, reloads, frees memory, counts failures, and is alone."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from scheduler.jobs.daemon.daemon import Crashes, Daemon, Failures
from scheduler.jobs.daemon.host_system import Reloader, give_memory_back, set_up_log
from scheduler.jobs.locks import alone
from scheduler.schedule.triggers import ClockWatch
from scheduler.web.operations import health
from spiders.demo.server import demo_configuration
from storage.database.session import Database, open_database
from storage.lists.queries import counts
from storage.sources.states import record_poll, source_state
from storage.sources.tables import Poll
from tests.scheduler.jobs.daemon.running_daemon import (
    PATIENCE_S,
    children,
    daemon,
    news_site,
    wait_until,
)

RUN = [sys.executable, "-m", "scheduler.cli", "run", "--config"]
NOTHING = "subscriptions:\n  - {id: everything, channels: [file]}\n"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with news_site() as address:
        yield address


@pytest.fixture
def demo(tmp_path: Path, site: str) -> Path:
    path = tmp_path / "accordwatch.yaml"
    path.write_text(demo_configuration(site), encoding="utf-8")
    return path


@pytest.fixture
def idle(tmp_path: Path) -> Path:
    """A configuration with nothing to crawl."""
    path = tmp_path / "accordwatch.yaml"
    path.write_text(NOTHING, encoding="utf-8")
    return path


def test_it_crawls_tells_answers_and_ends(demo: Path) -> None:
    with daemon(demo) as running:
        ended = running.wait_for("crawl ended")
        assert ended["totals"]["relevant"] > 0
        assert ended["run"] == 1
        wait_until(lambda: any((demo.parent / "digests").glob("*.eml")), "a digest")
        running.wait_for("sent")
        code, health = running.get("/healthz")
        assert (code, '"status": "ok"' in health) == (200, True)
        assert "accordwatch_agreements 0.0" not in running.get("/metrics")[1]
        assert running.end() == 0


def test_it_ends_in_the_middle_of_a_crawl_and_leaves_no_child(demo: Path) -> None:
    # Ten pages of each outlet, a second apart: the crawl is still at work, however quick it is.
    slow = demo.read_text(encoding="utf-8").replace("delay_s: 0 ", "delay_s: 1 ")
    demo.write_text(slow, encoding="utf-8")
    with daemon(demo, cold=True) as running:
        running.wait_for("crawl begins")
        wait_until(lambda: bool(children(running.process.pid)), "a child")
        crawls = children(running.process.pid)
        time.sleep(1)
        assert running.end() == 0
        wait_until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in crawls), "the child to end"
        )
    database = open_database(f"sqlite:///{demo.parent / 'accordwatch.db'}")
    with database.read() as s:
        assert counts(s).documents < 40  # it did not wait until all were fetched
    database.close()


def test_a_killed_daemon_takes_its_crawl_with_it(demo: Path) -> None:
    with daemon(demo, cold=True) as running:
        running.wait_for("crawl begins")
        wait_until(lambda: bool(children(running.process.pid)), "a child")
        crawls = children(running.process.pid)
        running.end(signal.SIGKILL)
        wait_until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in crawls), "the child to end"
        )


def test_neither_a_second_daemon_nor_a_run_works_beside_it(idle: Path) -> None:
    with daemon(idle) as running:
        running.wait_for("started")
        for command in ([*RUN, str(idle)], [*RUN[:3], "daemon", "--config", str(idle)]):
            if command[3] == "run":
                idle.write_text(
                    f"{NOTHING}sources:\n  - {{id: a, kind: feed, url: 'http://127.0.0.1:9/'}}\n"
                )
            refused = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
            assert refused.returncode == 2
            assert "another Accordwatch" in refused.stderr


def test_a_bad_configuration_is_refused_and_a_good_one_taken_up(idle: Path) -> None:
    with daemon(idle) as running:
        running.wait_for("started")
        idle.write_text("subscriptions: [{id: everything}]\n")
        refused = running.wait_for("configuration refused")
        assert "subscriptions[0].channels: is missing" in refused["why"]
        assert '"status": "ok"' in running.get("/healthz")[1]
        idle.write_text(f"{NOTHING}rules: {{files: [mine.yaml]}}\n")
        assert "mine.yaml" in running.wait_for("configuration refused", 2)["why"]
        idle.write_text(NOTHING)
        running.wait_for("configuration read again")
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("configuration read again", 2)
        assert running.end() == 0


def test_a_shortened_interval_is_taken_up_at_the_next_tick(idle: Path, site: str) -> None:
    source = f"crawl: {{allow_private: ['{urlsplit(site).netloc}']}}\nsources:\n  - {{id: a, kind: feed, url: '{site}/feed/'"
    idle.write_text(f"{NOTHING}{source}, every: 1d}}\n")
    database = open_database(f"sqlite:///{idle.parent / 'accordwatch.db'}")
    polled_at = datetime.now(UTC) - timedelta(hours=2)
    with database.begin() as s:
        record_poll(s, "a", Poll(polled_at, True, 1, 1))
    with daemon(idle) as running:
        running.wait_for("started")
        wait_until(lambda: _due_at(database) is not None, "a plan")
        assert (_due_at(database) or polled_at) >= polled_at + timedelta(days=1)
        assert running.said("crawl begins") == []
        idle.write_text(f"{NOTHING}{source}, every: 1h}}\n")
        running.wait_for("crawl ended")
        wait_until(lambda: _due_at(database) is not None, "the next plan")
        assert running.end() == 0
    with database.read() as s:
        state = source_state(s, "a")
    database.close()
    assert state.due_at is not None
    assert state.last_poll_at is not None
    assert state.last_error is None
    assert timedelta(minutes=60) <= state.due_at - state.last_poll_at <= timedelta(minutes=66)


def _due_at(database: Database) -> datetime | None:
    with database.read() as s:
        return source_state(s, "a").due_at


def test_systemd_hears_that_it_is_ready_alive_and_ending(idle: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE_S)
        with daemon(
            idle, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="2000000"
        ) as running:
            assert manager.recv(200).startswith(b"READY=1")
            assert manager.recv(200) == b"WATCHDOG=1"
            assert manager.recv(200) == b"WATCHDOG=1"
            running.end()
        received = []
        manager.settimeout(0.1)
        while True:
            try:
                received.append(manager.recv(200))
            except TimeoutError:
                break
        assert received[-1] == b"STOPPING=1"


def test_a_configuration_that_cannot_be_used_ends_it_at_once(tmp_path: Path) -> None:
    with daemon(tmp_path / "nowhere.yaml") as running:
        assert running.process.wait(PATIENCE_S) == 2


def test_health_is_red_once_another_process_has_the_lock(idle: Path) -> None:
    chosen = Reloader.begin(idle).chosen
    database = open_database(chosen.database)
    with closing(database), alone(database) as held:
        running = Daemon(database, Reloader(chosen), held, set_up_log())
        running.tick("watch")
        assert running.failing() == {}
        Path(f"{database.url.removeprefix('sqlite:///')}.lock").unlink()
        with alone(database):
            running.tick("watch")
        assert list(running.failing()) == ["watch"]
        stuck, failing = running.stuck(), running.failing()
        assert health(database, chosen, stuck, failing, datetime.now(UTC))[0] == 503


class HeldWhileItWaits(threading.Event):
    """A signal comes when the main thread has just begun to wait, and holds the lock of the event."""

    def wait(self, timeout: float | None = None) -> bool:
        if threading.current_thread() is threading.main_thread():
            with self._cond:  # type: ignore[attr-defined]  # what the standard library's own wait does
                signal.raise_signal(signal.SIGTERM)
        return super().wait(timeout)


@pytest.mark.timeout(60)  # it would wait for ever
def test_a_signal_at_the_worst_moment_ends_it(idle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Reloader.begin(idle).chosen
    database = open_database(chosen.database)
    monkeypatch.setattr(threading, "Event", HeldWhileItWaits)
    running = Daemon(database, Reloader(chosen), lambda: True, set_up_log())
    monkeypatch.undo()
    teller = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
    teller.start()
    assert running.run() == 0
    teller.join()
    database.close()


@pytest.mark.timeout(60)  # it would work for ever
def test_it_gives_up_when_a_newer_version_has_upgraded_the_database(idle: Path) -> None:
    database = open_database(f"sqlite:///{idle.parent / 'accordwatch.db'}")
    ticked = Daemon(database, Reloader.begin(idle), lambda: True, set_up_log())
    with database.begin() as s:
        s.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ticked.tick("watch")
    assert ticked.run() == 1
    database.close()


def test_a_clock_that_is_set_is_told_from_one_that_slept() -> None:
    watch = ClockWatch(1000.0, 50.0)
    assert watch.jump(1010.0, 60.0) is None
    assert (
        watch.jump(1010.0 + 30 * 3600, 60.0 + 30 * 3600) is None
    )  # a suspend of 30 h: both clocks went on
    day = 24 * 3600
    assert watch.jump(watch.wall_s + day + 1, watch.steady_s + 1) == timedelta(days=1)
    assert watch.jump(watch.wall_s - day + 1, watch.steady_s + 1) == -timedelta(days=1)
    assert watch.jump(watch.wall_s + 1, watch.steady_s + 1) is None


def test_a_job_that_fails_three_times_in_a_row_is_failing_until_it_goes_well() -> None:
    failures = Failures()
    for why in ("locked", "locked"):
        failures.failed("send", why)
    assert failures.lasting() == {}
    failures.failed("send", "the disk is full")
    failures.failed("crawl", "locked")
    assert failures.lasting() == {"send": "the disk is full"}
    failures.went_well("send")
    assert failures.lasting() == {}


def test_failures_with_successes_between_them_are_no_row() -> None:
    failures = Failures()
    for _ in range(5):
        failures.failed("send", "locked")
        failures.failed("send", "locked")
        failures.went_well("send")
    assert failures.lasting() == {}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `Crashes` reads, which a test moves on."""
    now = [1000.0]
    monkeypatch.setattr("scheduler.jobs.daemon.daemon.time.monotonic", lambda: now[0])
    return now


def crash(crashes: Crashes, clock: list[float]) -> float:
    """The seconds that are rested after one more crash."""
    crashes.failed("crawl", "a fault of ours")
    begun = clock[0]
    while crashes.rests:
        clock[0] += 30.0
    return clock[0] - begun


def test_each_crash_in_a_row_doubles_the_rest_up_to_half_an_hour(clock: list[float]) -> None:
    crashes = Crashes()
    rests = [crash(crashes, clock) for _ in range(7)]
    assert rests == [60.0, 120.0, 240.0, 480.0, 960.0, 1800.0, 1800.0]


def test_a_crawl_that_went_well_makes_the_next_rest_short_again(clock: list[float]) -> None:
    crashes = Crashes()
    for _ in range(3):
        crash(crashes, clock)
    crashes.went_well("crawl")
    assert crash(crashes, clock) == 60.0


# Eight threads, one at a time, take 20 MB and keep the last 2 KB of it.
HUNGRY = """
import re, threading
from pathlib import Path
from scheduler.jobs.daemon.host_system import give_memory_back, share_pools
from storage.database.session import open_database
database = open_database("sqlite:///{folder}/accordwatch.db")
{begin}
def held_mb():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
kept, alone, together = [], threading.Lock(), threading.Barrier(8)
def work():
    together.wait()
    with alone:
        kept.append([bytes(2000) for _ in range(10_000)][-1])
    together.wait()
before = held_mb()
threads = [threading.Thread(target=work) for _ in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
after = held_mb()
give_memory_back(database)
print(after - before, held_mb() - before)
"""


def held_mb(begin: str, folder: Path) -> tuple[int, int]:
    """What is held afterwards, and once it was given back."""
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY.format(begin=begin, folder=folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    after, left = done.stdout.split()
    return int(after), int(left)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_threads_share_what_they_needed_once_and_give_it_back(tmp_path: Path) -> None:
    after, left = held_mb("share_pools()", tmp_path)
    assert after < 80
    assert left < 10


def test_pages_of_idle_connections_are_given_back_and_work_goes_on(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/accordwatch.db")
    with database.begin() as writing, database.read() as reading:
        give_memory_back(database)
        assert (
            writing.execute(text("SELECT 1")).scalar() == reading.execute(text("SELECT 1")).scalar()
        )
    files = Path("/proc/self/fd")
    give_memory_back(database)
    gc.collect()  # connections that were at work before are closed with the pool that they left
    assert not any("accordwatch.db" in str(path.resolve()) for path in files.iterdir())
    with database.read() as s:
        assert s.execute(text("SELECT count(*) FROM documents")).scalar() == 0
    database.close()
