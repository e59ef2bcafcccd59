"""One pass as cron calls it: what an earlier one left is gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scheduler.config import Configuration, load_configuration
from scheduler.jobs import left_over
from storage.pauses import pause
from storage.queries import counts
from storage.records import Candidate
from storage.session import Database, open_database
from storage.sources import claim, offer, record_poll, retry
from tests.scheduler.running_daemon import news_site
from tests.scheduler.test_cli import accordwatch

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
        record_poll(s, source, now=now, ok=True, error=None, offered=len(paths), new=len(paths))
        offer(s, source, [Candidate(f"http://{host}{path}") for path in paths], now)


def test_a_run_goes_on_with_what_a_stopped_one_left(chosen: Configuration, database: Database, host: str) -> None:
    left(database, host, "/one", "/two")
    with database.begin() as s:
        claim(s, 1, datetime.now(UTC), 900)  # a killed one leaves leases
    done = accordwatch("run", cwd=chosen.folder)
    assert (done.returncode, "no source is due; 2 documents waited from before" in done.stderr) == (0, True)
    with database.read() as s:
        assert counts(s).frontier == 0


def test_what_may_not_be_fetched_now_begins_no_run(chosen: Configuration, database: Database, host: str) -> None:
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
