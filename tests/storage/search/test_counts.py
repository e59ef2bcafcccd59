"""Counting over the register in columns says what a look at each agreement says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from storage.counting import By, Counting
from storage.database.session import Database
from storage.filter import BY_DAY, BY_REPORT, Filter, Known
from storage.lists import queries
from storage.lists.queries import agreements
from storage.records import Status, TextState, Topic
from storage.register.entry import Agreement
from storage.search.counts import Columns, bits_of, chosen_agreements, numbers_of, read_columns
from storage.search.pivot import pivot
from tests.storage.filing import STATES, made_reports, put

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILTERS = (
    Filter(),
    Filter(known=Known.YES),
    Filter(parties=(STATES[0],)),
    Filter(groups=("maghreb", "eu-members")),
    Filter(topics=(Topic.VISA,)),
    Filter(statuses=(Status.SIGNED,)),
    Filter(languages=("fr",)),
    Filter(texts=(TextState.PUBLISHED,)),
)


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    with module_database.begin() as s:
        put(s, made_reports(random.Random(3), 80))
    return module_database


def counted(values: Iterable[object]) -> list[tuple[str, int]]:
    counts = Counter(str(value) for value in values if value is not None)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def days(found: Iterable[Agreement]) -> list[tuple[str, date]]:
    return [(agreement.id, step.on) for agreement in found for step in agreement.history if step.on]


@pytest.mark.parametrize("flt", FILTERS, ids=str)
def test_each_value_of_a_selection_is_counted(filled: Database, flt: Filter) -> None:
    with filled.read() as s:
        found, columns = agreements(s, flt), read_columns(s)
        chosen = chosen_agreements(s, flt, columns)
    total, has = columns.overview(chosen, 1000)
    facets = {name: list(n) for name, n in has.items()}
    assert total == len(found)
    assert facets["party"] == counted(code for agreement in found for code in agreement.parties)
    assert facets["topic"] == counted(topic for agreement in found for topic in agreement.topics)
    assert facets["status"] == counted(agreement.status for agreement in found)
    assert facets["text"] == counted(agreement.text_state for agreement in found)
    assert sorted(facets["grade"]) == sorted(counted(agreement.grade for agreement in found))
    months = {(row_id, on.year * 100 + on.month) for row_id, on in days(found)}
    years = {(row_id, on.year) for row_id, on in days(found)}
    assert columns.by_month(chosen) == sorted(Counter(month for _, month in months).items())
    assert columns.by_year(chosen) == sorted(Counter(year for _, year in years).items())


def test_periods_are_the_same_where_only_days_are_asked_for(filled: Database) -> None:
    with filled.read() as s:
        columns = read_columns(s)
        whole = Filter(since=date(1900, 1, 1), known=Known.YES)
        chosen = chosen_agreements(s, Filter(known=Known.YES), columns)
        for period, counted in ((By.MONTH, columns.by_month), (By.YEAR, columns.by_year)):
            found = pivot(s, whole, Counting(period))
            assert [(int(row), found.at(row).number) for row in found.rows] == counted(chosen)


def test_each_two_parties_are_a_corridor(filled: Database) -> None:
    with filled.read() as s:
        found, columns = agreements(s, Filter()), read_columns(s)
    pairs = Counter(
        pair for agreement in found for pair in combinations(sorted(agreement.parties), 2)
    )
    said = [corridor[:3] for corridor in columns.corridors]
    assert len(pairs) > 1
    assert said == sorted(((*pair, n) for pair, n in pairs.items()), key=lambda one: (-one[2], one))


def test_an_empty_register_has_nothing(database: Database) -> None:
    with database.read() as s:
        columns = read_columns(s)
        assert columns == Columns(0, columns.facets, {}, [])
        assert columns.overview(chosen_agreements(s, FILTERS[2], columns), 12)[0] == 0


def test_bits_are_those_of_the_numbers() -> None:
    assert bits_of([]) == 0
    assert bits_of([1, 17, 8]) == 2 + 2**17 + 2**8
    assert list(numbers_of(bits_of([300, 17, 8, 1]))) == [1, 8, 17, 300]
    assert list(numbers_of(0)) == []


@pytest.mark.parametrize("few", [0, 1000])
def test_what_was_chosen_is_listed_as_what_matches(
    filled: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queries, "_FEW", few)
    with filled.read() as s:
        columns = read_columns(s)
        for flt in FILTERS:
            chosen = chosen_agreements(s, flt, columns)
            for order in (BY_REPORT, BY_DAY):
                whole = agreements(s, flt, order=order)
                after = whole[1].id if len(whole) > 1 else None
                found = agreements(s, flt, 3, after, order=order, chosen=chosen)
                assert found == whole[2 if after else 0 :][:3], flt
