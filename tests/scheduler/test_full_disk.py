"""A disk without room: the watch works on from memory, health says so, and all is well once there
is room again.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.cli.main import main
from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import FileChannel
from scheduler.jobs import crawl_process
from scheduler.jobs.crawl_process import crawl
from scheduler.jobs.daemon import daemon as daemon_module
from scheduler.jobs.daemon.daemon import TICKS_S, Daemon, Rhythm
from scheduler.jobs.daemon.host_system import Reloader, set_up_log
from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.report import UNWRITABLE, IncidentBook, examine
from scheduler.jobs.passes import run_pass
from scheduler.notify.channels.file import FileSender
from scheduler.notify.channels.table import subscriptions_of
from scheduler.notify.deliver import send_due
from scheduler.notify.direct_sending import send_directly
from scheduler.web.operations import health
from storage.database.session import Database
from storage.errors import DatabaseError, DeliveryError
from storage.notifications import incidents
from tests.scheduler.full_disk import disk_of_a_server, no_room_in, no_room_on, small_disk
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured, opened
from tests.scheduler.jobs.daemon.running_daemon import PATIENCE_S, wait_until
from tests.spiders.crawls import source, spec
from tests.spiders.servers import bad_site
from tests.warm.start import command

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPERATOR = "alerts: {operator: [file]}\n"
# Longer than all pages that migrations have left free, so that noting it needs room.
TROUBLE = Finding("problem", "source:fleuve:fails", f"the source fleuve fails{' again' * 20_000}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


class Setting:
    """A database that can be filled, and a watch of a minute over it."""

    def __init__(self, folder: Path, disk: Path | None) -> None:
        url = f"sqlite:///{disk}/accordwatch.db" if disk else ""
        self.chosen: Configuration = configured(folder, SUBSCRIPTIONS + OPERATOR, database=url)
        self.database: Database = opened(self.chosen)
        self.disk = disk
        self.book = IncidentBook()
        self.now = NOW

    def full(self) -> AbstractContextManager[None]:
        return no_room_on(self.disk) if self.disk else no_room_in(self.database)

    def see(self, *found: Finding, minutes: int) -> list[str]:
        told = []
        for _ in range(minutes):
            told += self.book.take_stock(
                self.database, subscriptions_of(self.chosen), found, self.now
            )
            self.now += MINUTE
        return told

    def pages(self) -> str:
        folder = self.chosen.folder / "digests"
        return "".join(page.read_text() for page in folder.glob("*operator*.html"))


@pytest.fixture(params=["file system", "pages"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    disk: Path | None = request.getfixturevalue("disk") if request.param == "file system" else None
    made = Setting(tmp_path, disk)
    yield made
    made.database.close()


def test_a_full_disk_is_told_from_memory_without_the_database(setting: Setting) -> None:
    with setting.full():
        assert setting.see(TROUBLE, minutes=9) == []
        told = setting.see(TROUBLE, minutes=11)
        assert len(told) == 2
        assert any(
            "nothing can be written to the database" in line and "disk is full" in line
            for line in told
        )
        assert list(setting.book.unsent) == told
        assert send_directly(setting.chosen, setting.book.unsent, setting.now)[0] == 1
        assert "nothing can be written" in setting.pages()


def test_what_was_told_from_memory_is_not_told_again_once_there_is_room(setting: Setting) -> None:
    with setting.full():
        setting.see(TROUBLE, minutes=20)
        setting.book.unsent = ()
    assert setting.see(TROUBLE, minutes=20) == []
    with setting.database.read() as s:
        assert {
            name: incident.notified_at for name, incident in incidents.incidents(s).items()
        } == {
            TROUBLE.name: NOW + 10 * MINUTE,
            UNWRITABLE: NOW + 10 * MINUTE,
        }
    (over,) = setting.see(TROUBLE, minutes=20)
    assert over.startswith("over: nothing can be written")
    assert send_due(setting.database, setting.chosen, now=setting.now).delivered == 1
    assert "over: nothing can be written" in setting.pages()


def test_what_nobody_could_send_is_queued_once_there_is_room(setting: Setting) -> None:
    with setting.full():
        setting.see(TROUBLE, minutes=20)
    setting.see(TROUBLE, minutes=1)
    assert setting.book.unsent == ()
    assert send_due(setting.database, setting.chosen, now=setting.now).delivered == 1
    assert "the source fleuve fails" in setting.pages()


def test_a_daemon_that_starts_without_room_does_not_tell_again_what_was_told(
    disk: Path, tmp_path: Path
) -> None:
    setting = Setting(tmp_path, disk)
    assert len(setting.see(TROUBLE, minutes=20)) == 1
    setting.book = IncidentBook()
    with setting.full():
        told = setting.see(TROUBLE, minutes=20)
    setting.database.close()
    assert [line.partition(":")[0] for line in told] == ["nothing can be written to the database"]


def test_health_fails_while_every_job_does_and_recovers_with_them(
    disk: Path, tmp_path: Path
) -> None:
    setting = Setting(tmp_path, disk)
    database, chosen = setting.database, setting.chosen
    daemon = Daemon(database, Reloader(chosen), lambda: True, set_up_log())

    def asked() -> tuple[int, dict[str, str]]:
        code, _ = health(database, chosen, daemon.stuck(), daemon.failing(), NOW)
        return code, daemon.failing()

    def crawls_rest() -> bool:
        return daemon.crashes.rests

    with no_room_on(disk):
        assert asked() == (200, {})
        daemon.tick("watch")
        code, why = asked()
        assert (code, set(why)) == (503, {"watch"})
        for _ in range(3):
            for job in TICKS_S:
                daemon.tick(job)
        code, why = asked()
        assert (code, set(why)) == (503, {"crawl", "send", "watch"})
        assert all("the disk is full" in line for line in why.values())
        daemon.crashes.failed("crawl", "the disk is full")
        daemon.tick("watch")
        assert crawls_rest()
    daemon.tick("send")
    daemon.tick("watch")
    assert not crawls_rest()
    assert set(asked()[1]) == {"crawl"}  # which would look at the internet now
    database.close()


def test_health_fails_while_the_disk_of_the_database_server_is_full(
    postgres_server: str, postgres_with_tables: str, tmp_path: Path
) -> None:
    with disk_of_a_server(postgres_server, postgres_with_tables) as (disk, url):
        chosen = configured(tmp_path, SUBSCRIPTIONS, database=url)
        database = opened(chosen)
        daemon = Daemon(database, Reloader(chosen), lambda: True, set_up_log())

        def red_after_a_look() -> dict[str, str]:
            daemon.tick("watch")
            code, _ = health(database, chosen, daemon.stuck(), daemon.failing(), NOW)
            assert code == (503 if daemon.failing() else 200)
            return daemon.failing()

        assert red_after_a_look() == {}
        with no_room_on(disk):
            (why,) = red_after_a_look().values()
            assert UNWRITABLE in {finding.name for finding in examine(database, chosen, NOW)}
        assert "the disk of the server is full: make room there" in why
        assert red_after_a_look() == {}
        database.close()


def test_a_daemon_without_room_looks_again_soon(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(tmp_path, disk)
    monkeypatch.setattr(daemon_module, "_LOOK_AGAIN_S", 0.1)
    idle = {"crawl": lambda: None, "send": lambda: None}
    hourly = dict.fromkeys(TICKS_S, 3600)
    daemon = Daemon(
        setting.database, Reloader(setting.chosen), lambda: True, set_up_log(), Rhythm(hourly, idle)
    )

    def make_room() -> None:
        try:
            with no_room_on(disk):
                is_full.set()
                wait_until(lambda: set(daemon.failing()) == {"watch"}, "the watch to fail")
            wait_until(lambda: not daemon.failing(), "the watch to look again")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    is_full, making = threading.Event(), threading.Thread(target=make_room)
    making.start()
    assert is_full.wait(PATIENCE_S)
    assert daemon.run() == 0
    making.join()
    setting.database.close()


def test_a_run_that_can_write_nothing_tells_the_operator_all_the_same(
    disk: Path, tmp_path: Path
) -> None:
    setting = Setting(tmp_path, disk)
    with setting.full(), pytest.raises(DatabaseError, match="disk is full"):
        run_pass(setting.database, setting.chosen, (), lambda event: None)
    setting.database.close()
    assert "a run could not do its work" in setting.pages()
    assert "disk is full" in setting.pages()


def test_doctor_names_the_full_disk_its_path_and_the_room_that_is_needed(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setting = Setting(tmp_path, disk)
    setting.database.close()
    with no_room_on(disk), pytest.raises(SystemExit) as ended:
        main(["doctor", "--config", str(setting.chosen.path)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"the disk is full ({disk}: 0 MB free, 1 MB needed): make room" in said


def test_the_file_channel_says_that_its_disk_is_full(disk: Path, tmp_path: Path) -> None:
    sender = FileSender(FileChannel(id="file", kind="file", folder=disk / "digests"), tmp_path)
    with no_room_on(disk), pytest.raises(DeliveryError) as failed:
        sender.probe()
    assert str(failed.value).endswith("the disk is full (0 MB free, 1 MB needed); make room")


def test_a_crawl_whose_disk_fills_up_says_so_in_a_line(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crawl_process, "COMMAND", command("spiders.process"))
    with bad_site() as site, ExitStack() as until_the_end:
        wanted = spec(tmp_path, site, [source(site, "/many")])
        wanted = wanted.model_copy(update={"database_url": f"sqlite:///{disk}/a.db"})

        def fill(event: dict[str, object]) -> None:
            if event["event"] == "source":
                until_the_end.enter_context(no_room_on(disk))

        ended = crawl(wanted, fill)
    assert ended.code == 2
    assert "the disk is full" in str(ended.fault)
    log = capfd.readouterr().err
    assert "Traceback" not in log
    assert len([line for line in log.splitlines() if "disk is full" in line]) == 1


def test_a_database_that_cannot_be_read_is_a_trouble_and_ends_no_other(tmp_path: Path) -> None:
    setting = Setting(tmp_path, None)
    daemon = Daemon(setting.database, Reloader(setting.chosen), lambda: True, set_up_log())
    daemon.tick("watch")
    with setting.database.connect() as connection:
        connection.execute(text("DROP TABLE source_states"))
    daemon.tick("watch")
    with setting.database.read() as s:
        kept = incidents.incidents(s)
    setting.database.close()
    assert {"runs", "database:unreadable"} <= kept.keys()
    assert kept["runs"].seen_at == kept["database:unreadable"].seen_at
