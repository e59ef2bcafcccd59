"""Searches for words see what is stored now: verdicts that turn, texts that change and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import delete, text, update

from storage.database.columns import UNDATED
from storage.database.session import Database, Session
from storage.documents.tables import Documents, Matches, Texts
from storage.filter import Filter
from storage.lists import queries
from storage.lists.queries import search
from storage.maintenance.soundness import derive_anew, differing
from storage.query_words import fold_query
from storage.records import Status
from storage.register.agreements import stamp
from storage.register.entry import Pin, PinKind
from storage.register.tables import Steps
from storage.search import hits
from storage.search.counts import count_documents
from storage.search.hits import count_with_words
from storage.search.tables import SEARCH_ROWS
from tests.conftest import ON_POSTGRESQL
from tests.storage.filing import put
from tests.storage.given import NOW, add_pin, card, judged

VISA = Filter(query="visa")


@pytest.fixture
def stored(database: Database) -> Database:
    documents = [judged(n, text=f"visa talks {n}", relevant=n % 2 == 0) for n in range(1, 7)]
    with database.begin() as s:
        put(s, documents)
    return database


def reports(database: Database) -> list[int]:
    with database.read() as s:
        return sorted(row.id for row in search(s, VISA))


Change = Callable[[Session], object]
CHANGES: dict[str, tuple[Change, list[int]]] = {
    "nothing": (lambda s: None, [2, 4, 6]),
    "one more is relevant": (
        lambda s: s.execute(update(Matches).where(Matches.document_id == 3).values(relevant=True)),
        [2, 3, 4, 6],
    ),
    "one is not relevant any more": (
        lambda s: s.execute(update(Matches).where(Matches.document_id == 4).values(relevant=False)),
        [2, 6],
    ),
    "a text has other words": (
        lambda s: s.execute(update(Texts).where(Texts.document_id == 2).values(folded="work")),
        [4, 6],
    ),
    "a text is forgotten": (
        lambda s: s.execute(delete(Texts).where(Texts.document_id == 6)),
        [2, 4],
    ),
    "a document is deleted": (
        lambda s: s.execute(delete(Documents).where(Documents.id == 6)),
        [2, 4],
    ),
    "a curator rules one out": (
        lambda s: add_pin(s, Pin(PinKind.IRRELEVANT, 2)),
        [4, 6],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_reports_with_words_are_those_of_now(stored: Database, change: str) -> None:
    apply, left = CHANGES[change]
    with stored.begin() as s:
        apply(s)
    assert reports(stored) == left
    with stored.read() as s:
        assert count_documents(s, VISA) == len(left)
        assert differing(s) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"language": "fr"},
        {"outlet": None, "source_id": "another"},
        {"published_on": None, "listed_on": UNDATED},
        {"first_seen_at": NOW},
    ],
)
def test_what_filters_ask_of_reports_is_what_documents_say(
    stored: Database, changed: dict[str, object]
) -> None:
    with stored.begin() as s:
        s.execute(update(Documents).where(Documents.id < 5).values(changed))
        s.execute(update(Matches).where(Matches.document_id == 2).values(status="in_force"))
        s.execute(update(Matches).where(Matches.document_id == 4).values(probability=0.5))
    with stored.read() as s:
        assert differing(s) == 0
        assert [row.id for row in search(s, Filter(statuses=(Status.IN_FORCE,)))] == [2]


def test_a_row_that_differs_is_found_and_derived_anew(stored: Database) -> None:
    with stored.begin() as s:
        s.execute(update(SEARCH_ROWS).values(language="xx"))
        s.execute(update(Steps).values(learnt_at=None))
        before = stamp(s)
    with stored.read() as s:
        assert differing(s) == 6 + 1  # three rows are wrong, and three are missing
    assert derive_anew(stored) == 6 + 1
    with stored.read() as s:
        assert differing(s) == 0
        assert stamp(s) != before
    assert derive_anew(stored) == 0


def test_what_a_transaction_writes_it_finds(stored: Database) -> None:
    with stored.begin() as s:
        assert count_with_words(s, "visa", reports=True) == 3
        s.execute(update(Matches).values(relevant=True))
        assert count_with_words(s, "visa", reports=True) == 6


@pytest.mark.parametrize("limit", [1, 10])
def test_parties_narrow_the_hits(database: Database, limit: int) -> None:
    tunisian = card(parties=("EU", "TN"))
    documents = [
        judged(1, text="visa talks in Rabat"),
        judged(2, text="visa talks in Tunis", card=tunisian),
        judged(3, text="work in Tunis", card=tunisian),
    ]
    with database.begin() as s:
        put(s, documents)
    with database.read() as s:
        for parties, found in ((("TN",), [2]), (("TN", "EU"), [2]), (("MA", "TN"), [])):
            flt = Filter(query="visa", parties=parties)
            assert [row.id for row in search(s, flt, limit=limit)] == found
            assert count_documents(s, flt) == len(found)
        without = Filter(query="-visa", parties=("TN",))
        assert [row.id for row in search(s, without, limit=limit)] == [3]


@pytest.mark.parametrize("most", [1, 3, 20_000])
def test_hits_are_the_same_whether_they_are_kept_or_looked_up(
    stored: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(hits, "_MOST_CACHED", most)
    assert reports(stored) == [2, 4, 6]
    with stored.read() as s:
        assert [row.id for row in search(s, VISA, limit=2)] == [6, 4]
        assert [row.id for row in search(s, Filter(query="-visa"))] == []
        assert count_documents(s, VISA) == 3


@ON_POSTGRESQL
def test_postgresql_is_told_what_splitting_texts_costs_while_all_are_searched(
    stored: Database,
) -> None:
    costs = []
    for everything in (True, False):
        with stored.read() as s:
            assert len(list(search(s, VISA, everything=everything))) == (6 if everything else 3)
            costs.append(s.scalar(text("SHOW cpu_operator_cost")))
    assert costs == ["0.05", "0.0025"]


@ON_POSTGRESQL
def test_postgresql_counts_new_texts_often_enough_to_plan_with(database: Database) -> None:
    options = text("SELECT reloptions FROM pg_class WHERE relname = 'texts'")
    with database.read() as s:
        assert s.scalar(options) == ["autovacuum_analyze_scale_factor=0.01"]


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
        for document in documents:
            put(s, [document])
    return module_database


def order(
    database: Database, typed: str, limit: int | None = None, after: int | None = None
) -> list[int]:
    flt = Filter(query=fold_query(typed))
    with database.read() as s:
        rows = queries.search(s, flt, by_relevance=True, limit=limit, after=after)
        return [row.id for row in rows]


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
