"""Whole runs: real server, real worker pool, real database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.worker import RulesSpec
from storage.database.session import Session
from storage.filter import Filter
from storage.lists.queries import agreements, document_text, search
from storage.records import Candidate
from storage.source import SourceKind
from storage.sources.frontier import next_due_at, offer
from storage.sources.states import last_runs, source_state
from storage.sources.tables import Frontier
from tests.spiders.crawls import COMMAND, crawl, finish, source, spec, start
from tests.spiders.servers import Site, bad_site
from tests.storage.leased import in_flight
from tests.storage.opened import session


@pytest.fixture
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


def opened(folder: Path) -> AbstractContextManager[Session]:
    return session(f"sqlite:///{folder / 'a.db'}")


def test_documents_are_fetched_judged_and_stored(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/feed")]))
    assert done.code == 0, done.stderr
    assert done.outcomes(site) == {"/a": "stored", "/b": "stored", "/forbidden/c": "robots"}
    assert done.report["totals"] == {
        "offered": 3,
        "new": 3,
        "fetched": 2,
        "stored": 2,
        "relevant": 0,
        "skipped": {"robots": 1},
    }
    assert "/forbidden/c" not in site.paths()


def test_a_new_session_in_each_address_brings_no_second_fetch(site: Site, tmp_path: Path) -> None:
    wanted = spec(tmp_path, site, [source(site, "/sessions")])
    first, second = crawl(wanted), crawl(wanted)
    assert first.report["totals"]["stored"] == 2
    assert (second.report["totals"]["offered"], second.report["totals"]["new"]) == (2, 0)
    assert len([path for path in site.paths() if path.startswith("/a")]) == 2


def test_a_challenge_is_tried_again_and_a_parked_domain_is_not(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/walls")], patience_s=20))
    assert done.outcomes(site) == {"/challenge": "stored", "/parked": "parked", "/a": "stored"}
    assert site.paths().count("/challenge") == 2
    assert done.problems() == [
        f"parked: {site.url('/parked')}: the domain is parked or for sale",
    ]


def test_an_article_of_two_pages_is_one_document(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/paged")]))
    assert done.outcomes(site) == {"/story": "stored", "/story?page=2": "later_page"}
    with opened(tmp_path) as s:
        text = document_text(s, 1) or ""
    assert [text.count(f"council of Place{number}") for number in (1, 2)] == [8, 8]


def test_the_report_is_kept_with_the_run(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/feed")]))
    with opened(tmp_path) as s:
        (run,) = last_runs(s, 5)
        assert in_flight(s) == 0
    assert run.finished_at is not None
    assert run.report == done.report


def test_an_unchanged_source_is_asked_conditionally_and_its_documents_not_again(
    site: Site, tmp_path: Path
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/feed")])
    crawl(wanted)
    again = crawl(wanted)
    assert again.code == 0
    asked = site.asked()
    assert [path for _, path, _ in asked].count("/a") == 1
    assert [headers.get("If-None-Match") for _, path, headers in asked if path == "/feed"] == [
        None,
        '"feed-1"',
    ]
    assert again.report["totals"]["offered"] == 3  # what it offers has not changed
    assert again.report["totals"]["new"] == 0


def test_every_mishap_has_a_name_and_the_rest_goes_on(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/mishaps")]))
    assert done.code == 0  # the source itself is well
    assert done.outcomes(site) == {
        "/bomb": "too_large",
        "/loop": "redirect_loop",
        "/to-private": "private_address",
        "/gone": "http_410",
        "/forbidden/c": "robots",
        "/sealed.pdf": "encrypted",
        "/a": "stored",
    }
    # these two may pass, so they wait for the next run
    skipped = done.report["totals"]["skipped"]
    assert skipped["empty"] == skipped["truncated"] == 1
    assert sum("it will be tried again" in line for line in done.problems()) == 2


def test_sources_that_fail_are_named_and_the_others_go_on(site: Site, tmp_path: Path) -> None:
    reasons = {
        "/html-feed": "html",
        "/empty": "empty",
        "/accepted": "accepted",
        "/gone": "http_410",
        "/to-private": "private_address",
        "/slow": "timeout",
    }
    sources = [source(site, path) for path in (*reasons, "/feed")]
    done = crawl(spec(tmp_path, site, sources, timeout_s=1))
    assert done.code == 1
    assert done.report["failed_sources"] == sorted(path.strip("/") for path in reasons)
    assert done.outcomes(site)["/a"] == "stored"
    lines = {path: done.report["sources"][path.strip("/")]["problems"] for path in reasons}
    assert {path: [line.partition(": ")[0] for line in said] for path, said in lines.items()} == {
        path: [reason] for path, reason in reasons.items()
    }
    with opened(tmp_path) as s:
        state = source_state(s, "slow")
    assert (state.failures, state.last_success_at, state.last_error) == (1, None, lines["/slow"][0])


def test_a_source_that_fails_once_is_asked_again(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/flaky-feed")]))
    assert done.code == 0
    assert done.outcomes(site)["/a"] == "stored"


def test_an_address_that_is_too_long_is_left_out_reported_and_fails_nothing(
    site: Site, tmp_path: Path
) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/long-feed")]))
    assert done.code == 0
    assert done.outcomes(site) == {"/a": "stored", "/b": "stored"}
    assert done.problems() == ["long_address: 1 address of more than 2,000 characters left out"]


@pytest.mark.parametrize(
    "url",
    ["http://[broken/", "nowhere", "http://127.0.0.1:80:80/", "http://127.0.0.1:1/" + "x" * 3000],
)
def test_a_request_that_fails_before_it_is_sent_ends_its_row(
    site: Site, tmp_path: Path, url: str
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/feed")])
    with session(wanted.database_url) as s:
        offer(s, "feed", [Candidate(url)], datetime.now(UTC))
    done = crawl(wanted)
    assert done.code == 0, done.stderr
    assert done.outcomes(site)["/a"] == "stored"
    assert (
        sum(done.report["totals"]["skipped"].values()) == 2
    )  # it, and what robots.txt keeps to itself
    with opened(tmp_path) as s:
        assert in_flight(s) == 0


def test_documents_and_looks_end_where_the_downloader_never_answers(
    site: Site, tmp_path: Path
) -> None:
    sources = [source(site, "/feed"), source(site, "/never-feed")]
    done = crawl(spec(tmp_path, site, sources), "tests.spiders.never_answered")
    assert (done.code, done.report["failed_sources"]) == (1, ["never-feed"])
    assert done.outcomes(site)["/b"] == "stored"
    assert done.report["totals"]["skipped"]["no_end"] == 1  # /a, which is tried again
    with opened(tmp_path) as s:
        assert in_flight(s) == 0


def test_a_truncated_feed_gives_what_arrived_and_a_problem(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/truncated-feed")]))
    assert done.code == 0
    assert done.outcomes(site)["/a"] == "stored"
    assert done.problems()[0].startswith("truncated: ")


def test_an_index_is_read_with_its_parts_and_one_missing_part_is_reported(
    site: Site, tmp_path: Path
) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/index.xml", SourceKind.SITEMAP)]))
    assert done.code == 0
    assert done.outcomes(site) == {"/from-part/1": "stored", "/from-part/2": "stored"}
    assert done.problems() == [f"http_410: {site.url('/gone')}: answers 410"]


def test_a_server_that_asks_to_wait_is_left_alone_until_then(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/busy-feed")], patience_s=10, per_host=1))
    assert done.code == 0
    assert done.outcomes(site) == {"/busy": "stored", "/b": "stored"}
    times = [at for at, path, _ in site.asked() if path == "/busy"]
    assert times[1] - times[0] >= 2.0
    assert not any(times[0] + 0.1 < at < times[0] + 1.9 for at, _, _ in site.asked())


def test_a_wish_to_be_left_alone_outlives_the_run_and_holds_for_who_heard_it(
    site: Site, tmp_path: Path
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/strict-feed", delay_s=1)], per_host=1)
    began_at = datetime.now(UTC)
    crawl(wanted)
    asked = site.paths()
    assert asked[-1] == "/strict"  # /b was behind it, and waits as well
    again = crawl(wanted)
    assert site.paths() == asked
    assert again.problems()[0].startswith("paused: ")
    with opened(tmp_path) as s:
        refused_at = next_due_at(s, ["strict-feed"])
        asked_for = source_state(s, "strict-feed").not_before_at
    assert asked_for is not None
    assert asked_for - began_at >= timedelta(seconds=600)
    assert refused_at is not None


def test_the_document_that_was_refused_waits_as_long_as_it_was_told_to(
    site: Site, tmp_path: Path
) -> None:
    began_at = datetime.now(UTC)
    crawl(spec(tmp_path, site, [source(site, "/strict-feed")], per_host=1))
    with opened(tmp_path) as s:
        waiting = (
            s.execute(select(Frontier.not_before_at).where(Frontier.outcome == "http_429"))
            .scalars()
            .all()
        )
    assert len(waiting) == 1
    assert waiting[0] - began_at >= timedelta(seconds=600)


def test_a_feed_without_items_is_no_failure(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/empty-feed")]))
    assert (done.code, done.problems()) == (0, [])
    with opened(tmp_path) as s:
        state = source_state(s, "empty-feed")
    assert (state.failures, state.last_offered) == (0, 0)
    assert state.last_success_at is not None


def test_a_gzip_that_breaks_off_without_a_length_is_fetched_again(
    site: Site, tmp_path: Path
) -> None:
    done = crawl(spec(tmp_path, site, [source(site, "/torn-feed")], patience_s=30))
    assert done.outcomes(site) == {"/torn": "stored"}
    assert site.paths().count("/torn") == 2
    with opened(tmp_path) as s:
        (row,) = search(s, Filter(), everything=True, limit=None)
        assert "item 8 of a long agenda" in (document_text(s, row.id) or "")


def test_a_watched_page_is_stored_again_when_it_changes(site: Site, tmp_path: Path) -> None:
    wanted = spec(tmp_path, site, [source(site, "/watched", SourceKind.PAGE)])
    outcomes = [crawl(wanted).outcomes(site) for _ in range(3)]
    assert outcomes == [{"/watched": "stored"}, {"/watched": "changed"}, {}]


def test_an_agreement_that_a_watched_page_adds_is_a_report_of_its_own(
    site: Site, tmp_path: Path
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/accords", SourceKind.PAGE)])
    outcomes = [crawl(wanted).outcomes(site) for _ in range(3)]
    assert outcomes == [{"/accords": "stored"}, {"/accords": "changed"}, {}]
    with opened(tmp_path) as s:
        assert sorted(agreement.parties for agreement in agreements(s, Filter())) == [
            ("CH", "MA"),
            ("CH", "TN"),
        ]


def test_requests_to_one_host_keep_their_distance(site: Site, tmp_path: Path) -> None:
    crawl(spec(tmp_path, site, [source(site, "/feed")], delay_s=0.6, per_host=1))
    times = [at for at, _, _ in site.asked()]
    assert len(times) == 4  # robots.txt, the feed, two documents
    # From the first to the last: a busy machine delays the arrival of one, never of all.
    assert times[-1] - times[0] >= 3 * 0.55


def test_a_killed_run_loses_nothing_and_stores_nothing_twice(site: Site, tmp_path: Path) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.1)])
    process = start(wanted)
    assert process.stdout is not None
    for line in process.stdout:
        if '"event": "document"' in line:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 0 < sum(path.startswith("/article/") for path in site.paths()) < 40
    done = crawl(wanted)
    assert done.code == 0
    with opened(tmp_path) as s:
        assert in_flight(s) == 0
        titles = [row.title for row in search(s, Filter(), everything=True, limit=None)]
    assert sorted(titles) == sorted(f"Page /article/{n}" for n in range(40))
    assert done.report["totals"]["stored"] < 40  # the first run kept some


def test_a_run_begins_nothing_new_after_its_length_and_leaves_the_rest_to_the_next(
    site: Site, tmp_path: Path
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.3)])
    done = crawl(wanted.model_copy(update={"length_s": 1.5}))
    assert (done.code, done.report["stopped"]) == (0, False)
    assert (
        done.report["totals"]["new"] == 40
    )  # what had begun, such as a look at a source, came to its end
    assert done.report["totals"]["stored"] < 40
    with opened(tmp_path) as s:
        assert in_flight(s) == 0
        assert next_due_at(s, ["many"]) is not None


def test_a_killed_run_on_postgresql_is_taken_up(
    site: Site, tmp_path: Path, postgres_url: str
) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.05)])
    wanted = wanted.model_copy(update={"database_url": postgres_url})
    process = start(wanted)
    assert process.stdout is not None
    while '"event": "document"' not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert crawl(wanted).code == 0
    with session(postgres_url) as s:
        assert in_flight(s) == 0
        assert len(list(search(s, Filter(), everything=True, limit=None))) == 40


def test_a_terminated_run_ends_cleanly_and_the_next_one_goes_on(site: Site, tmp_path: Path) -> None:
    wanted = spec(tmp_path, site, [source(site, "/many", delay_s=0.1)])
    process = start(wanted)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert '"source"' in first
    process.send_signal(signal.SIGTERM)
    done = finish(process)
    assert done.code == 0, done.stderr
    assert done.report["stopped"] is True
    assert done.report["totals"]["stored"] < 40
    with opened(tmp_path) as s:
        assert in_flight(s) == 0
    assert crawl(wanted).report["totals"]["stored"] + done.report["totals"]["stored"] == 40


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_database_is_one_line_and_exit_2(site: Site, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    done = crawl(spec(tmp_path, site, [source(site, "/feed")]))
    tmp_path.chmod(0o755)
    assert done.code == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_terminated_run_does_not_wait_for_a_slow_server(site: Site, tmp_path: Path) -> None:
    wanted = spec(tmp_path, site, [source(site, "/slow-feed")], timeout_s=60)
    process = start(wanted)
    while "/slow" not in site.paths():
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    done = finish(process)
    assert done.code == 0, done.stderr
    assert done.report["stopped"] is True
    # Had it waited for the end of that answer, it would have found it broken off.
    assert [source["problems"] for source in done.report["sources"].values()] == [[]]
    with opened(tmp_path) as s:
        assert in_flight(s) == 0


def test_rules_that_cannot_be_used_end_the_run_and_lose_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("schema: 1\nrulez: []\n")
    wanted = spec(tmp_path, site, [source(site, "/feed")])
    done = crawl(wanted.model_copy(update={"rules": RulesSpec(files=(tmp_path / "mine.yaml",))}))
    assert done.code == 2
    assert "mine.yaml:2:" in done.stderr
    assert crawl(wanted).outcomes(site)["/a"] == "stored"


def test_a_missing_folder_is_one_line_and_exit_2(site: Site, tmp_path: Path) -> None:
    done = crawl(spec(tmp_path / "missing", site, [source(site, "/feed")]))
    assert (done.code, [event["event"] for event in done.events]) == (2, ["failed"])
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_specification_that_is_none_is_one_line_and_exit_2() -> None:
    import subprocess

    done = subprocess.run(
        COMMAND, input='{"database_url": 7}', capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "the specification on stdin is wrong" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


_MOST_MB = 10


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_ten_thousand_pages_take_no_more_memory_than_two_thousand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crawl.memory"],
        capture_output=True,
        text=True,
        check=True,
        timeout=3000,
    )
    assert json.loads(done.stdout.splitlines()[-1])["growth_mb"] <= _MOST_MB, done.stdout
