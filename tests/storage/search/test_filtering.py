"""What a filter selects: the same behind every door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from storage.counting import Counted, Counting
from storage.database.session import Database, Session
from storage.filter import Changes, Clock, DaysOf, Filter, Known, Reviewed, Sides
from storage.lists.queries import agreements, count_waiting, search, waiting
from storage.notifications.outbox import waiting_since
from storage.provision import Provision, ProvisionKind
from storage.records import (
    Grade,
    GradeBasis,
    Instrument,
    Judged,
    NewsKind,
    Status,
    TextState,
    Topic,
)
from storage.register.blocks import read_block
from storage.search.pivot import pivot
from storage.subscription import Subscription
from tests.storage import filing
from tests.storage.given import NOW, card, judged

# Of each filter a value that selects the one agreement, its report and its step, and one that does
# not: what the report and the agreement are is in `reported`.
EVERY: dict[str, tuple[Filter, Filter]] = {
    "query": (Filter(query='"two ministers" sign* -lima'), Filter(query="lima")),
    "parties": (Filter(parties=("NE", "MA")), Filter(parties=("MA", "FR"))),
    "any_parties": (Filter(any_parties=("FR", "MA")), Filter(any_parties=("FR", "ES"))),
    "not_parties": (Filter(not_parties=("FR", "ES")), Filter(not_parties=("ES", "MA"))),
    "not_topics": (Filter(not_topics=(Topic.VISA,)), Filter(not_topics=(Topic.TRAFFICKING,))),
    "not_groups": (Filter(not_groups=("gcc",)), Filter(not_groups=("maghreb",))),
    "not_instruments": (
        Filter(not_instruments=(Instrument.TREATY,)),
        Filter(not_instruments=(Instrument.DECLARATION,)),
    ),
    "not_statuses": (
        Filter(not_statuses=(Status.RATIFIED,)),
        Filter(not_statuses=(Status.SIGNED,)),
    ),
    "corridors": (Filter(corridors=("ES-MA", "NE-MA")), Filter(corridors=("ES-MA",))),
    "instruments": (
        Filter(instruments=(Instrument.DECLARATION,)),
        Filter(instruments=(Instrument.TREATY,)),
    ),
    "topics": (Filter(topics=(Topic.VISA, Topic.TRAFFICKING)), Filter(topics=(Topic.VISA,))),
    "also_topics": (
        Filter(also_topics=(Topic.TRAFFICKING,)),
        Filter(also_topics=(Topic.TRAFFICKING, Topic.VISA)),
    ),
    "statuses": (Filter(statuses=(Status.SIGNED,)), Filter(statuses=(Status.RATIFIED,))),
    "steps": (Filter(steps=(Status.SIGNED,)), Filter(steps=(Status.RATIFIED,))),
    "not_steps": (Filter(not_steps=(Status.RATIFIED,)), Filter(not_steps=(Status.SIGNED,))),
    "grades": (Filter(grades=(Grade.UNCONFIRMED,)), Filter(grades=(Grade.CONFIRMED,))),
    "bases": (Filter(bases=(GradeBasis.DOUBTFUL,)), Filter(bases=(GradeBasis.OFFICIAL,))),
    "texts": (Filter(texts=(TextState.MISSING,)), Filter(texts=(TextState.PUBLISHED,))),
    "provisions": (
        Filter(provisions=(ProvisionKind.DURATION, ProvisionKind.NOTICE)),
        Filter(provisions=(ProvisionKind.NOTICE,)),
    ),
    "groups": (Filter(groups=("maghreb",)), Filter(groups=("gcc",))),
    "within": (Filter(within=("africa",)), Filter(within=("maghreb",))),
    "sides": (Filter(sides=(Sides.BILATERAL,)), Filter(sides=(Sides.MULTILATERAL,))),
    "languages": (Filter(languages=("fr", "en")), Filter(languages=("fr",))),
    "sources": (Filter(sources=("news.example",)), Filter(sources=("ministry",))),
    "rules": (Filter(rules=("signing",)), Filter(rules=("whales",))),
    "agreements": (Filter(agreements=("A1",)), Filter(agreements=("A2",))),
    "min_score": (Filter(min_score=7.5), Filter(min_score=7.6)),
    "since": (Filter(since=date(2026, 3, 10)), Filter(since=date(2026, 3, 12))),
    "until": (Filter(until=date(2026, 3, 11)), Filter(until=date(2026, 3, 9))),
    "probability": (Filter(probability=0.8), Filter(probability=0.81)),
    "reviewed": (Filter(reviewed=Reviewed.NO), Filter(reviewed=Reviewed.YES)),
    "known": (Filter(known=Known.YES), Filter(known=Known.ONLY)),
    "by": (
        Filter(by=DaysOf.LEARNT, since=date(2026, 3, 12)),
        Filter(by=DaysOf.EXPECTED, since=date(2026, 3, 1)),
    ),
    "as_of": (Filter(as_of=NOW.date()), Filter(as_of=NOW.date() - timedelta(days=1))),
    "changes": (Filter(changes=None), Filter(changes=Changes.TWICE)),
    "clock": (
        Filter(as_of=date(2026, 3, 11), clock=Clock.STOOD),
        Filter(as_of=date(2026, 3, 9), clock=Clock.PUBLISHED),
    ),
}


def reported(number: int = 1, **document: Any) -> Judged:
    one = judged(number, **document)
    term = Provision(ProvisionKind.DURATION, 60, 'It says: ["notice", 3].').clue
    verdict = replace(one.verdict, probability=0.8, found_by=("signing",))
    return replace(one, verdict=verdict, clues=(*one.clues, term))


def collected(s: Session, filters: Sequence[Filter], *ones: Judged) -> list[str]:
    """The filters, by their number, of which subscriptions are notified of these documents."""
    news = tuple(NewsKind)
    subscriptions = [
        Subscription(str(n), (), filter=flt, news=news) for n, flt in enumerate(filters)
    ]
    filing.put(s, ones, subscriptions, max_age_days=30)
    return sorted(waiting_since(s), key=int)


def told(s: Session, filters: Sequence[Filter]) -> list[bool]:
    found = collected(s, filters, reported())
    return [str(number) in found for number in range(len(filters))]


def listed(s: Session, filters: Sequence[Filter]) -> list[bool]:
    collected(s, (), reported())
    return [bool(agreements(s, flt)) for flt in filters]


def searched(s: Session, filters: Sequence[Filter]) -> list[bool]:
    collected(s, (), reported())
    return [bool(list(search(s, flt))) for flt in filters]


def counted(s: Session, filters: Sequence[Filter]) -> list[bool]:
    collected(s, (), reported())
    of_steps = Counting(counted=Counted.STEPS)
    return [pivot(s, flt, of_steps).of > 0 for flt in filters]


def test_each_filter_has_a_value_that_selects_and_one_that_does_not() -> None:
    assert set(EVERY) == set(Filter.model_fields)


@pytest.mark.parametrize("door", [listed, searched, counted, told])
def test_each_filter_selects_behind_every_door(
    database: Database, door: Callable[[Session, Sequence[Filter]], list[bool]]
) -> None:
    with database.begin() as s:
        selects = door(s, [flt for pair in EVERY.values() for flt in pair])
    found = dict(zip(EVERY, zip(selects[::2], selects[1::2], strict=True), strict=True))
    assert found == dict.fromkeys(EVERY, (True, False))


def test_one_report_is_enough_but_it_must_fit_in_all(s: Session) -> None:
    both = (Filter(languages=("fr",), sources=("news.example",)), Filter(languages=("fr",)))
    french = reported(2, language="fr", outlet="afp.example")
    assert collected(s, both, reported(), french) == ["1"]


def test_a_query_without_a_word_selects_nothing(s: Session) -> None:
    assert told(s, [Filter(query='""')]) == [False]


NEAR: dict[str, tuple[Filter, Filter]] = {
    **{name: EVERY[name] for name in ("query", "parties", "corridors", "instruments", "topics")},
    **{name: EVERY[name] for name in ("also_topics", "statuses", "groups", "within", "languages")},
    **{name: EVERY[name] for name in ("rules", "sources", "since", "until", "reviewed")},
    **{name: EVERY[name] for name in EVERY if name.startswith(("any_", "not_"))},
}
del NEAR["not_steps"]  # what waits has no steps


def test_what_waits_for_review_is_told_by_the_same_filters(s: Session) -> None:
    filters = [flt for pair in NEAR.values() for flt in pair]
    found = collected(s, filters, judged(1, relevant=False, near_miss=True))
    assert found == [str(number) for number in range(0, len(filters), 2)]
    everything = [bool(list(search(s, flt, everything=True))) for flt in filters]
    assert everything == [True, False] * len(NEAR)


def test_what_waits_for_review_is_no_report_of_the_register(s: Session) -> None:
    collected(s, (), reported(1), judged(2, relevant=False, near_miss=True))
    assert [row.id for row in search(s, Filter(parties=("MA",)))] == [1]
    assert read_block(s, [2])[0] == ()


def test_a_later_batch_is_compared_with_its_own_documents(database: Database) -> None:
    """The statement of the first batch is used again."""
    wanted = (Filter(query="lima"), Filter(parties=("IT",)))
    elsewhere = card(parties=("IT", "TN"))
    for number, (one, found) in enumerate(
        [
            (reported(1), []),
            (reported(2, text="In Lima they signed it."), ["0"]),
            (reported(3, card=elsewhere), ["0", "1"]),
        ]
    ):
        with database.begin() as s:
            assert collected(s, wanted, one) == found, number


DAY = timedelta(days=1)
TODAY = NOW.date()
OLD = card(parties=("IT", "TN"), event_date=date(2007, 5, 31))
RATIFIED = card(parties=("IT", "TN"), status=Status.RATIFIED, event_date=date(2009, 1, 7))


def put(database: Database, now: datetime, *ones: Judged) -> None:
    with database.begin() as s:
        filing.put(s, ones, now=now)


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
        assert {agreement.id for agreement in agreements(s, wanted)} == found


def test_without_it_the_day_of_the_step_counts(register: Database) -> None:
    with register.read() as s:
        of_2009 = Filter(since=date(2009, 1, 1), until=date(2009, 12, 31))
        assert [agreement.id for agreement in agreements(s, of_2009)] == ["A1"]


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
            return {agreement.parties[0] for agreement in agreements(s, flt)}, documents

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
        (agreement,) = agreements(s, Filter())
        assert (agreement.event_date, agreement.expected_on) == (None, soon)
        assert agreements(s, Filter(by=DaysOf.EXPECTED)) == [agreement]


def test_what_was_announced_before_the_last_talks_is_expected_no_more(database: Database) -> None:
    soon, parties = TODAY + 2 * DAY, ("ES", "SN")
    early = announced(1, soon, parties=parties, event_date=TODAY - 60 * DAY)
    talks = card(parties=parties, status=Status.NEGOTIATING, event_date=TODAY)
    put(database, NOW, early, judged(2, card=talks))
    with database.read() as s:
        (agreement,) = agreements(s, Filter())
        assert [step.expected_on for step in agreement.history] == [soon, None]
        assert agreements(s, Filter(by=DaysOf.EXPECTED)) == []


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
        filing.put(s, news)


def order(database: Database, *, longest_first: bool, size: int) -> list[str]:
    """All that waits, read in pages of this size."""
    found: list[str] = []
    after: str | None = None
    with database.read() as s:
        while True:
            page = waiting(s, EVERYTHING, size, after, longest_first=longest_first)
            found += ["-".join(agreement.parties) for agreement in page]
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


def test_a_report_of_another_step_does_not_match_for_the_step_that_is_wanted(
    database: Database,
) -> None:
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 9, 1))
    with database.begin() as s:
        collected(s, (), reported(1), reported(2, language="fr", card=ratified))
        found = [
            len(agreements(s, Filter(steps=(step,), languages=("fr",))))
            for step in (Status.SIGNED, Status.RATIFIED)
        ]
    assert found == [0, 1]
