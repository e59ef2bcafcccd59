"""Several agreements are decided about at once, and all of it is undone by one button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler import curation
from scheduler.curation import Curator
from storage.filter import Filter
from storage.queries import agreements
from storage.records import Certainty
from storage.register.decisions import decisions
from tests.scheduler.web.site.editing.filled_forms import Fields, form_in, send
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    """A1 is of Morocco and Niger, A2 of Italy and Tunisia, A3 of Germany and Kenya."""
    pairs = (("MA", "NE"), ("IT", "TN"), ("DE", "KE"))
    news = [judged(number, card=card(parties=pair)) for number, pair in enumerate(pairs, start=1)]
    with serving(tmp_path, *news, editor="amina") as site:
        yield site


def there(site: Site) -> dict[str, Certainty]:
    with database_of(site).read() as s:
        return {one.id: one.certainty for one in agreements(s, Filter(), 10)}


def ticked(site: Site, *ids: str, says: str, page: str = "/several") -> Fields:
    filled = form_in(site.ask(page), "/several")
    return [*filled, *(("agreement", one) for one in ids), ("says", says), ("why", "read them")]


def test_several_are_ruled_out_and_brought_back_by_one_button(editing: Site) -> None:
    answer = send(editing, "/several", ticked(editing, "A1", "A3", says="no"))
    assert (answer.code, answer.headers["location"]) == (303, "/several?done=1,2")
    assert set(there(editing)) == {"A2"}
    shown = editing.ask("/several?done=1,2")
    assert "document 1 reports nothing" in shown.text
    assert send(editing, "/decisions/undo", form_in(shown, "/decisions/undo")).code == 303
    assert set(there(editing)) == {"A1", "A2", "A3"}
    assert "Undo all" not in editing.ask("/several?done=1,2").text


def test_several_are_confirmed_within_a_selection(editing: Site) -> None:
    page = "/several?party=MA"
    answer = send(editing, "/several", ticked(editing, "A1", says="yes", page=page))
    assert answer.headers["location"] == "/several?party=MA&done=1"
    assert there(editing)["A1"] is Certainty.CONFIRMED
    assert "A2" not in editing.ask(page).text


def test_one_that_somebody_else_changed_keeps_all_from_being_decided(editing: Site) -> None:
    filled = ticked(editing, "A1", "A2", says="no")
    with database_of(editing).begin() as s:
        curation.rename(s, "A2", "The pact of Tunis", Curator("ben", "its name", NOW))
    answer = send(editing, "/several", filled)
    assert answer.code == 409
    assert "A2 is no agreement; A1 is no agreement" in answer.text
    assert set(there(editing)) == {"A1", "A2", "A3"}
    assert send(editing, "/several", form_in(answer, "/several")).code == 303
    assert set(there(editing)) == {"A3"}


def test_a_change_of_one_that_is_not_ticked_does_not_matter(editing: Site) -> None:
    filled = ticked(editing, "A1", says="no")
    with database_of(editing).begin() as s:
        curation.rename(s, "A2", "The pact of Tunis", Curator("ben", "its name", NOW))
    assert send(editing, "/several", filled).code == 303


def test_nothing_ticked_is_said(editing: Site) -> None:
    answer = send(editing, "/several", ticked(editing, says="no"))
    assert answer.code == 422
    assert "Tick at least one agreement." in answer.text
    with database_of(editing).read() as s:
        assert decisions(s) == []


def test_only_editors_are_led_there(editing: Site) -> None:
    assert 'href="/several?party=MA"' in editing.ask("/?party=MA").text
