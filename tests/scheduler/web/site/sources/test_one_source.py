"""An admin tries a source that is there, and removes it with the way back in view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.configuration.edit import add_sources, checked_source
from scheduler.web.site.editing.decision_forms import LONGEST_REASON
from scheduler.web.site.pages import source_page
from storage.sources.states import last_source_decisions, source_checks
from storage.sources.tables import Deed
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, allow_private, database_of, serving
from tests.scheduler.web.site.sources.test_adding import DEAL, ids, put_town
from tests.spiders.made_site import made_site
from tests.storage.given import judged

AT, TRY, REMOVE = "/sources/fleuve", "/sources/fleuve/try", "/sources/fleuve/remove"


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
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


def test_a_source_is_tried_and_shows_what_it_offers_and_what_would_alert(editing: Site) -> None:
    with made_site() as made:
        put_town(made)
        allow_private(editing, made.host)
        source = watch(editing, made.url("/feed"))
        shown = tried(editing, source)
    assert shown.code == 200, shown.text
    entry = shown.text.partition(DEAL)[2].partition("</li>")[0]
    assert "would alert" in entry
    assert shown.text.count('">would alert<') == 1
    with database_of(editing).read() as s:
        check = source_checks(s)[source]
    assert (check.alive, check.items) == (True, 9)


def test_what_a_feed_says_below_a_title_counts_too(editing: Site) -> None:
    sentence = f"{DEAL}, the interior ministry said in Rome on Tuesday."
    item = f"<title>Two ministers meet</title><link>/news/a</link><description>{sentence}</description>"
    body = f"<rss version='2.0'><channel><title>t</title><item>{item}</item></channel></rss>"
    with made_site() as made:
        made.put("/feed", body, "application/rss+xml")
        allow_private(editing, made.host)
        source = watch(editing, made.url("/feed"), language="en")
        shown = tried(editing, source)
    assert "would alert" in shown.text.partition("Two ministers meet")[2].partition("</li>")[0]


def test_a_source_that_does_not_answer_says_why(editing: Site) -> None:
    with made_site() as made:
        allow_private(editing, made.host)
        source = watch(editing, made.url("/gone"))
        shown = tried(editing, source)
    assert shown.code == 200
    assert "inactive" in shown.text
    assert "404" in shown.text
    with database_of(editing).read() as s:
        assert source_checks(s)[source].alive is False


def test_one_source_is_tried_at_a_time(editing: Site) -> None:
    filled = form_in(editing.ask(AT), TRY)
    with source_page._looking:
        answer = send(editing, TRY, filled)
    assert (answer.code, "Another address is being checked" in answer.text) == (422, True)


# --- removing -------------------------------------------------------------------------------------


def test_what_stays_is_said_before_and_the_way_back_after_a_source_is_removed(
    editing: Site,
) -> None:
    before = editing.served.chosen.path.read_text(encoding="utf-8")
    shown = editing.ask(AT)
    assert "What came from it stays: 2 documents, and in the register 1 agreement" in shown.text
    done = send(editing, REMOVE, fill(form_in(shown, REMOVE), why="its archive is closed"))
    assert "fleuve was removed." in done.text
    assert ids(editing) == []
    removed = [
        row for row in before.split("\n") if "fleuve" in row and row.lstrip().startswith("-")
    ]
    assert removed
    assert removed[0].replace('"', "&#34;") in done.text
    assert 'href="/sources/add?url=https%3A//fleuve.example/rss"' in done.text
    assert (
        'value="https://fleuve.example/rss"'
        in editing.ask("/sources/add?url=https%3A//fleuve.example/rss").text
    )
    assert "/agreements/A1" in editing.ask("/search?source=fleuve&everything=1").text
    with database_of(editing).read() as s:
        last = last_source_decisions(s)["fleuve"]
    assert (last.deed, last.who, last.why) == (Deed.REMOVED, "amina", "its archive is closed")
    listed = editing.ask("/sources").text
    assert "removed by" in listed
    assert "its archive is closed" in listed
    assert editing.ask(AT).code == 404
    assert send(editing, REMOVE, form_in(shown, REMOVE)).code == 404


def test_the_lines_that_are_shown_add_the_source_again(editing: Site) -> None:
    path = editing.served.chosen.path
    before = load_configuration(path, environ={}).sources
    shown = send(editing, REMOVE, form_in(editing.ask(AT), REMOVE)).text
    lines = shown.partition('tabindex="0" aria-label="Lines')[2].partition(">")[2]
    lines = lines.partition("</pre>")[0].replace("&#34;", '"').replace("&#39;", "'")
    text = path.read_text(encoding="utf-8").replace("sources: []", f"sources:\n{lines}")
    path.write_text(text, encoding="utf-8")
    assert load_configuration(path, environ={}).sources == before


def test_a_source_of_a_pack_can_only_be_paused(editing: Site) -> None:
    path = editing.served.chosen.path
    path.write_text(f"packs: [maghreb]\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    of_pack = load_configuration(path, environ={}).sources[-1].id
    shown = editing.ask(f"/sources/{of_pack}").text
    assert "comes with a pack" in shown
    assert f"/sources/{of_pack}/remove" not in shown
    assert 'value="paused"' in shown


def test_a_file_that_cannot_be_written_loses_no_source(
    editing: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    filled = form_in(editing.ask(AT), REMOVE)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        answer = send(editing, REMOVE, filled)
    assert (answer.code, "Read-only file system" in answer.text) == (422, True)
    assert ids(editing) == ["fleuve"]
    with database_of(editing).read() as s:
        assert last_source_decisions(s) == {}


def test_who_only_reads_is_offered_nothing_of_it(site: Site) -> None:
    shown = site.ask(AT).text
    assert TRY not in shown
    assert REMOVE not in shown
    assert send(site, TRY, []).code == 403
    assert send(site, REMOVE, []).code == 403
    assert site.ask("/sources/nowhere").code == 404


def test_a_reason_is_stored_no_longer_than_a_form_takes(editing: Site) -> None:
    shown = editing.ask(AT)
    send(editing, REMOVE, fill(form_in(shown, REMOVE), why="closed " * 200))
    with database_of(editing).read() as s:
        assert len(last_source_decisions(s)["fleuve"].why) <= LONGEST_REASON
