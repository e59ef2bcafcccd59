"""Saved searches: saving one, its page, its feeds, and what it would be as a subscription."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from crawler.located_yaml import parse_yaml
from scheduler.configuration.config import check
from storage.search.saved import SavedSearch, add_search
from tests.scheduler.web.site.running import Answer, Site, serving
from tests.storage.given import NOW, judged


def token_in(shown: str) -> str:
    found = re.search(
        r'action="/searches(?:/remove)?"[^>]*>\s*<input[^>]*value="([0-9a-f]+)"', shown
    )
    assert found
    return found[1]


def save(site: Site, name: str, query: str) -> Answer:
    shown = site.ask(f"/search?{query}").text
    selection = re.search(r'name="selection" value="([^"]*)"', shown)
    assert selection
    form = {"name": name, "selection": unescape(selection[1]), "token": token_in(shown)}
    return site.ask("/searches", "POST", form, Origin=site.url)


def test_a_search_is_saved_under_a_name_and_says_what_it_would_bring(tmp_path: Path) -> None:
    with serving(tmp_path, editor="amina") as site:
        query = "q=minister&party=MA&topic=trafficking_smuggling&everything=1&sort=relevance"
        answer = save(site, "Rabat & Niamey", query)
        assert answer.code == 303
        assert answer.headers["location"] == "/searches/Rabat%20%26%20Niamey?saved=1"
        shown = site.ask(answer.headers["location"]).text
        assert "Saved. As a subscription: 0.02 items a week over the last year." in shown
        assert "The two <mark>ministers</mark> signed it on Tuesday." in shown
        found = site.ask("/api/v1/searches/rabat%20%26%20niamey").json
        assert (found["items_last_year"], found["items_a_week"]) == (1, 0.02)
        assert found["filter"]["parties"] == ["MA"]
        assert found["only_of_searches"] == ["everything", "sort"]
        documents = site.ask(found["documents"].removeprefix(site.url)).json
        assert [one["parties"] for one in documents["items"]] == [["MA", "NE"]]


def test_a_name_is_given_once_and_can_be_taken_back(tmp_path: Path) -> None:
    with serving(tmp_path, editor="amina") as site:
        assert save(site, "border TALKS", "party=MA").code == 409
        shown = site.ask("/searches").text
        form = {"name": "Border talks", "token": token_in(shown)}
        assert site.ask("/searches/remove", "POST", form, Origin=site.url).code == 303
        assert site.ask("/searches/Border%20talks").code == 404
        assert save(site, "border TALKS", "party=MA").code == 303


def test_a_search_in_all_that_is_stored_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, editor="amina") as site:
        assert "Also what reports nothing" not in site.ask("/searches").text
        save(site, "All of it", "q=minister&everything=1")
        assert "Also what reports nothing" in site.ask("/searches").text


def test_names_and_feeds_hold_nothing_that_turns_a_line_around(tmp_path: Path) -> None:
    turned = judged(1, text="Rabat. The two \u202eministers signed it on Tuesday.")
    with serving(tmp_path, turned, editor="amina") as site:
        with site.served.database.begin() as s:
            add_search(s, SavedSearch("Turned", "q=tuesday", "\u202eben", NOW, 0))
        (entry,) = site.ask("/searches/Turned/feed.json").json["items"]
        assert entry["content_text"] == "10 March 2026: The two ministers signed it on Tuesday."
        assert "<bdi>ben</bdi>" in site.ask("/searches/Turned").text


@pytest.mark.parametrize("name", ["", " ", "../x", "a/b", "?", "x" * 61, "\u202ex", "<b>"])
def test_a_name_that_cannot_be_an_address_is_refused(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, editor="amina") as site:
        assert save(site, name, "party=MA").code in (409, 422)


def test_who_only_reads_saves_nothing(site: Site) -> None:
    shown = site.ask("/search?party=MA").text
    assert 'action="/searches"' not in shown
    form = {"name": "x", "selection": "party=MA", "token": "0" * 64}
    assert site.ask("/searches", "POST", form, Origin=site.url).code == 403
    assert site.ask("/searches/remove", "POST", form, Origin=site.url).code == 403


def test_the_entry_to_paste_loads_as_a_subscription(site: Site) -> None:
    shown = site.ask("/searches/Border%20talks").text
    yaml = re.search(r"<pre[^>]*>(.*?)</pre>", shown, re.DOTALL)
    assert yaml
    loaded = check(parse_yaml(unescape(yaml[1]), "pasted"))
    (one,) = loaded.subscriptions
    assert (one.id, one.name, one.filter.parties) == ("border-talks", "Border talks", ("IT",))
    assert one.filter.query == "talk OR minister"


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_each_search_has_its_feeds(site: Site, kind: str) -> None:
    answer = site.ask(f"/searches/Border%20talks/feed.{kind}")
    assert answer.code == 200
    assert "Rome and Tunis talk about workers" in answer.text
    assert "Rabat and Niamey" not in answer.text
    assert f"feed.{kind}" in site.ask("/searches/Border%20talks").text
    assert site.ask(f"/searches/none/feed.{kind}").code == 404


def test_programs_get_all_of_them(site: Site) -> None:
    (one,) = site.ask("/api/v1/searches").json["items"]
    assert (one["name"], one["who"], one["items_a_week"]) == ("Border talks", "amina", 0.5)
    assert site.ask("/api/v1/searches/none").code == 404
