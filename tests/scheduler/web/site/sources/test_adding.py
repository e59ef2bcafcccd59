"""An admin finds a source by its address, tries it, keeps, pauses and removes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.configuration.edit import add_sources, checked_source
from scheduler.web.site.editing.decision_forms import LONGEST_REASON
from scheduler.web.site.pages import source_page
from spiders.finding.finder import SiteSources, TriedSource
from spiders.finding.site_clues import DECLARED, Clue
from spiders.kinds.offer import Offer
from storage.errors import UnreadableError
from storage.records import Candidate
from storage.source import SourceKind
from storage.sources.states import last_source_decisions, source_checks
from storage.sources.tables import Deed
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, allow_private, database_of, serving
from tests.spiders.finding.sites import RSS_LINK, TODAY, home, items, rss
from tests.spiders.made_site import MadeSite, made_site
from tests.storage.given import judged

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
    return [source.id for source in load_configuration(path, environ={}).sources if source.enabled]


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


AT, TRY, REMOVE = "/sources/fleuve", "/sources/fleuve/try", "/sources/fleuve/remove"


@pytest.fixture
def with_source(tmp_path: Path) -> Iterator[Site]:
    """A page whose source has brought a report and a document that is none."""
    report = judged(1, source_id="fleuve")
    silent = judged(2, source_id="fleuve", relevant=False, title="A ferry is late")
    with serving(tmp_path, report, silent, editor="amina") as site:
        yield site


def watch(site: Site, url: str, language: str | None = None) -> str:
    """Let the configuration have a feed at this address, and return its id."""
    source = checked_source({"url": url, "kind": "feed", "language": language}, ())
    add_sources(site.served.chosen.path, [source])
    return source.id


def tried(site: Site, source: str) -> Answer:
    action = f"/sources/{source}/try"
    return send(site, action, form_in(site.ask(f"/sources/{source}"), action))


# --- trying ---------------------------------------------------------------------------------------


def test_a_source_is_tried_and_shows_what_it_offers_and_what_would_alert(with_source: Site) -> None:
    with made_site() as made:
        put_town(made)
        allow_private(with_source, made.host)
        source = watch(with_source, made.url("/feed"))
        shown = tried(with_source, source)
    assert shown.code == 200, shown.text
    entry = shown.text.partition(DEAL)[2].partition("</li>")[0]
    assert "would alert" in entry
    assert shown.text.count('">would alert<') == 1
    with database_of(with_source).read() as s:
        check = source_checks(s)[source]
    assert (check.alive, check.items) == (True, 9)


def test_what_a_feed_says_below_a_title_counts_too(with_source: Site) -> None:
    sentence = f"{DEAL}, the interior ministry said in Rome on Tuesday."
    item = f"<title>Two ministers meet</title><link>/news/a</link><description>{sentence}</description>"
    body = f"<rss version='2.0'><channel><title>t</title><item>{item}</item></channel></rss>"
    with made_site() as made:
        made.put("/feed", body, "application/rss+xml")
        allow_private(with_source, made.host)
        source = watch(with_source, made.url("/feed"), language="en")
        shown = tried(with_source, source)
    assert "would alert" in shown.text.partition("Two ministers meet")[2].partition("</li>")[0]


def test_a_source_that_does_not_answer_says_why(with_source: Site) -> None:
    with made_site() as made:
        allow_private(with_source, made.host)
        source = watch(with_source, made.url("/gone"))
        shown = tried(with_source, source)
    assert shown.code == 200
    assert "inactive" in shown.text
    assert "404" in shown.text
    with database_of(with_source).read() as s:
        assert source_checks(s)[source].alive is False


def test_one_source_is_tried_at_a_time(with_source: Site) -> None:
    filled = form_in(with_source.ask(AT), TRY)
    with source_page._looking:
        answer = send(with_source, TRY, filled)
    assert (answer.code, "Another address is being checked" in answer.text) == (422, True)


# --- removing -------------------------------------------------------------------------------------


def test_what_stays_is_said_before_and_the_way_back_after_a_source_is_removed(
    with_source: Site,
) -> None:
    before = with_source.served.chosen.path.read_text(encoding="utf-8")
    shown = with_source.ask(AT)
    assert "What came from it stays: 2 documents, and in the register 1 agreement" in shown.text
    done = send(with_source, REMOVE, fill(form_in(shown, REMOVE), why="its archive is closed"))
    assert "fleuve was removed." in done.text
    assert ids(with_source) == []
    removed = [
        row for row in before.split("\n") if "fleuve" in row and row.lstrip().startswith("-")
    ]
    assert removed
    assert removed[0].replace('"', "&#34;") in done.text
    assert 'href="/sources/add?url=https%3A//fleuve.example/rss"' in done.text
    assert (
        'value="https://fleuve.example/rss"'
        in with_source.ask("/sources/add?url=https%3A//fleuve.example/rss").text
    )
    assert "/agreements/A1" in with_source.ask("/search?source=fleuve&everything=1").text
    with database_of(with_source).read() as s:
        last = last_source_decisions(s)["fleuve"]
    assert (last.deed, last.who, last.why) == (Deed.REMOVED, "amina", "its archive is closed")
    listed = with_source.ask("/sources").text
    assert "removed by" in listed
    assert "its archive is closed" in listed
    assert with_source.ask(AT).code == 404
    assert send(with_source, REMOVE, form_in(shown, REMOVE)).code == 404


def test_the_lines_that_are_shown_add_the_source_again(with_source: Site) -> None:
    path = with_source.served.chosen.path
    before = load_configuration(path, environ={}).sources
    shown = send(with_source, REMOVE, form_in(with_source.ask(AT), REMOVE)).text
    lines = shown.partition('tabindex="0" aria-label="Lines')[2].partition(">")[2]
    lines = lines.partition("</pre>")[0].replace("&#34;", '"').replace("&#39;", "'")
    text = path.read_text(encoding="utf-8").replace("sources: []", f"sources:\n{lines}")
    path.write_text(text, encoding="utf-8")
    assert load_configuration(path, environ={}).sources == before


def test_a_source_of_a_pack_can_only_be_paused(with_source: Site) -> None:
    path = with_source.served.chosen.path
    path.write_text(f"packs: [maghreb]\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    of_pack = load_configuration(path, environ={}).sources[-1].id
    shown = with_source.ask(f"/sources/{of_pack}").text
    assert "comes with a pack" in shown
    assert f"/sources/{of_pack}/remove" not in shown
    assert 'value="paused"' in shown


def test_a_file_that_cannot_be_written_loses_no_source(
    with_source: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    filled = form_in(with_source.ask(AT), REMOVE)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        answer = send(with_source, REMOVE, filled)
    assert (answer.code, "Read-only file system" in answer.text) == (422, True)
    assert ids(with_source) == ["fleuve"]
    with database_of(with_source).read() as s:
        assert last_source_decisions(s) == {}


def test_who_only_reads_tries_and_removes_nothing(site: Site) -> None:
    shown = site.ask(AT).text
    assert TRY not in shown
    assert REMOVE not in shown
    assert send(site, TRY, []).code == 403
    assert send(site, REMOVE, []).code == 403
    assert site.ask("/sources/nowhere").code == 404


def test_a_reason_is_stored_no_longer_than_a_form_takes(with_source: Site) -> None:
    shown = with_source.ask(AT)
    send(with_source, REMOVE, fill(form_in(shown, REMOVE), why="closed " * 200))
    with database_of(with_source).read() as s:
        assert len(last_source_decisions(s)["fleuve"].why) <= LONGEST_REASON
