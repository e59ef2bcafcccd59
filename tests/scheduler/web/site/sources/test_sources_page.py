"""Sources and runs: silence told from blindness, and what an admin can do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.schedule.sources_due import due_sources
from scheduler.views.words.labels import labels_of
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.sources_page import DAYS, HEIGHT, sparkline, state_of
from storage.documents.quarantine import Untried, set_aside
from storage.sources.ledger import Tally, write
from storage.sources.states import finish_run, last_runs, record_poll, start_run
from storage.sources.tables import Poll, Run
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.web.site.access.team import ROLES, team
from tests.scheduler.web.site.editing.filled_forms import form_in, send
from tests.scheduler.web.site.running import Site, database_of, running, serving
from tests.storage.given import NOW, judged


def test_a_sentence_says_what_the_sources_gave_this_week_without_imports(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1), judged(2)) as site:
        with database_of(site).begin() as s:
            tally = Tally(polls=1, outcomes={"stored": 5}, matched=3)
            write(s, NOW - timedelta(days=2), [("fleuve", tally)])
        shown = site.ask("/sources").text
    assert "3 relevant documents this week; compiled from 5 documents of 1 of 1 source." in shown


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


TODAY = date(2026, 3, 12)


def test_the_highest_day_fills_the_height_and_a_small_one_is_seen() -> None:
    drawn = sparkline({TODAY: 400, TODAY - timedelta(days=1): 1}, {}, TODAY, "ltr")
    (_, small, _), (_, whole, _) = drawn["bars"][-2:]
    assert (whole, drawn["total"], drawn["most"]) == (HEIGHT, 401, 400)
    assert 1 < small < HEIGHT


def test_a_day_without_news_is_not_a_day_without_a_look() -> None:
    drawn = sparkline({}, {TODAY: 24}, TODAY, "ltr")
    assert len(drawn["bars"]) == DAYS
    assert [kind for *_, kind in drawn["bars"][-2:]] == ["unseen", "none"]


def test_today_stands_where_the_line_ends() -> None:
    left, right = (sparkline({TODAY: 1}, {}, TODAY, way) for way in ("ltr", "rtl"))
    assert left["bars"][-1] == max(left["bars"])
    assert right["bars"][-1][0] == 0


FAULT = "KeyError: <b>'place'</b>"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_what_is_set_aside_is_shown_with_its_fault(tmp_path: Path, language: str) -> None:
    heading = labels_of(language).say("Not stored")
    with serving(tmp_path) as site:
        address = f"/sources?lang={language}"
        assert heading not in site.ask(address).text
        with database_of(site).begin() as s:
            document = judged(7).document
            set_aside(
                s, Untried("https://news.example/7?key=SECRET", "fleuve", document), FAULT, NOW
            )
        shown = site.ask(address).text
    assert heading in shown
    assert "https://news.example/7" in shown
    assert "KeyError: &lt;b&gt;" in shown
    assert "<b>'place'" not in shown


def test_only_an_admin_sees_what_is_secret_in_an_address(tmp_path: Path) -> None:
    address = "https://news.example/7?key=SECRET"
    with team(tmp_path) as made:
        with made.database.begin() as s:
            set_aside(
                s, Untried(address, "fleuve", judged(7).document), f"KeyError: {address}", NOW
            )
        shown = {name: made.ask("/sources", name).text for name in ROLES if made.login(name)}
    assert {name: "SECRET" in text for name, text in shown.items()} == {
        "rita": False,
        "edda": False,
        "ada": True,
    }
    assert all("https://news.example/7" in text for text in shown.values())


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


LOOK = "/sources/look"


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    """The one source was looked at an hour ago, and is due again after ten minutes."""
    with serving(tmp_path, editor="amina") as site:
        with database_of(site).begin() as s:
            record_poll(s, "fleuve", Poll(NOW, True, 1, 0))
        yield site


def due(site: Site) -> list[str]:
    served = site.served
    return [source.id for source in due_sources(served.database, served.chosen.sources, NOW)]


def test_a_source_is_due_at_once(editing: Site) -> None:
    assert due(editing) == []
    answer = send(editing, LOOK, form_in(editing.ask("/sources"), LOOK))
    assert (answer.code, answer.headers["location"]) == (303, "/sources?soon=fleuve")
    assert due(editing) == ["fleuve"]
    assert "will be checked within two minutes" in editing.ask("/sources?soon=fleuve").text


def test_a_server_that_asked_to_wait_is_not_hurried(editing: Site) -> None:
    later = NOW + timedelta(hours=2)
    with database_of(editing).begin() as s:
        record_poll(s, "fleuve", Poll(NOW, False, 0, 0), "429", not_before_at=later)
    assert send(editing, LOOK, form_in(editing.ask("/sources"), LOOK)).code == 303
    assert due(editing) == []


def test_a_source_that_there_is_not_is_refused(editing: Site) -> None:
    filled = [pair for pair in form_in(editing.ask("/sources"), LOOK) if pair[0] == "token"]
    assert send(editing, LOOK, [*filled, ("source", "nowhere")]).code == 404


def test_who_only_reads_is_not_offered_it(site: Site) -> None:
    assert LOOK not in site.ask("/sources").text
