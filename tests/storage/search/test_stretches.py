"""The newest hits are the same, whether they are looked for among the newest documents or among
all.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from storage.database.session import Database
from storage.filter import Filter
from storage.lists.queries import search
from storage.search import counts as facets
from storage.search import hits
from storage.search.counts import count_documents, document_facets
from tests.storage.filing import put
from tests.storage.given import judged


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    """Days in any order, many of them shared, and one document of three with the word."""
    chance = Random(3)
    days = [date(2026, 3, 1) + timedelta(chance.randrange(12)) for _ in range(60)]
    documents = [
        judged(
            number,
            published_on=None if number % 7 == 0 else day,
            text=f"{'visa' if number % 3 == 0 else 'work'} talks, number {number}",
            relevant=number % 2 == 0,
        )
        for number, day in enumerate(days, 1)
    ]
    with module_database.begin() as s:
        put(s, documents)
    return module_database


def pages(database: Database, flt: Filter, everything: bool) -> list[int]:
    found: list[int] = []
    with database.read() as s:
        while True:
            after = found[-1] if found else None
            rows = list(search(s, flt, everything=everything, limit=3, after=after))
            found += [row.id for row in rows]
            if len(rows) < 3:
                return found


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("query", ["visa", "talks -visa", "-visa"])
@pytest.mark.parametrize("length", [1, 5, 20])
def test_all_pages_hold_the_same_hits(
    filled: Database, monkeypatch: pytest.MonkeyPatch, length: int, query: str, everything: bool
) -> None:
    whole = pages(filled, Filter(query=query), everything)
    monkeypatch.setattr(hits, "LENGTH", length)
    assert pages(filled, Filter(query=query), everything) == whole
    assert len(whole) == len(set(whole)) > 3


def test_a_stretch_has_all_documents_of_its_days(filled: Database) -> None:
    with filled.read() as s:
        found = hits.newest_stretch(s, length=20)
        listed = list(search(s, Filter(), everything=True))
    assert found is not None
    since, first, last = found
    inside = [row for row in listed if row.published_on and row.published_on >= since]
    assert len(inside) > 20
    assert all(first <= row.id <= last for row in inside)


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("query", ["visa", "-visa", "visa -talks", "nowhere", ""])
def test_words_are_counted_as_they_are_listed(
    filled: Database, query: str, everything: bool
) -> None:
    with filled.read() as s:
        flt = Filter(query=query)
        listed = len(list(search(s, flt, everything=everything)))
        assert count_documents(s, flt, everything=everything) == listed
        assert document_facets(s, flt, everything=everything).counted == listed


@pytest.mark.parametrize("everything", [True, False])
def test_the_newest_hits_of_a_frequent_word_are_counted(
    filled: Database, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    monkeypatch.setattr(facets, "COUNTED", 4)
    monkeypatch.setattr(facets, "_RULED_OUT", 1)
    monkeypatch.setattr(facets, "_AMONG", 30)
    with filled.read() as s:
        found = document_facets(s, Filter(query="talks"), everything=everything)
    assert found.is_cut
    assert found.counted == 4


def test_no_more_are_counted_than_wanted(filled: Database) -> None:
    with filled.read() as s:
        for flt, number in ((Filter(query="visa"), 20), (Filter(languages=("en",)), 60)):
            most = {count_documents(s, flt, everything=True, most=n) for n in (1, 100)}
            assert most == {1, number}
