"""Asking: filters, words in any script, and queries that people really type."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.database.session import Database
from storage.filter import Filter, Known, Reviewed
from storage.letters import fold_text
from storage.lists.queries import (
    agreement,
    agreement_pages,
    agreements,
    agreements_of,
    count_agreements,
    counts,
    search,
)
from storage.query_words import clauses_of, fold_query, occur
from storage.records import Instrument, SecondReading, Status, Topic, Translation
from storage.register.entry import Pin, PinKind
from storage.search.counts import count_documents
from storage.search.document_rows import report_rows, rows_in_order
from tests.storage.filing import put
from tests.storage.given import NOW, add_pin, card, judged, read_by_second

ALBANIA = card(
    parties=("AL", "IT"),
    instrument=Instrument.PROTOCOL,
    topics=(Topic.ASYLUM, Topic.BORDER),
    status=Status.RATIFIED,
    event_date=date(2026, 1, 31),
    party_scores=(("IT", 2.0), ("AL", 2.0), ("EU", 1.0)),
)
DOCUMENTS = [
    judged(
        1,
        language="fr",
        title="Accord signé à Rabat",
        text="Le Maroc et le Niger ont signé.",
        source_id="s-1",
    ),
    judged(
        2,
        language="ar",
        title="توقيع الاتفاق في الرباط",
        text="وقّع الوزيران الاتفاقية أمس.",
        outlet="arabic.example",
    ),
    judged(
        3,
        card=ALBANIA,
        language="it",
        title="Ratificato",
        text="Il protocollo con l'Albania.",
        published_on=date(2026, 2, 1),
    ),
    judged(4, relevant=False, title="Football", text="A transfer of the week."),
]


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    with module_database.begin() as s:
        put(s, DOCUMENTS)
    return module_database


def found(database: Database, flt: Filter, *, everything: bool = False) -> list[str]:
    with database.read() as s:
        return sorted(row.external_id or "" for row in search(s, flt, everything=everything))


def found_agreements(database: Database, flt: Filter) -> list[tuple[str, ...]]:
    with database.read() as s:
        return sorted(one.parties for one in agreements(s, flt))


def asked(query: str) -> Filter:
    return Filter(query=fold_query(query))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("accord", ["doc-1"]),
        ("ACCORD signe", ["doc-1"]),
        ("accord albania", []),
        ('"signé à Rabat"', ["doc-1"]),
        ('"Rabat signé"', []),
        ("sign*", ["doc-1"]),
        ("proto* -albania", []),
        ("proto* -niger", ["doc-3"]),
        ('accord -"signé à Rabat"', []),
        ("-albania", ["doc-1", "doc-2"]),
        ("-albania -accord", ["doc-2"]),
        ("albania OR accord", ["doc-1", "doc-3"]),
        ("albania OR accord signe", ["doc-1"]),
        ("OR albania OR", ["doc-3"]),
        ("accords", ["doc-1"]),
        ('"accords"', []),
        ("l'Albania", ["doc-3"]),
        ("اتفاق", ["doc-2"]),
        ("الاتفاق", ["doc-2"]),
        ("رباط", ["doc-2"]),
        ("اتفاقيه", ["doc-2"]),
        ("الرباط أمس", ["doc-2"]),
        ('"', []),
        ("*", []),
        ("-", []),
        ("🙂", []),
        ("x", []),
        ("-x", []),
        ("a*", []),
        ("à accord a", ["doc-1"]),
        ("l’accord", ["doc-1"]),
        ("dell’accord", ["doc-1"]),
    ],
)
def test_words_are_found_in_documents_and_agreements(
    filled: Database, query: str, ids: list[str]
) -> None:
    assert found(filled, asked(query)) == ids
    parties = {"doc-1": ("MA", "NE"), "doc-2": ("MA", "NE"), "doc-3": ("AL", "IT")}
    assert found_agreements(filled, asked(query)) == sorted({parties[id_] for id_ in ids})


@pytest.mark.parametrize(
    "query",
    [
        "AND",
        "OR NOT",
        "folded:x",
        "NEAR(a b)",
        "a\x00b",
        "'; DROP TABLE texts; --",
        ":*",
        "a:*b & |",
    ],
)
def test_no_query_is_a_syntax_error(filled: Database, query: str) -> None:
    for flt in (asked(query), Filter(query=query)):
        found(filled, flt, everything=True)


@settings(max_examples=60)
@given(st.text(max_size=30))
def test_nothing_that_can_be_typed_is_an_error(filled: Database, query: str) -> None:
    for flt in (asked(query), Filter(query=query)):
        found(filled, flt)


@pytest.mark.parametrize(
    "query",
    [
        "accord",
        '"signé à rabat"',
        "sign*",
        "اتفاق",
        "albania",
        '"rabat signe"',
        "-albania",
        "albania OR accord",
        "accord -niamey",
        "-xy",
    ],
)
def test_subscriptions_and_search_agree_on_words(filled: Database, query: str) -> None:
    clauses = clauses_of(fold_query(query))
    matching = [
        document.document.external_id
        for document in DOCUMENTS
        if occur(clauses, fold_text(f"{document.document.title}\n{document.document.text}"))
    ]
    assert found(filled, asked(query), everything=True) == matching


@pytest.mark.parametrize(
    ("flt", "ids"),
    [
        (Filter(), ["doc-1", "doc-2", "doc-3"]),
        (Filter(parties=("MA",)), ["doc-1", "doc-2"]),
        (Filter(parties=("NE", "MA")), ["doc-1", "doc-2"]),
        (Filter(parties=("MA", "IT")), []),
        (Filter(parties=("EU",)), []),  # a runner-up takes no part
        (Filter(corridors=("IT-AL",)), ["doc-3"]),
        (Filter(corridors=("IT-AL", "NE-MA")), ["doc-1", "doc-2", "doc-3"]),
        (Filter(topics=(Topic.ASYLUM, Topic.VISA)), ["doc-3"]),
        (Filter(instruments=(Instrument.PROTOCOL,)), ["doc-3"]),
        (Filter(statuses=(Status.SIGNED,)), ["doc-1", "doc-2"]),
        (Filter(languages=("ar", "it")), ["doc-2", "doc-3"]),
        (Filter(sources=("s-1",)), ["doc-1"]),
        (Filter(sources=("arabic.example",)), ["doc-2"]),
        (Filter(since=date(2026, 3, 1)), ["doc-1", "doc-2"]),
        (Filter(until=date(2026, 2, 1)), ["doc-3"]),
        (Filter(min_score=8), []),
        (Filter(probability=0.5), []),  # no judge was asked about these
        (Filter(reviewed=Reviewed.YES), []),
        (Filter(reviewed=Reviewed.NO), ["doc-1", "doc-2", "doc-3"]),
        (Filter(languages=("fr",), statuses=(Status.RATIFIED,)), []),
    ],
)
def test_filters_mean_the_same_for_documents_and_agreements(
    filled: Database, flt: Filter, ids: list[str]
) -> None:
    assert found(filled, flt) == ids
    parties = {("AL", "IT") if external_id == "doc-3" else ("MA", "NE") for external_id in ids}
    assert found_agreements(filled, flt) == sorted(parties)


def test_one_report_must_fit_in_all_it_is_asked(filled: Database) -> None:
    """It has a French report and one of arabic.example, but no French one from there."""
    assert found_agreements(filled, Filter(languages=("fr",), sources=("arabic.example",))) == []


def test_everything_shows_what_did_not_match(filled: Database) -> None:
    assert found(filled, Filter(), everything=True) == ["doc-1", "doc-2", "doc-3", "doc-4"]


def test_the_newest_comes_first_and_a_limit_holds(filled: Database) -> None:
    with filled.read() as s:
        assert [row.external_id for row in search(s, Filter(), limit=2)] == ["doc-2", "doc-1"]
        assert [one.parties for one in agreements(s, Filter(), limit=1)] == [("MA", "NE")]


def test_pages_of_agreements_are_those_of_the_whole_list(database: Database) -> None:
    news = [
        judged(20 + n, card=card(parties=(code, "US")), language=("en", "pt")[n % 2])
        for n, code in enumerate(("FR", "DE", "GR", "ES", "MT"))
    ]
    with database.begin() as s:
        put(s, [*DOCUMENTS, *news])
    flts = (
        Filter(languages=("en", "it")),
        Filter(languages=("pt",)),
        Filter(since=date(2026, 1, 1), until=date(2026, 2, 1)),
        Filter(parties=("US",), languages=("en",)),
        Filter(languages=("ar",), known=Known.YES),
        Filter(languages=("de",)),
    )
    with database.read() as s, database.begin() as writing:
        for flt in flts:
            whole = [one.id for one in agreements(s, flt)]
            assert [one.id for one in agreements(writing, flt)] == whole  # nothing is kept there
            paged = list[str]()
            while page := agreements(s, flt, 2, paged[-1] if paged else None):
                paged += [one.id for one in page]
            assert paged == whole, flt


def test_what_was_ruled_out_is_not_counted(database: Database) -> None:
    with database.begin() as s:
        put(s, DOCUMENTS)
        assert count_documents(s, Filter()) == 3
    with database.begin() as s:
        first, *_ = search(s, Filter())
        add_pin(s, Pin(PinKind.IRRELEVANT, first.id))
        assert count_documents(s, Filter()) == 2 == len(list(search(s, Filter())))


@pytest.mark.parametrize("size", [1, 2, 500])
def test_pages_hold_each_agreement_once_in_the_order_of_ids(filled: Database, size: int) -> None:
    with filled.read() as s:
        pages = list(agreement_pages(s, Filter(), size))
        assert [one.id for page in pages for one in page] == ["A1", "A2"]
        assert max(map(len, pages)) <= size
        italian = [one.id for page in agreement_pages(s, Filter(parties=("IT",))) for one in page]
        assert len(italian) == count_agreements(s, Filter(parties=("IT",))) == 1


def test_documents_know_their_agreement(filled: Database) -> None:
    with filled.read() as s:
        home = agreements_of(s, [1, 2, 3, 4])
        assert home[1] == home[2] != home[3]
        assert 4 not in home
        assert [
            row.agreement_id for row in rows_in_order(report_rows(s, [3, 1, 99]), [99, 3, 1])
        ] == [home[3], home[1]]


@pytest.mark.parametrize("name", ["A99", "", "A", "17x", "A" + "9" * 40, "²"])
def test_an_agreement_that_is_not_there_is_none(filled: Database, name: str) -> None:
    with filled.read() as s:
        assert agreement(s, name) is None


def test_an_agreement_is_found_by_its_id_in_any_case(filled: Database) -> None:
    with filled.read() as s:
        (first, *_) = agreements(s, Filter())
        assert agreement(s, first.id) == agreement(s, first.id.lower()) == first


def test_counts(filled: Database) -> None:
    with filled.read() as s:
        kept = counts(s)
        assert (kept.documents, kept.relevant, kept.agreements) == (4, 3, 2)


RECENT = card(parties=("CH", "TN"), event_date=date(2025, 7, 28))
OLD = card(parties=("ES", "MR"), event_date=date(2007, 7, 4))
UNKNOWN_DAY = card(parties=("EG", "SD"), event_date=None)
WITH_AND_WITHOUT_DAYS = [
    judged(11, card=RECENT, published_on=date(2025, 7, 29)),
    judged(12, card=OLD, published_on=None),
    judged(13, card=UNKNOWN_DAY, published_on=None),
    judged(14, card=replace(OLD, parties=("IT", "LY")), published_on=date(2025, 8, 1)),
]


@pytest.fixture
def undated(database: Database) -> Database:
    with database.begin() as s:
        put(s, WITH_AND_WITHOUT_DAYS)
    return database


def test_undated_documents_stand_last_and_in_no_window(undated: Database) -> None:
    with undated.read() as s:
        listed = [row.external_id for row in search(s, Filter())]
        assert listed == ["doc-14", "doc-11", "doc-13", "doc-12"]
        assert {row.external_id for row in search(s, Filter(since=date(2025, 1, 1)))} == {
            "doc-11",
            "doc-14",
        }
        assert [
            row.external_id for row in search(s, Filter(until=date(2026, 12, 31)), limit=1)
        ] == ["doc-14"]
        assert list(search(s, Filter(until=date(2025, 7, 1)))) == []


def test_agreements_are_in_a_window_by_the_days_of_their_steps(undated: Database) -> None:
    """An agreement of 2007 is none of 2025, whether its report is undated or recalls it in 2025."""
    assert found_agreements(undated, Filter(since=date(2025, 1, 1))) == [("CH", "TN")]
    assert found_agreements(undated, Filter(until=date(2007, 12, 31))) == [
        ("ES", "MR"),
        ("IT", "LY"),
    ]


def test_agreements_without_a_day_stand_last(undated: Database) -> None:
    with undated.read() as s:
        listed = [one.parties for one in agreements(s, Filter())]
    assert listed == [("IT", "LY"), ("CH", "TN"), ("ES", "MR"), ("EG", "SD")]


def test_documents_know_the_translations_of_their_titles_and_quotes(database: Database) -> None:
    french = Translation("fr", "Signé à Rabat", "Ils ont signé\x00.")
    reading = SecondReading("yes", "m", "p", NOW, quote="q", translations=(french,))
    without = replace(reading, translations=())
    news = [read_by_second(judged(n), one) for n, one in ((1, reading), (2, without))]
    with database.begin() as s:
        put(s, [*news, judged(3)])
    with database.read() as s:
        rows = report_rows(s, [1, 2, 3])
    stored = replace(french, quote="Ils ont signé\ufffd.")
    assert [rows[number].translations for number in (1, 2, 3)] == [(stored,), (), ()]
