"""Counts over the documents of a selection."""

from __future__ import annotations

from datetime import date

import pytest

from storage.database.session import Database
from storage.filter import Filter
from storage.records import Status
from storage.search import counts as module
from storage.search.counts import document_facets
from tests.storage.filing import put
from tests.storage.given import card, judged


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    old = card(parties=("EU", "TN"), status=Status.RATIFIED)
    documents = [
        judged(1, language="fr"),
        judged(2, outlet=None, source_id="s-2"),
        judged(3, card=old, published_on=date(2020, 1, 1), outlet="old.example"),
        judged(4, relevant=False, language="de"),
    ]
    with module_database.begin() as s:
        put(s, documents)
    return module_database


def counts(database: Database, flt: Filter, *, everything: bool = False) -> dict[str, object]:
    with database.read() as s:
        facets = document_facets(s, flt, everything=everything)
    return {name: list(n) for name, n in facets.facets.items()}


def test_each_value_is_counted_the_most_frequent_first(filled: Database) -> None:
    found = counts(filled, Filter())
    assert found["party"] == [("MA", 2), ("NE", 2), ("EU", 1), ("TN", 1)]
    assert found["status"] == [("signed", 2), ("ratified", 1)]
    assert found["source"] == [("news.example", 1), ("old.example", 1), ("s-2", 1)]
    assert found["language"] == [("en", 2), ("fr", 1)]


def test_the_selection_bounds_them(filled: Database) -> None:
    assert counts(filled, Filter(parties=("TN",)))["party"] == [("EU", 1), ("TN", 1)]
    assert counts(filled, Filter(languages=("pt",))) == {}
    assert counts(filled, Filter(), everything=True)["language"] == [
        ("en", 2),
        ("de", 1),
        ("fr", 1),
    ]


def test_of_too_many_hits_the_newest_are_counted(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COUNTED", 2)
    with filled.read() as s:
        facets = document_facets(s, Filter())
    assert facets.is_cut
    assert list(facets.facets["status"]) == [("signed", 2)]
