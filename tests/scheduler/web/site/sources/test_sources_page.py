"""Silence told from blindness."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from storage.sources.ledger import Tally, write
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


def test_sources_are_sorted_by_what_they_gave_in_any_span(tmp_path: Path) -> None:
    """The least first: what never gave anything."""
    with serving(tmp_path) as site:
        path = site.served.chosen.path
        more = "".join(
            f"  - {{id: {name}, kind: feed, name: {name}, url: 'https://{name}.example/feed'}}\n"
            for name in ("busy", "earlier", "quiet")
        )
        written = path.read_text("utf-8")
        path.write_text(written.replace("sources:\n", f"sources:\n{more}", 1), "utf-8")
        with database_of(site).begin() as s:
            write(s, NOW - timedelta(days=2), [("busy", Tally(polls=3, new=4, matched=2))])
            write(s, NOW - timedelta(days=40), [("earlier", Tally(polls=2, new=9, matched=1))])

        def order(asked: str) -> list[str]:
            return re.findall(r"<bdi>(busy|earlier|quiet)</bdi></a>", site.ask(asked).text)

        assert order("/sources?days=365&sort=checks") == ["quiet", "earlier", "busy"]
        assert order("/sources?days=365&sort=new") == ["quiet", "busy", "earlier"]
        assert order("/sources?days=7&sort=new")[-1] == "busy"
        assert 'href="/sources?days=365&amp;sort=matched"' in site.ask("/sources?days=365").text
        assert site.ask("/sources?days=8").code == 422
        assert site.ask("/sources?sort=size").code == 422
