"""Feeds: read with the parser that our own crawl reads feeds with."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest

from scheduler.curation import Curator, rename
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import NOW, card, judged


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
    (address,) = re.findall(r'application/atom\+xml" title="Atom" href="([^"]+)"', page)
    assert address == "/feed.atom?party=TN"


def test_an_agreement_has_a_feed_with_an_entry_a_step(site: Site) -> None:
    found = feedparser.parse(site.ask("/agreements/A1/feed.atom").body)
    assert [entry.summary for entry in found.entries] == ["The two ministers signed it on Tuesday."]
    assert site.ask("/agreements/A1/feed.json").json["items"][0]["id"] == "urn:accordwatch:A1:0"
    assert site.ask("/agreements/A99/feed.atom").code == 404


def test_rss_has_the_same_entries(site: Site) -> None:
    found = feedparser.parse(site.ask("/feed.rss").body)
    atom = feedparser.parse(site.ask("/feed.atom").body)
    assert not found.bozo
    assert found.version == "rss20"
    assert found.feed.links[-1].rel == "self"
    assert [(one.title, one.link, one.summary) for one in found.entries] == [
        (one.title, one.link, one.summary) for one in atom.entries
    ]
    oldest = found.entries[-1]
    assert oldest.published == "Tue, 10 Mar 2026 00:00:00 GMT"
    assert (oldest.id, oldest.guidislink) == ("urn:accordwatch:A1:2026-03-10", False)
    assert site.ask("/feed.rss").headers["content-type"] == "application/rss+xml; charset=utf-8"


def test_rss_of_a_corridor_and_of_an_agreement(site: Site) -> None:
    corridor = feedparser.parse(site.ask("/feed.rss?corridor=IT-TN").body)
    assert ["Italy–Tunisia" in entry.title for entry in corridor.entries] == [True]
    life = feedparser.parse(site.ask("/agreements/A1/feed.rss").body)
    assert [entry.summary for entry in life.entries] == ["The two ministers signed it on Tuesday."]
    assert site.ask("/agreements/A99/feed.rss").code == 404


def test_filters_that_are_none_are_said(site: Site) -> None:
    assert (
        site.ask("/feed.rss?corridor=nowhere").code == site.ask("/feed.atom?corridor=nowhere").code
    )


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feed.rss"),
        ("/?party=TN&amp;topic=visa", "/feed.rss"),
        ("/search?party=TN", "/feed.rss?party=TN"),
        ("/agreements/A1", "/agreements/A1/feed.rss"),
        ("/corridors/IT-TN", "/feed.rss?corridor=IT-TN"),
    ],
)
def test_a_reader_finds_all_three_feeds_from_the_head_of_a_page(
    site: Site, page: str, feed: str
) -> None:
    head = site.ask(page).text.partition("</head>")[0]
    kinds = re.findall(r'rel="alternate" type="application/([a-z+]+)"', head)
    assert kinds == ["atom+xml", "rss+xml", "feed+json"]
    (address,) = re.findall(r'type="application/rss\+xml" title="RSS" href="([^"]+)"', head)
    assert address.startswith(feed)
    assert not feedparser.parse(site.ask(address.replace("&amp;", "&")).body).bozo


def test_a_step_without_a_day_has_none_in_rss(tmp_path: Path) -> None:
    undated = judged(1, published_on=None, card=card(event_date=None))
    with serving(tmp_path, undated) as site:
        (entry,) = feedparser.parse(site.ask("/agreements/A1/feed.rss").body).entries
    assert "published" not in entry


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize("title", ["]]> <b>&amp;", "a\x00b\x0b\x1b", "\u202eevil", "\ud7ff\ufffe"])
def test_hostile_titles_leave_a_well_formed_feed(tmp_path: Path, title: str, form: str) -> None:
    with serving(tmp_path, judged(1, title=title, text=title + " signed it")) as site:
        assert not feedparser.parse(site.ask(f"/feed.{form}").body).bozo


def test_a_hostile_sentence_is_text_in_rss(tmp_path: Path) -> None:
    sentence = 'They signed <img src=x onerror=alert(1)> & "agreed" it on Tuesday.'
    with serving(tmp_path, judged(1, text=sentence)) as site:
        (entry,) = feedparser.parse(site.ask("/agreements/A1/feed.rss").body).entries
    assert unescape(entry.summary) == sentence
    assert "<img" not in entry.summary


def test_a_feed_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        feeds = ("/feed.atom", "/feed.rss?lang=fr", "/agreements/A1/feed.json")
        tags = {feed: site.ask(feed).headers["etag"] for feed in feeds}
        assert len(set(tags.values())) == 3
        known = {feed: site.ask(feed, If_None_Match=tags[feed]) for feed in feeds}
        assert {(one.code, one.body) for one in known.values()} == {(304, b"")}
        with site.served.database.begin() as s:
            rename(s, "A1", "The Rabat declaration", Curator("amina", "so called", NOW))
        again = site.ask("/feed.atom", If_None_Match=tags["/feed.atom"])
        assert (again.code, "Rabat declaration" in again.text) == (200, True)
        assert site.ask("/agreements/A9/feed.atom", If_None_Match="*").code == 404
