"""Days of a filter: of the step, of publication, or on which it was learnt."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.filter import DaysOf, Filter
from storage.queries import agreements, search
from storage.records import Judged, Status
from tests.storage.given import NOW, card, judged

DAY = timedelta(days=1)
TODAY = NOW.date()
OLD = card(parties=("IT", "TN"), event_date=date(2007, 5, 31))
RATIFIED = card(parties=("IT", "TN"), status=Status.RATIFIED, event_date=date(2009, 1, 7))


def put(database: Database, now: datetime, *ones: Judged) -> None:
    with database.begin() as s:
        ingest(s, ones, (), now=now, run_id=None, crawl=False, max_age_days=None)


@pytest.fixture
def register(database: Database) -> Database:
    """A1 of 2007 was learnt ten days ago, its second step of 2009 today; A2 yesterday, and today
    one more report of it came in.
    """
    put(database, NOW - 10 * DAY, judged(1, card=OLD))
    put(database, NOW - DAY, judged(2))
    put(database, NOW, judged(3, card=RATIFIED), judged(4))
    return database


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (TODAY, None, {"A1"}),
        (TODAY - DAY, None, {"A1", "A2"}),
        (TODAY - DAY, TODAY - DAY, {"A2"}),
        (None, TODAY - DAY, {"A1", "A2"}),
        (None, TODAY - 2 * DAY, {"A1"}),
        (TODAY + DAY, None, set()),
        (None, date.max, {"A1", "A2"}),
        (None, None, {"A1", "A2"}),
    ],
)
def test_agreements_are_found_by_the_day_on_which_a_step_was_learnt(
    register: Database, since: date | None, until: date | None, found: set[str]
) -> None:
    with register.read() as s:
        wanted = Filter(since=since, until=until, by=DaysOf.LEARNT)
        assert {one.id for one in agreements(s, wanted)} == found


def test_without_it_the_day_of_the_step_counts(register: Database) -> None:
    with register.read() as s:
        of_2009 = Filter(since=date(2009, 1, 1), until=date(2009, 12, 31))
        assert [one.id for one in agreements(s, of_2009)] == ["A1"]


def test_it_joins_with_words_of_a_report(register: Database) -> None:
    with register.read() as s:
        assert agreements(s, Filter(query="number", since=TODAY, by=DaysOf.LEARNT))
        assert not agreements(s, Filter(query="unheard", since=TODAY, by=DaysOf.LEARNT))


def test_documents_are_found_by_the_day_on_which_they_came_in(register: Database) -> None:
    with register.read() as s:
        today = Filter(since=TODAY, until=TODAY, by=DaysOf.LEARNT)
        assert {row.id for row in search(s, today)} == {3, 4}


def announced(number: int, expected_on: date, **fields: Any) -> Judged:
    talks = {"status": Status.NEGOTIATING, "expected_on": expected_on} | fields
    return judged(number, card=card(**talks))


def test_agreements_and_documents_are_found_by_the_day_for_which_a_stage_is_announced(
    database: Database,
) -> None:
    soon, later = TODAY + 2 * DAY, TODAY + 20 * DAY
    done = card(parties=("IT", "TN"), event_date=soon)
    put(
        database,
        NOW,
        announced(1, soon, parties=("ES", "SN"), event_date=TODAY),
        announced(2, later, parties=("DE", "KE"), event_date=TODAY),
        announced(3, soon, parties=("IT", "TN"), event_date=TODAY),
    )
    put(database, NOW + 2 * DAY, judged(4, card=done), judged(5))
    with database.read() as s:

        def found(**days: Any) -> tuple[set[str], set[int]]:
            flt = Filter(by=DaysOf.EXPECTED, **days)
            documents = {row.id for row in search(s, flt)}
            return {one.parties[0] for one in agreements(s, flt)}, documents

        assert found() == ({"DE", "ES"}, {1, 2, 3})  # IT and TN have signed
        assert found(since=TODAY, until=soon) == ({"ES"}, {1, 3})
        assert found(since=later) == ({"DE"}, {2})
        assert found(since=later + DAY) == (set(), set())
