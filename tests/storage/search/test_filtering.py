"""What a subscription's filter lets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.filter import DaysOf, Filter
from storage.queries import agreements, count_waiting, search, waiting
from storage.records import Instrument, Judged, Status, Topic
from storage.register.records import Agreement, Step
from storage.search.filtering import FilteredReport, wants
from tests.storage.given import NOW, card, judged

STEP = Step(Status.RATIFIED, date(2026, 3, 10), "", (1,))
AGREEMENT = Agreement(
    id="A1",
    title="Protocol",
    parties=("AL", "IT"),
    instrument=Instrument.PROTOCOL,
    topics=(Topic.ASYLUM,),
    status=Status.IN_FORCE,
    place=None,
    event_date=None,
    history=(STEP, Step(Status.IN_FORCE, None, "", (2,))),
)
REPORT = FilteredReport(
    document_id=1,
    language="it",
    source_id="ansa",
    outlet="ansa.example",
    score=7.5,
    dated_on=date(2026, 3, 11),
    folded="il protocollo con l albania ratificato",
)


@pytest.mark.parametrize(
    "flt",
    [
        Filter(),
        Filter(parties=("IT",)),
        Filter(parties=("IT", "AL")),
        Filter(corridors=("ES-MA", "IT-AL")),
        Filter(topics=(Topic.VISA, Topic.ASYLUM)),
        Filter(instruments=(Instrument.PROTOCOL,)),
        Filter(statuses=(Status.RATIFIED,)),
        Filter(languages=("it",)),
        Filter(sources=("ansa",)),
        Filter(sources=("ansa.example",)),
        Filter(since=date(2026, 3, 11), until=date(2026, 3, 11)),
        Filter(min_score=7.5),
        Filter(query='"con l albania" ratif*'),
    ],
)
def test_what_fits_is_wanted(flt: Filter) -> None:
    assert wants(flt, AGREEMENT, STEP, [REPORT])


@pytest.mark.parametrize(
    "flt",
    [
        Filter(parties=("IT", "TN")),
        Filter(corridors=("IT-TN",)),
        Filter(topics=(Topic.VISA,)),
        Filter(instruments=(Instrument.TREATY,)),
        Filter(statuses=(Status.IN_FORCE,)),  # the agreement's, but not this step's
        Filter(languages=("fr",)),
        Filter(sources=("afp",)),
        Filter(since=date(2026, 3, 12)),
        Filter(until=date(2026, 3, 10)),
        Filter(min_score=8),
        Filter(query="trattato"),
        Filter(query='""'),
        Filter(parties=("IT",), languages=("fr",)),
    ],
)
def test_what_does_not_fit_is_not(flt: Filter) -> None:
    assert not wants(flt, AGREEMENT, STEP, [REPORT])


def test_without_a_step_the_agreement_s_own_status_counts() -> None:
    assert wants(Filter(statuses=(Status.IN_FORCE,)), AGREEMENT, None, [REPORT])


def test_one_report_is_enough_but_it_must_fit_in_all() -> None:
    french = replace(REPORT, language="fr", source_id="afp")
    assert wants(Filter(languages=("fr",)), AGREEMENT, STEP, [REPORT, french])
    assert not wants(
        Filter(languages=("fr",), sources=("ansa",)), AGREEMENT, STEP, [REPORT, french]
    )


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
        assert found(as_of=TODAY) == ({"DE", "ES", "IT"}, {1, 2, 3})  # not yet, on that day


def test_what_is_announced_without_a_day_of_its_own_is_found_too(database: Database) -> None:
    soon = TODAY + 2 * DAY
    undated = announced(1, soon, parties=("ES", "SN"), event_date=None, event_date_basis=None)
    put(database, NOW, undated)
    with database.read() as s:
        (one,) = agreements(s, Filter())
        assert (one.event_date, one.expected_on) == (None, soon)
        assert agreements(s, Filter(by=DaysOf.EXPECTED)) == [one]


EVERYTHING = Filter()
PAIRS = (("MA", "NE"), ("IT", "TN"), ("EU", "MR"), ("ES", "SN"), ("DE", "KE"))

# Two wait since one day: either may come first, but always in the same place.
NEWEST = ["DE-KE", "MA-NE", "IT-TN", "ES-SN"]
LONGEST = ["IT-TN", "DE-KE", "MA-NE", "ES-SN"]


def signed(number: int, on: date | None, status: Status = Status.SIGNED) -> Judged:
    made = card(parties=PAIRS[number - 1], status=status, event_date=on, event_date_basis=None)
    return judged(number, card=made, published_on=on)


def given(database: Database) -> None:
    """All but EU-MR wait, which is in force; of ES-SN nobody says since when."""
    news = (
        signed(1, date(2026, 1, 9)),
        signed(2, date(2024, 5, 1), Status.CONCLUDED),
        signed(3, date(2026, 2, 1), Status.IN_FORCE),
        signed(4, None),
        signed(5, date(2026, 1, 9)),
    )
    with database.begin() as s:
        ingest(s, news, [], now=NOW, run_id=None, crawl=False, max_age_days=None)


def order(database: Database, *, longest_first: bool, size: int) -> list[str]:
    """All that waits, read in pages of this size."""
    found: list[str] = []
    after: str | None = None
    with database.read() as s:
        while True:
            page = waiting(s, EVERYTHING, size, after, longest_first=longest_first)
            found += ["-".join(one.parties) for one in page]
            if len(page) < size:
                return found
            after = page[-1].id


def test_the_one_signed_last_comes_first_and_what_has_no_day_last(database: Database) -> None:
    given(database)
    for size in (1, 2, 10):
        assert order(database, longest_first=False, size=size) == NEWEST


def test_the_one_that_waits_longest_comes_first_and_what_has_no_day_last(
    database: Database,
) -> None:
    given(database)
    for size in (1, 2, 10):
        assert order(database, longest_first=True, size=size) == LONGEST


def test_filters_narrow_what_waits(database: Database) -> None:
    given(database)
    with database.read() as s:
        assert count_waiting(s, EVERYTHING) == 4
        assert count_waiting(s, Filter(parties=("IT",))) == 1
        assert count_waiting(s, Filter(parties=("MR",))) == 0
