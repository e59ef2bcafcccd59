"""What is new and what was corrected: on the page, in feeds and in the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from crawler.ingest.ingest import ingest
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import Database
from storage.records import Judged, Status
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.feed_rules import faults_of
from tests.scheduler.web.site.running import Site, database_of, serving
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
        assert [one["after"] for one in corrections(site)] == [{"place": "Fez"}]


def test_names_merges_splits_and_removed_reports_are_told(tmp_path: Path) -> None:
    news = judged(1), judged(2), judged(3, card=card(parties=("IT", "TN")))
    with serving(tmp_path, *news) as site:
        with database_of(site).begin() as s:
            curation.rename(s, "A1", "The Rabat declaration", AMINA)
            apart = curation.split(s, "A1", [2], AMINA)
            curation.merge(s, apart.home, apart.other, AMINA)
            curation.set_irrelevant(s, 2, AMINA)
        told = [one["after"] for one in corrections(site)]
        shown = site.ask("/agreements/A1").text
    assert {"name": "The Rabat declaration"} in told
    assert {"reports": "2"} in told
    assert len(told) == 4
    assert "Name: now The Rabat declaration." in shown
    assert "Reports: 1 before, 2 now." in shown
