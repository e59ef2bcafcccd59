"""A search by relevance: what speaks of the words most comes first, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.ingest.ingest import ingest
from storage import queries
from storage.database.session import Database
from storage.filter import Filter
from storage.query_words import fold_query
from tests.storage.given import NOW, judged

FILLING = "Nothing else of note was said on this day in the capital. " * 5


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    """1 speaks of visas often; 2, 3 and 4 once, in the same words; 5 not at all."""
    texts = ["Visas, visas and again visas.", *["One word on visas."] * 3, "No word of them."]
    documents = [
        judged(
            number,
            title="Report",
            text=f"{text} {FILLING}",
            published_on=date(2026, 3, number),
        )
        for number, text in enumerate(texts, 1)
    ]
    with module_database.begin() as s:
        for one in documents:
            ingest(s, [one], (), now=NOW, run_id=None, crawl=False, max_age_days=None)
    return module_database


def order(
    database: Database, typed: str, limit: int | None = None, after: int | None = None
) -> list[int]:
    flt = Filter(query=fold_query(typed))
    with database.read() as s:
        found = queries.search(s, flt, by_relevance=True, limit=limit, after=after)
        return [row.id for row in found]


def test_the_most_relevant_comes_first_and_the_newer_of_equal_ones(filled: Database) -> None:
    assert order(filled, "visas") == [1, 4, 3, 2]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_follow_each_other_by_their_last_document(filled: Database, size: int) -> None:
    seen = order(filled, "visas", limit=size)
    while following := order(filled, "visas", limit=size, after=seen[-1]):
        seen += following
    assert seen == [1, 4, 3, 2]


@pytest.mark.parametrize("typed", ["", "-visas", "-capital -visas"])
def test_without_words_that_must_occur_the_newest_come_first(filled: Database, typed: str) -> None:
    flt = Filter(query=fold_query(typed))
    with filled.read() as s:
        newest = [row.id for row in queries.search(s, flt)]
    assert order(filled, typed) == newest


def test_of_too_many_hits_the_newest_are_ordered(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "RANKED", 2)
    assert order(filled, "visas") == [4, 3]
