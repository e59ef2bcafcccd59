"""The runs: what became of each, and what to do where there are none."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.sources_page import state_of
from storage.sources.states import finish_run, last_runs, record_poll, start_run
from storage.sources.tables import Poll, Run
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.web.site.running import Site, database_of, running, serving
from tests.storage.given import NOW

MINUTE = timedelta(minutes=1)


def test_a_run_says_when_it_was_and_what_it_brought(site: Site) -> None:
    shown = site.ask("/runs").text
    assert "12 March 2026, 08:30 UTC" in shown
    assert "60 minutes ago" in shown
    assert ">ended</span>" in shown
    assert "95 seconds" in shown


def test_a_run_shows_each_source_and_its_problems(site: Site) -> None:
    shown = site.ask("/runs/1").text
    assert "robots: 1" in shown
    assert "robots.txt forbids fetching it" in shown


def test_where_nothing_ran_the_page_says_what_to_do(tmp_path: Path) -> None:
    chosen = configured(tmp_path)
    database = opened(chosen)
    try:
        with running(Installation(database, chosen)) as site:
            assert "accordwatch run" in site.ask("/runs").text
    finally:
        database.close()


def test_a_run_without_an_end_is_running_only_while_something_is_recorded() -> None:
    run = Run(7, NOW, None, {})
    assert state_of(run, 7, None, NOW + MINUTE) == "running"
    assert state_of(run, 7, NOW + 50 * MINUTE, NOW + 55 * MINUTE) == "running"
    assert state_of(run, 7, NOW + 50 * MINUTE, NOW + 90 * MINUTE) == "interrupted"
    assert state_of(run, 8, None, NOW + MINUTE) == "interrupted"


def test_a_run_that_was_told_to_end_says_so() -> None:
    assert state_of(Run(7, NOW, NOW + MINUTE, {"stopped": True}), 7, None, NOW) == "stopped"
    assert state_of(Run(7, NOW, NOW + MINUTE, {}), 7, None, NOW) == "ended"


def test_an_interrupted_run_says_that_nothing_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        with database_of(site).begin() as s:
            killed = start_run(s, NOW - timedelta(hours=5))
        shown = site.ask(f"/runs/{killed}").text
    assert ">interrupted</span>" in shown
    assert "the next run continues" in shown


def test_what_a_source_sent_is_shown_as_text(tmp_path: Path) -> None:
    source = {"failed": True, "new": 1, "problems": ["<script>x</script>", "\u202eevil"]}
    with serving(tmp_path) as site:
        with database_of(site).begin() as s:
            number = start_run(s, NOW)
            report = {"failed_sources": ["<b>"], "sources": {"<b>": source}, "totals": {}}
            finish_run(s, number, NOW, report)
            record_poll(s, "fleuve", Poll(NOW, True, 0, 0))
        shown = site.ask(f"/runs/{number}").text
    assert "<script" not in shown
    assert "\u202e" not in shown
    assert "&lt;b&gt;" in shown


def test_pages_of_many_runs_follow_each_other(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        with database_of(site).begin() as s:
            for minute in range(70):
                start_run(s, NOW + minute * MINUTE)
            there = len(last_runs(s, 1000))
        seen, path = list[str](), "/runs"
        while path:
            shown = site.ask(path).text
            seen += re.findall(r'href="/runs/(\d+)"', shown)
            older = re.search(r'rel="next" href="([^"]+)"', shown)
            path = f"/runs{older[1]}" if older else ""
    assert len(seen) == len(set(seen)) == there
