"""An admin finds a source by its address, sees what it would bring, keeps it, and pauses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.trials import beginning
from storage.sources.source_decisions import Deed, last_source_decisions
from storage.trials import TrialKind, begin_trial, end_trial
from tests.scheduler.web.site.access.team import until
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, database_of, serving
from tests.spiders.finding.sites import RSS_LINK, TODAY, home, items, rss
from tests.spiders.made_site import MadeSite, made_site
from tests.storage.given import NOW

ADD, PAUSE = "/sources/add", "/sources/pause"
DEAL = "Ministers of Italy and Albania sign an agreement on the readmission of irregular migrants"
TOWN: dict[str, Any] = {
    "newest_on": "2026-03-01",
    "offers": 12,
    "lately": 3,
    "alerts": 1,
    "titles": [{"title": DEAL, "on": "2026-03-01", "alerts": True}],
    "settings": {"kind": "feed", "url": "https://town.example/feed", "name": "The Town"},
}


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, editor="amina") as site:
        yield site


def ended(site: Site, found: dict[str, Any]) -> str:
    """The address of a trial that has found this."""
    with database_of(site).begin() as s:
        asked = {"url": "https://town.example"}
        number = begin_trial(s, TrialKind.SITE, asked, "amina", NOW)
        assert number is not None
        end_trial(s, number, found, NOW)
    return f"{ADD}/{number}"


def attempt(site: Site, url: str) -> Answer:
    return send(site, ADD, fill(form_in(site.ask(ADD), ADD), url=url))


def ids(site: Site) -> list[str]:
    path = site.served.chosen.path
    return [one.id for one in load_configuration(path, environ={}).sources if one.enabled]


def allow(site: Site, host: str) -> None:
    """Let the crawl ask the made site on this machine."""
    path = site.served.chosen.path
    text = path.read_text(encoding="utf-8")
    path.write_text(f"crawl: {{delay_s: 0, allow_private: ['{host}']}}\n{text}", encoding="utf-8")


def put_town(made: MadeSite) -> None:
    made.put("/", home(made, RSS_LINK.format("/feed", "Feed", "")))
    made.put("/feed", rss(made, [*items(), ("/news/deal", DEAL, TODAY)]), "application/rss+xml")


def test_a_source_is_found_by_the_address_of_its_site_and_kept(editing: Site) -> None:
    with made_site() as made:
        put_town(made)
        allow(editing, made.host)
        begun = attempt(editing, made.url("/"))
        assert begun.code == 303, begun.text
        place = begun.headers["location"]
        until(lambda: "would alert" in editing.ask(place).text, within_s=60)
        shown = editing.ask(place)
        assert DEAL in shown.text
        kept = send(editing, place, fill(form_in(shown, place), every="30m"))
    assert kept.headers["location"] == "/sources?added=127-0-0-1"
    (source,) = [
        one
        for one in load_configuration(editing.served.chosen.path, environ={}).sources
        if one.id == "127-0-0-1"
    ]
    assert (source.kind, source.name, source.every) == ("feed", "The Town", "30m")
    sources = editing.ask("/sources?added=127-0-0-1").text
    assert "The Town</bdi>" in sources
    assert "is watched from now on" in sources
    assert "added by" in sources


@pytest.mark.parametrize("url", ["", "ftp://town.example/", "javascript:alert(1)", "no address"])
def test_what_is_no_web_address_begins_nothing(editing: Site, url: str) -> None:
    answer = attempt(editing, url)
    assert answer.code == 422
    assert "no web address" in answer.text


def test_an_address_that_is_there_already_is_named(editing: Site) -> None:
    (known,) = editing.served.chosen.sources
    assert "has this address already" in attempt(editing, known.url).text


def test_one_site_is_looked_at_at_a_time(editing: Site) -> None:
    with database_of(editing).begin() as s:
        begin_trial(s, TrialKind.SITE, {"url": "https://town.example"}, "edda", NOW)
    assert "Another one is being looked at" in attempt(editing, "https://other.example").text


def test_a_look_that_is_at_work_or_found_nothing_says_so(editing: Site) -> None:
    nothing = ended(editing, {"sources": [], "nothing": "no feed in 6 requests", "asked": 6})
    assert "no feed in 6 requests" in editing.ask(nothing).text
    with database_of(editing).begin() as s:
        begin_trial(s, TrialKind.SITE, {"url": "https://town.example"}, "edda", NOW)
    place = f"{ADD}/2"
    assert "Looking at https://town.example" in editing.ask(place).text
    assert editing.ask(place, HX_Request="true").code == 204
    with database_of(editing).begin() as s:
        end_trial(s, 2, {"fault": "died", "line": "out of memory"}, NOW)
    assert "out of memory" in editing.ask(place).text
    assert editing.ask(place, HX_Request="true").headers["hx-refresh"] == "true"


def test_what_is_not_alive_can_be_watched_all_the_same(editing: Site) -> None:
    place = ended(editing, {"sources": [TOWN], "is_alive": False})
    shown = editing.ask(place)
    assert "Nothing there is of the last four months" in shown.text
    assert send(editing, place, form_in(shown, place)).code == 303
    assert ids(editing) == ["fleuve", "town-example"]


def test_a_child_that_takes_too_long_is_ended() -> None:
    job = {"kind": "site", "configuration": "/nowhere", "asked": {}}
    assert beginning.tried(job, 0.01) == {"fault": "too_long", "line": ""}


def test_a_file_that_cannot_be_written_is_told_with_the_lines_to_write(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    place = ended(editing, {"sources": [TOWN]})
    filled = form_in(editing.ask(place), place)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        answer = send(editing, place, filled)
    assert answer.code == 422
    assert "Read-only file system" in answer.text
    assert "url: &#34;https://town.example/feed&#34;" in answer.text
    with database_of(editing).read() as s:
        assert last_source_decisions(s) == {}


def test_a_source_is_paused_with_a_reason_and_resumed(editing: Site) -> None:
    filled = fill(form_in(editing.ask("/sources"), PAUSE), deed="paused", why="moves its site")
    assert send(editing, PAUSE, filled).headers["location"] == "/sources?paused=fleuve"
    assert ids(editing) == []
    shown = editing.ask("/sources?paused=fleuve").text
    assert all(said in shown for said in ("is paused", "moves its site", "switched off"))
    again = fill(form_in(editing.ask("/sources"), PAUSE), deed="resumed")
    assert send(editing, PAUSE, again).code == 303
    assert ids(editing) == ["fleuve"]
    with database_of(editing).read() as s:
        last = last_source_decisions(s)["fleuve"]
    assert (last.deed, last.who) == (Deed.RESUMED, "amina")


def test_who_only_reads_is_offered_nothing_of_it(site: Site) -> None:
    shown = site.ask("/sources").text
    assert PAUSE not in shown
    assert send(site, PAUSE, [("source", "fleuve"), ("deed", "paused")]).code == 403
    assert send(site, ADD, [("url", "https://town.example")]).code == 403
