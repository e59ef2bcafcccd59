"""Feeds: read with the parser that our own crawl reads feeds with."""

from __future__ import annotations

import re
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import judged


def test_the_register_is_a_feed_with_an_entry_an_agreement(site: Site) -> None:
    found = feedparser.parse(site.ask("/feed.atom").body)
    assert not found.bozo
    assert found.version == "atom10"
    titles = [entry.title for entry in found.entries]
    assert titles[-1] == "Morocco–Niger declaration on trafficking and smuggling, 2026: signed"
    assert found.entries[-1].link == f"{site.url}/agreements/A1"
    assert found.entries[-1].updated == "2026-03-10T00:00:00+00:00"
    assert site.ask("/agreements/A1").code == 200


def test_a_selection_has_a_feed_of_its_own(site: Site) -> None:
    assert len(site.ask("/feed.json?party=TN").json["items"]) == 1
    page = site.ask("/?party=TN").text
    (address,) = re.findall(r'rel="alternate" type="application/atom\+xml" href="([^"]+)"', page)
    assert address == "/feed.atom?party=TN"


def test_an_agreement_has_a_feed_with_an_entry_a_step(site: Site) -> None:
    found = feedparser.parse(site.ask("/agreements/A1/feed.atom").body)
    assert [entry.summary for entry in found.entries] == ["The two ministers signed it on Tuesday."]
    assert site.ask("/agreements/A1/feed.json").json["items"][0]["id"] == "urn:accordwatch:A1:0"
    assert site.ask("/agreements/A99/feed.atom").code == 404


@pytest.mark.parametrize("title", ["]]> <b>&amp;", "a\x00b\x0b\x1b", "\u202eevil", "\ud7ff\ufffe"])
def test_hostile_titles_leave_a_well_formed_feed(tmp_path: Path, title: str) -> None:
    with serving(tmp_path, judged(1, title=title, text=title + " signed it")) as site:
        assert not feedparser.parse(site.ask("/feed.atom").body).bozo
