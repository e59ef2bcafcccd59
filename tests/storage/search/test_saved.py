"""Saved searches in the database."""

from __future__ import annotations

from dataclasses import replace

from storage.database.session import Database
from storage.search.saved import SavedSearch, add_search, remove_search, search_named, searches
from tests.storage.given import NOW

ONE = SavedSearch("Élargie à Rabat", "q=visa&party=MA", "amina", NOW, 26)


def test_a_search_is_found_by_its_name_in_any_case(database: Database) -> None:
    with database.begin() as s:
        assert add_search(s, ONE)
    with database.read() as s:
        found = search_named(s, "élargie  À rabat")
    assert found == replace(ONE, id=1)
    assert found.items_a_week == 0.5


def test_a_name_is_given_once(database: Database) -> None:
    with database.begin() as s:
        assert add_search(s, ONE)
        assert not add_search(s, replace(ONE, name="ÉLARGIE À RABAT", address="q=other"))
    with database.read() as s:
        assert [one.address for one in searches(s)] == ["q=visa&party=MA"]


def test_a_search_that_is_removed_is_gone(database: Database) -> None:
    with database.begin() as s:
        add_search(s, ONE)
        assert remove_search(s, ONE.name)
        assert not remove_search(s, ONE.name)
        assert search_named(s, ONE.name) is None
