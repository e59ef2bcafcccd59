"""The crawl as a child: sources join it, and one that makes no progress is ended, reported, and gone on
with.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.jobs import crawl_process
from scheduler.jobs.crawl_process import Event, crawl
from storage.filter import Filter
from storage.lists.queries import search
from storage.source import Source, SourceKind
from storage.sources.frontier import left_over
from tests.scheduler.jobs.daemon.running_daemon import children
from tests.spiders.crawls import source, spec
from tests.spiders.servers import Site, bad_site
from tests.storage.leased import in_flight
from tests.storage.opened import session


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
