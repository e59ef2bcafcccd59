"""What is new and what was corrected: on the page, in feeds and in the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import note_sources
from scheduler.decisions import curation
from scheduler.decisions.curation import rename
from scheduler.decisions.curator import Curator
from scheduler.views.changes import Learned
from scheduler.web.site.pages import news_pages
from storage.database.session import Database
from storage.records import Judged, Status
from storage.source import Source, SourceKind
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import collect
from tests.scheduler.web.site.feed_rules import faults_of
from tests.scheduler.web.site.running import Site, database_of, running, serving
from tests.storage.given import NOW, card, judged

DAY = timedelta(days=1)
RATIFIED = card(status=Status.RATIFIED, event_date=(NOW + 30 * DAY).date())


def put(database: Database, now: datetime, *ones: Judged) -> None:
    with database.begin() as s:
        ingest(s, ones, (), now=now, run_id=None, crawl=False, max_age_days=None)


@pytest.fixture
def learning(tmp_path: Path) -> Iterator[Site]:
    """A1 was learnt 20 days ago, its ratification today; A2 three days ago."""
    with serving(tmp_path, judged(9, relevant=False)) as site:
        database = database_of(site)
        put(database, NOW - 20 * DAY, judged(1))
        put(database, NOW - 3 * DAY, judged(2, card=card(parties=("IT", "TN"))))
        put(database, NOW, judged(3, card=RATIFIED), judged(4))
        yield site


def shown(site: Site, query: str) -> list[tuple[str, str]]:
    """(agreement, kind) of each line."""
    text = site.ask(f"/changes{query}").text
    ids = re.findall(r'<h2><a href="/agreements/(A\d+)">', text)
    kinds = re.findall(r'<span class="chip(?: step)?">([^<]+)</span>', text)
    return list(zip(ids, kinds, strict=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?days=1", [("A1", "New stage")]),
        ("", [("A1", "New stage"), ("A2", "New agreement")]),
        ("?days=30", [("A2", "New agreement"), ("A1", "New agreement")]),
        ("?since=2026-03-10", [("A1", "New stage")]),
        ("?since=2026-03-13", []),
        ("?until=2026-03-11", [("A2", "New agreement")]),
        ("?days=30&until=2026-03-08", [("A1", "New agreement")]),
        ("?until=0001-01-02", []),
        ("?party=Italie", [("A2", "New agreement")]),
        ("?days=30&status=signed", [("A2", "New agreement")]),
    ],
)
def test_the_page_shows_what_was_learnt_in_the_time(
    learning: Site, query: str, expected: list[tuple[str, str]]
) -> None:
    assert shown(learning, query) == expected


def test_the_page_says_when_each_was_learnt_and_since_when_it_tells(learning: Site) -> None:
    text = learning.ask("/changes?days=1").text
    assert "Added since 11 March 2026, 09:30 UTC" in text
    assert "added 12 March 2026, 09:30 UTC" in text
    assert 'href="/changes?days=1" aria-current="true"' in text
    assert "Nothing new in this period" in learning.ask("/changes?since=2026-03-13").text


def test_it_has_a_feed_with_an_entry_for_each_piece_of_news(learning: Site) -> None:
    page = learning.ask("/changes?days=7").text
    (address,) = set(re.findall(r'href="(/changes/feed\.atom[^"]*)"', page))
    assert address == "/changes/feed.atom?days=7"
    answer = learning.ask(address)
    assert faults_of(answer.body) == []
    ids = [entry.id for entry in feedparser.parse(answer.body).entries]
    assert ids == ["urn:accordwatch:A1:step:4", "urn:accordwatch:A2"]


def test_the_api_tells_the_same(learning: Site) -> None:
    found = learning.ask("/api/v1/changes?days=5").json
    assert [(one["agreement_id"], one["kind"]) for one in found["items"]] == [
        ("A1", "new_step"),
        ("A2", "new_agreement"),
    ]
    assert found["items"][0]["learnt_at"] == "2026-03-12T09:30:00+00:00"
    assert (found["items"][0]["status"], found["items"][0]["on"]) == ("ratified", "2026-04-11")
    assert (found["since"], found["more"]) == ("2026-03-07T09:30:00+00:00", 0)
    cut = learning.ask("/api/v1/changes?since=2026-03-01&limit=1").json
    assert (len(cut["items"]), cut["more"]) == (1, 1)
    assert learning.ask("/api/v1/changes?days=0").code == 422


AMINA = Curator("amina", "the text says so", NOW)
SAID = "Status: signed before, in force now."


def corrections(site: Site) -> list[dict[str, object]]:
    found = site.ask("/api/v1/changes").json["items"]
    return [one for one in found if one["kind"] == "correction"]


def test_a_correction_says_who_when_why_before_and_after_behind_every_door(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        with database_of(site).begin() as s:
            curation.correct(s, 1, "status", "in_force", AMINA)
        (told,) = corrections(site)
        assert (told["agreement_id"], told["who"], told["why"]) == ("A1", "amina", AMINA.why)
        assert (told["before"], told["after"]) == ({"status": "signed"}, {"status": "in_force"})
        for path in ("/agreements/A1", "/changes", "/decisions"):
            shown = site.ask(path).text
            assert SAID in shown
            assert "the text says so" in shown
        feed = feedparser.parse(site.ask("/changes/feed.atom").body)
        (entry,) = (one for one in feed.entries if one.id.endswith(":correction:1"))
        assert SAID in entry.summary
        folder = site.served.chosen.path.parent
    since = NOW.date().isoformat()
    arguments = ("changes", "--since", since, "--format", "jsonl")
    lines = accordwatch(*arguments, cwd=folder).stdout.splitlines()
    assert told in [json.loads(line) for line in lines]
    table = accordwatch("changes", "--since", since, "--format", "csv", cwd=folder).stdout
    assert "status: signed,status: in_force" in table


def test_an_undone_correction_is_not_told(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        with database_of(site).begin() as s:
            number = curation.correct(s, 1, "status", "in_force", AMINA).number
            curation.undo(s, number, AMINA)
        assert corrections(site) == []
        assert SAID not in site.ask("/agreements/A1").text


def test_a_correction_that_leaves_the_entry_as_it_was_is_not_told(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1), judged(2)) as site:
        with database_of(site).begin() as s:
            curation.correct(s, 1, "status", "signed", AMINA)
        assert corrections(site) == []


def test_an_answer_that_also_corrects_is_told_and_one_that_only_confirms_is_not(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, judged(1), judged(2, card=card(parties=("IT", "TN")))) as site:
        with database_of(site).begin() as s:
            curation.confirm_report(s, 1, {"place": "Fez"}, AMINA)
            curation.confirm(s, "A2", AMINA)
        assert [correction["after"] for correction in corrections(site)] == [{"place": "Fez"}]


def test_names_merges_splits_and_removed_reports_are_told(tmp_path: Path) -> None:
    news = judged(1), judged(2), judged(3, card=card(parties=("IT", "TN")))
    with serving(tmp_path, *news) as site:
        with database_of(site).begin() as s:
            curation.rename(s, "A1", "The Rabat declaration", AMINA)
            apart = curation.split(s, "A1", [2], AMINA)
            curation.merge(s, apart.home, apart.other, AMINA)
            curation.set_irrelevant(s, 2, AMINA)
        told = [correction["after"] for correction in corrections(site)]
        shown = site.ask("/agreements/A1").text
    assert {"name": "The Rabat declaration"} in told
    assert {"reports": "2"} in told
    assert len(told) == 4
    assert "Name: now The Rabat declaration." in shown
    assert "Reports: 1 before, 2 now." in shown


SIGNED = "10 March 2026: The two ministers signed it on Tuesday."


def test_the_register_is_a_feed_with_an_entry_an_agreement(site: Site) -> None:
    found = feedparser.parse(site.ask("/feed.atom").body)
    assert not found.bozo
    assert found.version == "atom10"
    titles = [entry.title for entry in found.entries]
    assert titles[-1] == "Morocco–Niger declaration on trafficking and smuggling, 2026: signed"
    assert found.entries[-1].link == f"{site.url}/agreements/A1"
    assert found.entries[-1].summary == f"[unconfirmed] {SIGNED}"
    assert found.entries[-1].published == found.entries[-1].updated == "2026-03-12T09:30:00+00:00"
    assert site.ask("/agreements/A1").code == 200


def test_a_selection_has_a_feed_of_its_own(site: Site) -> None:
    assert len(feedparser.parse(site.ask("/feed.atom?party=TN").body).entries) == 1
    page = site.ask("/?party=TN").text
    (address,) = re.findall(r'application/atom\+xml" title="Atom" href="([^"]+)"', page)
    assert address == "/feed.atom?party=TN"


def test_the_feed_of_a_stage_tells_that_stage_and_not_what_came_later(learning: Site) -> None:
    signed, whole = (
        feedparser.parse(learning.ask(f"/feed.atom?party=MA{asked}").body).entries[-1]
        for asked in ("&step=signed", "")
    )
    assert (signed.title.rpartition(": ")[2], whole.title.rpartition(": ")[2]) == (
        "signed",
        "ratified",
    )
    assert SIGNED in signed.summary
    assert signed.updated < whole.updated


def test_an_agreement_has_a_feed_with_an_entry_a_step(site: Site) -> None:
    found = feedparser.parse(site.ask("/agreements/A1/feed.atom").body)
    assert [entry.summary for entry in found.entries] == [SIGNED]
    assert [entry.id for entry in found.entries] == ["urn:accordwatch:A1:step:1"]
    assert site.ask("/agreements/A99/feed.atom").code == 404


def test_a_corridor_is_a_selection_and_an_impossible_one_is_said(site: Site) -> None:
    corridor = feedparser.parse(site.ask("/feed.atom?corridor=IT-TN").body)
    assert ["Italy–Tunisia" in entry.title for entry in corridor.entries] == [True]
    assert site.ask("/feed.atom?corridor=nowhere").code == 422


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feed.atom"),
        ("/?party=TN&topic=visa", "/feed.atom"),
        ("/search?party=TN", "/feed.atom?party=TN"),
        ("/agreements/A1", "/agreements/A1/feed.atom"),
        ("/corridors/IT-TN", "/feed.atom?corridor=IT-TN"),
    ],
)
def test_a_reader_finds_the_feed_from_the_head_of_a_page(site: Site, page: str, feed: str) -> None:
    head = site.ask(page).text.partition("</head>")[0]
    (address,) = re.findall(
        r'rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)"', head
    )
    assert address.startswith(feed)
    assert not feedparser.parse(site.ask(address.replace("&amp;", "&")).body).bozo


def test_what_has_no_day_says_none_and_is_published_when_it_came(tmp_path: Path) -> None:
    undated = judged(1, published_on=None, card=card(event_date=None))
    with serving(tmp_path, undated) as site:
        (entry,) = feedparser.parse(site.ask("/agreements/A1/feed.atom").body).entries
    assert entry.published == "2026-03-12T09:30:00+00:00"
    assert entry.summary == "The two ministers signed it on Tuesday."


def test_what_is_found_late_stands_at_the_top_and_tells_its_day(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        database, chosen = site.served.database, site.served.chosen
        at = NOW + timedelta(hours=3)
        long_ago = date(2007, 5, 31)
        late = card(parties=("IT", "LY"), event_date=long_ago)
        collect(database, chosen, judged(2, card=late, published_on=long_ago), now=at)
        earlier = card(status=Status.NEGOTIATING, event_date=date(2026, 2, 1))
        before = judged(3, card=earlier, published_on=date(2026, 2, 1))
        collect(database, chosen, before, now=at + timedelta(hours=1))
        register = feedparser.parse(site.ask("/feed.atom").body).entries
        life = feedparser.parse(site.ask("/agreements/A1/feed.atom").body).entries
    assert [one.id for one in register] == ["urn:accordwatch:A1", "urn:accordwatch:A2"]
    assert [one.updated for one in register] == ["2026-03-12T13:30:00+00:00", at.isoformat()]
    assert life[0].updated == register[0].updated
    # Published is what was news on its own day, so that what an import brings is not of one moment.
    days = ["2026-02-01T00:00:00+00:00", "2007-05-31T00:00:00+00:00"]
    assert [one.published for one in register] == days
    assert [one.published for one in life] == [days[0], NOW.isoformat()]
    summary = "[unconfirmed] 31 May 2007: The two ministers signed it on Tuesday."
    assert register[1].summary == summary
    # The step that was there keeps its name, though one before it was found.
    assert [one.id[-6:] for one in life] == ["step:3", "step:1"]


FEEDS = ("/feed", "/changes/feed", "/agreements/A1/feed")


@pytest.mark.parametrize("query", ["", "?q=a%20b&party=MA", '?q="a|{b}"%25&source=<%ff'])
@pytest.mark.parametrize("feed", FEEDS)
def test_a_validator_finds_nothing(site: Site, feed: str, query: str) -> None:
    answer = site.ask(f"{feed}.atom{query}")
    assert answer.code == 200
    assert faults_of(answer.body) == []


def test_the_validator_finds_what_was_wrong(site: Site) -> None:
    body = site.ask("/feed.atom").body.replace(b"/agreements/A1", b"/agreements/A 1")
    assert any(fault.startswith("no address: ") for fault in faults_of(body))


@pytest.mark.parametrize("title", ["]]> <b>&amp;", "a\x00b\x0b\x1b", "\u202eevil", "\ud7ff\ufffe"])
def test_hostile_titles_leave_a_well_formed_feed(tmp_path: Path, title: str) -> None:
    with serving(tmp_path, judged(1, title=title, text=title + " signed it")) as site:
        assert not feedparser.parse(site.ask("/feed.atom").body).bozo


def test_a_hostile_sentence_is_text(tmp_path: Path) -> None:
    sentence = 'They signed <img src=x onerror=alert(1)> & "agreed" it on Tuesday.'
    with serving(tmp_path, judged(1, text=sentence)) as site:
        body = site.ask("/agreements/A1/feed.atom").text
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in body
    assert "<img" not in body


def test_a_feed_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        feeds = (
            *("/feed.atom", "/feed.atom?lang=fr", "/agreements/A1/feed.atom"),
            "/changes/feed.atom?days=30",
        )
        tags = {feed: site.ask(feed).headers["etag"] for feed in feeds}
        assert len(set(tags.values())) == 4
        known = {feed: site.ask(feed, If_None_Match=tags[feed]) for feed in feeds}
        assert {(answer.code, answer.body) for answer in known.values()} == {(304, b"")}
        with site.served.database.begin() as s:
            rename(s, "A1", "The Rabat declaration", Curator("amina", "so called", NOW))
        again = site.ask("/feed.atom", If_None_Match=tags["/feed.atom"])
        assert (again.code, "Rabat declaration" in again.text) == (200, True)
        assert site.ask("/agreements/A9/feed.atom", If_None_Match="*").code == 404


def test_what_is_new_is_compared_before_it_is_made_and_grows_old_by_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, now = list[object](), [NOW]

    def changes(*arguments: object) -> tuple[list[Learned], int]:
        made.append(arguments)
        return [], 0

    monkeypatch.setattr(news_pages, "changes_since", changes)
    with (
        serving(tmp_path, judged(1)) as stored,
        running(replace(stored.served, now=lambda: now[0])) as site,
    ):
        tag = site.ask("/changes/feed.atom").headers["etag"]
        assert site.ask("/changes/feed.atom", If_None_Match=tag).code == 304
        assert len(made) == 1
        now[0] += timedelta(days=1)
        assert site.ask("/changes/feed.atom", If_None_Match=tag).code == 200


def test_a_feed_is_sent_again_when_another_source_is_official_now(tmp_path: Path) -> None:
    """It may say otherwise of what it shows, though no step of any agreement has changed."""
    ministry = Source("ministry", SourceKind.FEED, "https://interior.example/rss", official=True)
    with serving(tmp_path, judged(1)) as site:
        tag = site.ask("/feed.atom").headers["etag"]
        note_sources(database_of(site), [ministry], (), now=NOW, max_age_days=30)
        assert site.ask("/feed.atom", If_None_Match=tag).code == 200


def test_an_entry_says_how_sure_it_is(site: Site) -> None:
    entry = feedparser.parse(site.ask("/feed.atom?lang=fr").body).entries[-1]
    assert [tag.term for tag in entry.tags] == ["non confirmé"]
    (step,) = feedparser.parse(site.ask("/agreements/A1/feed.atom").body).entries
    assert "tags" not in step
