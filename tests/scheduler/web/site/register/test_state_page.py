"""How complete the register is for a state: page, API and command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from storage.register.list_rows import LIST_SOURCE, ListRow
from tests.scheduler.cli.test_review import unsure
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged

FIGURES = {
    **{"found": 1, "listed": 1, "missing": 1, "confirmed": 0, "likely": 0},
    **{"unconfirmed": 1, "reviewed": 0, "waiting": 1},
}


def test_page_api_and_command_say_the_same_of_a_state(tmp_path: Path) -> None:
    row = judged(3, card=card(parties=("EG", "MA")), source_id=f"{LIST_SOURCE}treaties")
    listed = replace(row, clues=(ListRow("treaties", "1").to_clue(),))
    news = judged(1, source_id="fleuve", outlet="fleuve.example"), unsure(2, 0.3), listed
    with serving(tmp_path, *news) as site:
        answer = site.ask("/api/v1/states/MA").json
        assert {name: answer[name] for name in FIGURES} == FIGURES
        assert answer["last_report"]["document_id"] == 1
        (source,) = answer["sources"]
        assert (source["id"], source["reports"]) == ("fleuve", 1)
        assert source["last_success_at"]
        shown = site.ask("/states/MA").text
        assert 'href="/?party=MA&amp;known=only">1</a>' in shown
        assert "No document of the sample has been reviewed yet" in shown
        folder = site.served.chosen.path.parent
    printed = accordwatch("coverage", "--party", "Morocco", "--format", "jsonl", cwd=folder)
    assert json.loads(printed.stdout) == answer
    assert (
        "In lists, not found in reports"
        in accordwatch("coverage", "--party", "MA", cwd=folder).stdout
    )


def test_an_outlet_that_no_source_watches_is_named_too(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, outlet="herald.example")) as site:
        (outlet,) = site.ask("/api/v1/states/NE").json["sources"]
    assert (outlet["id"], outlet["name"], outlet["reports"]) == (None, "herald.example", 1)


def test_kinds_of_sources_are_named_in_the_language_of_the_reader(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, source_id="fleuve")) as site:
        shown = site.ask("/states/MA?lang=ar").text
    assert "خلاصة" in shown
    assert "feed" not in shown.split("<main")[1].split("</main")[0]


def test_a_state_is_found_however_it_is_written(site: Site) -> None:
    for written in ("ma", "Morocco"):
        answer = site.ask(f"/states/{written}")
        assert (answer.code, answer.headers["location"]) == (301, "/states/MA")


@pytest.mark.parametrize("path", ["/states/Morroco", "/api/v1/states/Morroco"])
def test_an_unknown_state_is_answered_with_what_may_be_meant(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.code == 422
    assert "Morocco" in answer.text


def test_of_a_state_of_which_nothing_is_known_the_page_says_what_to_do(site: Site) -> None:
    shown = site.ask("/states/EG").text
    assert "Nothing is known of Egypt yet" in shown
    assert '<a href="/sources/add">Add a source</a>' in shown


def test_a_filter_of_one_party_and_the_sources_lead_to_the_state(site: Site) -> None:
    assert 'href="/states/IT"' in site.ask("/?party=IT").text
    assert 'href="/states/' not in site.ask("/?party=IT&party=TN").text
