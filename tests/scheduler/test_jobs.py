"""One pass as cron calls it: what an earlier one left is gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scheduler.configuration.config import Configuration, load_configuration
from scheduler.jobs.passes import left_over
from storage.database.session import Database, open_database
from storage.lists.queries import counts
from storage.notifications.incidents import incidents, save_open
from storage.records import Candidate
from storage.sources.frontier import offer, retry
from storage.sources.manners import pause
from storage.sources.states import record_poll, start_run
from storage.sources.tables import Poll
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import collect
from tests.scheduler.jobs.daemon.running_daemon import news_site
from tests.storage.given import judged
from tests.storage.leased import claim

CONFIGURATION = """
crawl: {{allow_private: ["{host}"]}}
sources:
  - {{id: courrier, kind: feed, url: "http://{host}/feed/", delay_s: 0}}
  - {{id: off, kind: feed, url: "http://{host}/other/", enabled: false}}
"""
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with news_site() as address:
        yield urlsplit(address).netloc


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


def left(database: Database, host: str, *paths: str, source: str = "courrier") -> None:
    """What a run leaves that is stopped after it has read its source."""
    now = datetime.now(UTC)
    with database.begin() as s:
        record_poll(s, source, Poll(now, True, len(paths), len(paths)))
        offer(s, source, [Candidate(f"http://{host}{path}") for path in paths], now)


def test_a_run_goes_on_with_what_a_stopped_one_left(
    chosen: Configuration, database: Database, host: str
) -> None:
    left(database, host, "/one", "/two")
    with database.begin() as s:
        claim(s, 1, datetime.now(UTC), 900)  # a killed one leaves leases
    done = accordwatch("run", cwd=chosen.folder)
    assert (done.returncode, "No source is due. 2 documents waited." in done.stderr) == (
        0,
        True,
    )
    with database.read() as s:
        assert counts(s).frontier == 0


def test_what_may_not_be_fetched_now_begins_no_run(
    chosen: Configuration, database: Database, host: str
) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    left(database, host, "/one", source="off")
    assert left_over(database, chosen, now) == 0
    left(database, host, "/two")
    assert left_over(database, chosen, now) == 1
    with database.begin() as s:
        pause(s, host, now + HOUR)
    assert left_over(database, chosen, now) == 0
    later = now + 2 * HOUR
    assert left_over(database, chosen, later) == 1
    with database.begin() as s:
        (row,) = claim(s, 1, now, 900, ["courrier"])
        retry(s, row.id, now + 3 * HOUR, "timeout")
    assert left_over(database, chosen, later) == 0


def test_a_run_says_when_what_is_pending_goes_out(
    chosen: Configuration, database: Database, host: str
) -> None:
    monthly = '\nsubscriptions:\n  - {id: w, channels: [file], rate: "monthly on 1 at 07:00"}\n'
    chosen.path.write_text(chosen.path.read_text(encoding="utf-8") + monthly, encoding="utf-8")
    watching = load_configuration(chosen.path, environ={})
    left(database, host)
    collect(database, watching, judged(1), now=datetime.now(UTC))
    said = accordwatch("run", cwd=chosen.folder).stderr.splitlines()
    assert said[:2] == ["No source is due.", "No digest was due."]
    assert said[2].startswith("1 item for w: the next digest goes out at ")


WATCHED = """
alerts: {operator: [file]}
crawl: {allow_private: ["127.0.0.1:9"]}
sources:
  - {id: dead, kind: feed, url: "http://127.0.0.1:9/", every: 1h}
"""


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Database]:
    """A watch over one source that failed three times; it is not due."""
    (tmp_path / "accordwatch.yaml").write_text(WATCHED, encoding="utf-8")
    database = open_database(f"sqlite:///{tmp_path / 'accordwatch.db'}")
    now = datetime.now(UTC)
    with database.begin() as s:
        for _ in range(3):
            record_poll(s, "dead", Poll(now, False, 0, 0), "connection: refused")
    yield database
    database.close()


def told(folder: Path) -> str:
    return "".join(
        page.read_text(encoding="utf-8") for page in (folder / "digests").glob("*operator*.html")
    )


def test_a_run_is_not_well_while_all_sources_fail_though_none_is_due(
    dead: Database, tmp_path: Path
) -> None:
    done = accordwatch("run", cwd=tmp_path)
    assert (done.returncode, "All sources failed when they were last looked at" in done.stderr) == (
        1,
        True,
    )


def test_a_run_watches_over_itself_as_the_daemon_does(dead: Database, tmp_path: Path) -> None:
    accordwatch("run", cwd=tmp_path)
    assert "the source dead fails" not in told(tmp_path)  # it may be over in a moment
    with dead.begin() as s:
        known = incidents(s)["source:dead:fails"]
        save_open(s, [replace(known, began_at=known.began_at - HOUR)])
    accordwatch("run", cwd=tmp_path)
    assert told(tmp_path).count("the source dead fails") == 1
    accordwatch("run", cwd=tmp_path)
    assert told(tmp_path).count("the source dead fails") == 1


def test_the_run_that_ends_a_long_silence_tells_of_it(dead: Database, tmp_path: Path) -> None:
    with dead.begin() as s:
        start_run(s, datetime.now(UTC) - 73 * HOUR)
    accordwatch("run", "--all", cwd=tmp_path)
    assert told(tmp_path).count("nothing ran for 73 hours") == 1
    accordwatch("run", cwd=tmp_path)
    assert told(tmp_path).count("nothing ran for 73 hours") == 1


def test_doctor_is_read_by_programs_and_its_exit_is_honest(dead: Database, tmp_path: Path) -> None:
    done = accordwatch("doctor", "--format", "json", cwd=tmp_path)
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"]) == (1, "problem")
    assert ("problem", "source:dead:fails") in [
        (one["level"], one["name"]) for one in said["findings"]
    ]
