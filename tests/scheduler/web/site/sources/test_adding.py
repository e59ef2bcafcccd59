"""An admin finds a source by its address, sees what it would bring, keeps it, and pauses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.web.site.pages import source_page
from spiders.finding.finder import SiteSources, TriedSource
from spiders.finding.site_clues import DECLARED, Clue
from spiders.kinds.offer import Offer
from storage.errors import UnreadableError
from storage.records import Candidate
from storage.source import SourceKind
from storage.sources.states import last_source_decisions
from storage.sources.tables import Deed
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, allow_private, database_of, serving
from tests.spiders.finding.sites import RSS_LINK, TODAY, home, items, rss
from tests.spiders.made_site import MadeSite, made_site

ADD, KEEP, PAUSE = "/sources/add", "/sources/add/keep", "/sources/pause"
DEAL = "Ministers of Italy and Albania sign an agreement on the readmission of irregular migrants"
FEED = "https://town.example/feed"
TOWN = TriedSource(
    SourceKind.FEED,
    FEED,
    Clue(FEED, DECLARED, "given"),
    Offer(),
    (Candidate("https://town.example/deal", DEAL, published_on=date(2026, 3, 11)),),
)


def offering(patch: pytest.MonkeyPatch, found: SiteSources) -> None:
    """Let each look find this."""
    patch.setattr(source_page, "look", lambda served, url: found)


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, editor="amina") as site:
        yield site


def attempt(site: Site, url: str) -> Answer:
    return send(site, ADD, fill(form_in(site.ask(ADD), ADD), url=url))


def ids(site: Site) -> list[str]:
    path = site.served.chosen.path
    return [one.id for one in load_configuration(path, environ={}).sources if one.enabled]


def put_town(made: MadeSite) -> None:
    made.put("/", home(made, RSS_LINK.format("/feed", "Feed", "")))
    made.put("/feed", rss(made, [*items(), ("/news/deal", DEAL, TODAY)]), "application/rss+xml")


def test_a_source_is_found_by_the_address_of_its_site_and_kept(editing: Site) -> None:
    with made_site() as made:
        put_town(made)
        allow_private(editing, made.host)
        shown = attempt(editing, made.url("/"))
        assert DEAL in shown.text, shown.text
        assert "would alert" in shown.text.partition(DEAL)[2].partition("</li>")[0]
        saved = send(editing, KEEP, fill(form_in(shown, KEEP), every="30m"))
    assert saved.headers["location"] == "/sources?added=127-0-0-1"
    (source,) = [
        one
        for one in load_configuration(editing.served.chosen.path, environ={}).sources
        if one.id == "127-0-0-1"
    ]
    assert (source.kind, source.name, source.every) == ("feed", "The Town", "30m")
    sources = editing.ask("/sources?added=127-0-0-1").text
    assert "The Town</bdi>" in sources
    assert "is now monitored" in sources
    assert "added by" in sources


@pytest.mark.parametrize("url", ["", "ftp://town.example/", "javascript:alert(1)", "no address"])
def test_what_is_no_web_address_begins_nothing(editing: Site, url: str) -> None:
    answer = attempt(editing, url)
    assert answer.code == 422
    assert "no web address" in answer.text


def test_addresses_that_differ_in_capital_letters_are_two(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (deal,) = TOWN.candidates
    both = (deal, replace(deal, url=deal.url.replace("deal", "Deal")))
    found = SiteSources(sources=(replace(TOWN, candidates=both),), language="en")
    offering(monkeypatch, found)
    shown = attempt(editing, "https://town.example").text
    assert shown.count("would alert</span>") == 2


def test_an_address_that_is_there_already_is_named(editing: Site) -> None:
    (known,) = editing.served.chosen.sources
    assert "has this address already" in attempt(editing, known.url).text


def test_one_site_is_looked_at_at_a_time(editing: Site) -> None:
    with source_page._looking:
        answer = attempt(editing, "https://other.example")
    assert "Another address is being checked" in answer.text


def test_a_site_from_which_nothing_comes_says_why(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object) -> None:
        raise UnreadableError("timeout", "reading it took over 24 s")

    monkeypatch.setattr(source_page, "look", hang)
    answer = attempt(editing, "https://town.example")
    assert (answer.code, "reading it took over 24 s" in answer.text) == (422, True)


def test_a_site_without_sources_says_what_was_looked_for(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, SiteSources(requests=6))
    shown = attempt(editing, "https://town.example").text
    assert "no feed, sitemap or list of links in 6 requests" in shown


def test_what_is_not_alive_can_be_watched_all_the_same(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, SiteSources(dead=(TOWN,), name="The <script>Town"))
    shown = attempt(editing, "https://town.example")
    assert "Nothing there is from the last four months" in shown.text
    assert "<script>" not in shown.text
    assert send(editing, KEEP, form_in(shown, KEEP)).code == 303
    assert ids(editing) == ["fleuve", "town-example"]


@pytest.mark.parametrize("choice", ["", "7", "[]", '{"url": 7}', "{" * 5_000])
def test_a_choice_that_was_not_offered_keeps_nothing(
    editing: Site, monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    offering(monkeypatch, SiteSources(sources=(TOWN,)))
    filled = form_in(attempt(editing, "https://town.example"), KEEP)
    assert send(editing, KEEP, fill(filled, choice=choice)).code == 404
    assert ids(editing) == ["fleuve"]


def test_a_file_that_cannot_be_written_is_told_with_the_lines_to_write(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    offering(monkeypatch, SiteSources(sources=(TOWN,)))
    filled = form_in(attempt(editing, "https://town.example"), KEEP)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        answer = send(editing, KEEP, filled)
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
    assert all(part in shown for part in ("is paused", "moves its site", "switched off"))
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
