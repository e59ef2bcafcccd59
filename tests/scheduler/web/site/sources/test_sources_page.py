"""Silence told from blindness."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW


def test_a_sentence_says_of_how_much_the_week_was_made(site: Site) -> None:
    shown = site.ask("/sources").text
    assert "3 relevant documents this week; compiled from 4 documents of 1 of 1 source." in shown


def test_what_is_not_alive_is_named_with_since_when_and_why(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        with database_of(site).begin() as s:
            for hours in (40, 30, 20, 10):
                at = NOW - timedelta(hours=hours)
                record_poll(s, "fleuve", Poll(at, False, 0, 0), "<b>503")
        shown = site.ask("/sources").text
    assert ">inactive</span>" in shown
    assert "12 March 2026" in shown
    assert "&lt;b&gt;503" in shown


def test_a_source_shows_its_last_weeks(site: Site) -> None:
    shown = site.ask("/sources").text
    assert 'aria-label="0 documents in 28 days, at most 0 a day"' in shown
