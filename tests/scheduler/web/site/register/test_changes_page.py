"""What is new: on the page, in feeds and in the API, by when it was learnt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.records import Judged, Status
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
