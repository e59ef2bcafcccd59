"""History as a question: which status an agreement has had, and what was known of it on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from storage.counting import By, Counted, Counting, Mark
from storage.database.session import Database
from storage.documents.official import note_official
from storage.filter import Changes, Clock, DaysOf, Filter, Order
from storage.lists.queries import agreement_pages, agreements, count_agreements, search
from storage.records import Judged, Status, Topic
from storage.register.tables import Agreements
from storage.search.pivot import pivot
from storage.source import Source, SourceKind
from tests.storage import filing
from tests.storage.given import NOW, card, judged

DAY = timedelta(days=1)
TODAY = NOW.date()
SIGNED = card(parties=("IT", "TN"), status=Status.SIGNED, event_date=date(2022, 5, 31))
FORCE = card(parties=("IT", "TN"), status=Status.IN_FORCE, event_date=date(2024, 1, 7))


def put(database: Database, now: object, *ones: Judged) -> None:
    with database.begin() as s:
        filing.put(s, ones, now=now)  # type: ignore[arg-type]


@pytest.fixture
def register(database: Database) -> Database:
    """A1 was signed in 2022, which was learnt ten days ago, and is in force since 2024, which was
    learnt today. A2 was signed in 2026, learnt yesterday.
    """
    put(database, NOW - 10 * DAY, judged(1, card=SIGNED))
    put(database, NOW - DAY, judged(2))
    put(database, NOW, judged(3, card=FORCE))
    return database


def found(database: Database, **asked: object) -> set[str]:
    with database.read() as s:
        wanted = Filter.model_validate(asked)
        listed = {agreement.id for agreement in agreements(s, wanted)}
        assert count_agreements(s, wanted) == len(listed)
        return listed


IN_2022 = {"since": date(2022, 1, 1), "until": date(2022, 12, 31)}


def test_a_status_that_it_has_had_is_found_whatever_it_is_today(register: Database) -> None:
    assert found(register, statuses=("signed",)) == {"A2"}
    assert found(register, steps=("signed",)) == {"A1", "A2"}
    assert found(register, steps=("signed",), **IN_2022) == {"A1"}
    assert found(register, steps=("in_force",), **IN_2022) == set()
    assert found(register, steps=("in_force", "signed"), since=date(2023, 1, 1)) == {"A1", "A2"}
    assert found(register, steps=("ratified",)) == set()


def test_the_step_joins_with_words_of_its_report_and_with_the_day_of_learning(
    register: Database,
) -> None:
    assert found(register, steps=("signed",), query="number", **IN_2022) == {"A1"}
    assert found(register, steps=("signed",), query="unheard") == set()
    learnt = {"by": DaysOf.LEARNT, "since": TODAY}
    assert found(register, steps=("in_force",), **learnt) == {"A1"}
    assert found(register, steps=("signed",), **learnt) == set()


def test_the_years_of_a_step_are_counted_alone(register: Database) -> None:
    with register.read() as s:
        by_year = pivot(s, Filter(steps=(Status.SIGNED,)), Counting(By.YEAR))
        assert [by_year.at(year).number for year in by_year.rows] == [1, 1]
        assert by_year.rows == ["2022", "2026"]
        assert pivot(s, Filter(as_of=TODAY - 2 * DAY), Counting(By.YEAR)).rows == ["2022"]


def test_documents_tell_the_step_and_had_come_in(register: Database) -> None:
    with register.read() as s:
        assert {row.id for row in search(s, Filter(steps=(Status.SIGNED,)))} == {1, 2}
        assert {row.id for row in search(s, Filter(as_of=TODAY - DAY))} == {1, 2}


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (TODAY - 11 * DAY, {}),
        (TODAY - 10 * DAY, {"A1": "signed"}),
        (TODAY - DAY, {"A1": "signed", "A2": "signed"}),
        (TODAY, {"A1": "in_force", "A2": "signed"}),
        (date.max, {"A1": "in_force", "A2": "signed"}),
    ],
)
def test_entries_are_shown_as_they_were_known_on_a_day(
    register: Database, day: date, known: dict[str, str]
) -> None:
    with register.read() as s:
        listed = agreements(s, Filter(as_of=day))
        assert {agreement.id: agreement.status for agreement in listed} == known
        assert [
            agreement for page in agreement_pages(s, Filter(as_of=day)) for agreement in page
        ] == sorted(listed, key=lambda agreement: agreement.id)


def test_what_was_known_has_the_steps_days_and_reports_of_then(register: Database) -> None:
    with register.read() as s:
        (agreement,) = agreements(s, Filter(as_of=TODAY - 2 * DAY))
    assert [step.status for step in agreement.history] == ["signed"]
    assert (agreement.event_date, agreement.report_ids) == (date(2022, 5, 31), (1,))


@pytest.mark.parametrize(
    ("clock", "day", "statuses"),
    [
        (Clock.PUBLISHED, date(2022, 6, 2), {}),
        (Clock.PUBLISHED, date(2022, 6, 3), {"A1": "signed"}),
        (Clock.PUBLISHED, date(2024, 2, 1), {"A1": "in_force"}),
        (Clock.STOOD, date(2022, 5, 30), {}),
        (Clock.STOOD, date(2022, 5, 31), {"A1": "signed"}),
        (Clock.STOOD, date(2024, 1, 7), {"A1": "in_force"}),
        (None, date(2024, 2, 1), {}),
    ],
)
def test_an_import_of_old_texts_answers_what_was_published_and_what_stood(
    database: Database, clock: Clock | None, day: date, statuses: dict[str, str]
) -> None:
    put(database, NOW, judged(1, card=SIGNED, published_on=date(2022, 6, 3)))
    put(database, NOW, judged(3, card=FORCE, published_on=date(2024, 1, 20)))
    then = Filter(as_of=day, clock=clock)
    with database.read() as s:
        listed = agreements(s, then)
        assert {agreement.id: agreement.status for agreement in listed} == statuses
        assert count_agreements(s, then) == len(listed)
        assert len(list(search(s, then))) == sum(len(agreement.report_ids) for agreement in listed)
        assert pivot(s, then, Counting(By.STATUS)).rows == sorted(statuses.values())


def test_what_had_ended_by_a_day_is_in_force_no_more(database: Database) -> None:
    ended = card(parties=("IT", "TN"), status=Status.TERMINATED, event_date=date(2025, 2, 1))
    put(database, NOW, judged(1, card=SIGNED), judged(2, card=FORCE), judged(3, card=ended))
    stood = {"clock": Clock.STOOD, "statuses": ("in_force",)}
    assert found(database, as_of=date(2025, 1, 31), **stood) == {"A1"}
    assert found(database, as_of=date(2025, 2, 1), **stood) == set()
    assert found(database, as_of=date(2024, 1, 6), **stood) == set()


@pytest.mark.parametrize(
    ("in_force", "ended", "changes"),
    [
        (date(2024, 2, 1), date(2025, 1, 31), {Changes.TWICE}),
        (date(2024, 2, 1), date(2025, 2, 1), set()),
        (date(2023, 2, 1), date(2024, 2, 1), {Changes.TWICE}),
    ],
)
def test_what_changed_its_status_twice_within_a_year_is_found(
    database: Database, in_force: date, ended: date, changes: set[Changes]
) -> None:
    of = {"parties": ("IT", "TN")}
    force = card(**of, status=Status.IN_FORCE, event_date=in_force)
    end = card(**of, status=Status.TERMINATED, event_date=ended)
    put(database, NOW, judged(1, card=SIGNED), judged(2, card=force), judged(3, card=end))
    for often in Changes:
        assert found(database, changes=often) == ({"A1"} if often in changes else set()), often
    assert found(database, changes="2", as_of=TODAY - DAY) == set()


@pytest.mark.parametrize(
    ("last", "is_found"), [(Status.TERMINATED, True), (Status.IN_FORCE, False)]
)
def test_a_status_that_another_state_repeats_is_no_change(
    database: Database, last: Status, is_found: bool
) -> None:
    days = ((Status.SIGNED, date(2024, 1, 5)), (Status.IN_FORCE, date(2024, 4, 5)))
    steps = (*days, (Status.IN_FORCE, date(2024, 8, 5)), (last, date(2024, 12, 5)))
    cards = [card(parties=("IT", "TN"), status=status, event_date=day) for status, day in steps]
    put(database, NOW, *(judged(at, card=each) for at, each in enumerate(cards, 1)))
    assert found(database, changes="2") == ({"A1"} if is_found else set())


def test_a_step_that_the_status_does_not_take_into_account_is_no_change(
    register: Database,
) -> None:
    ended = card(parties=("IT", "TN"), status=Status.TERMINATED, event_date=date(2024, 6, 1))
    put(register, NOW, judged(4, card=ended))
    assert found(register, changes="2") == {"A1"}
    with register.begin() as s:  # as `last_sure` does with what one outlet reports in doubt
        s.execute(update(Agreements).values(status=FORCE.status, event_date=FORCE.event_date))
    assert found(register, changes="2") == set()
    assert found(register, changes="2", as_of=TODAY, clock=Clock.STOOD) == {"A1"}


def test_a_status_is_that_of_then(register: Database) -> None:
    then = TODAY - DAY
    assert found(register, statuses=("in_force",), as_of=then) == set()
    assert found(register, statuses=("signed",), as_of=then) == {"A1", "A2"}
    assert found(register, statuses=("signed",), as_of=TODAY) == {"A2"}
    assert found(register, steps=("in_force",), as_of=then) == set()


@pytest.mark.parametrize(
    "order",
    [
        Order("parties", ranks=("IT", "MA", "NE", "TN")),
        Order("status", ranks=tuple(Status)),
        Order("topics", ranks=tuple(Topic)),
        *map(Order, ("reported", "event_date", "first_reported_at", "reports", "steps")),
        *map(Order, ("place", "title", "id")),
    ],
    ids=lambda order: order.column,
)
def test_each_order_goes_on_behind_the_last_one_in_either_direction(
    register: Database, order: Order
) -> None:
    with register.read() as s:
        for one in (order, order._replace(is_reversed=True)):
            whole = [each.id for each in agreements(s, Filter(), order=one)]
            (first,) = agreements(s, Filter(), 1, order=one)
            rest = agreements(s, Filter(), after=first.id, order=one)
            assert [first.id, *(each.id for each in rest)] == whole
            assert sorted(whole) == ["A1", "A2"]
        assert agreements(s, Filter(), after="A99", order=order) == []


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        (Status.SIGNED, Status.IN_FORCE, 586),
        (Status.SIGNED, Mark.REPORT, 3),
        (Status.SIGNED, Mark.OFFICIAL, 10),
        (Status.IN_FORCE, Status.SIGNED, None),
        (Status.RATIFIED, Mark.REPORT, None),
        (Status.SIGNED, Mark.TEXT, None),
    ],
)
def test_days_pass_between_any_two_stages_and_reports(
    database: Database, begin: Status, end: Status | Mark, days: int | None
) -> None:
    ministry = Source(
        "ministry", SourceKind.FEED, "https://www.interior.example/rss", official=True
    )
    at = "https://interior.example/2"
    put(
        database,
        NOW,
        judged(1, card=SIGNED, published_on=date(2022, 6, 3)),
        judged(2, card=SIGNED, published_on=date(2022, 6, 10), url=at, outlet="interior.example"),
        judged(3, card=FORCE, published_on=date(2024, 1, 20)),
    )
    with database.begin() as s:
        note_official(s, [ministry])
    counting = Counting(counted=Counted.DURATIONS, begin=begin, end=end)
    with database.read() as s:
        figure = pivot(s, Filter(), counting).at(None)
        assert (figure.median, figure.number) == (days, 0 if days is None else 1)
        before = Filter(as_of=date(2022, 6, 9), clock=Clock.PUBLISHED)
        is_told = days is not None and days < 10
        assert pivot(s, before, counting).at(None).number == int(is_told)
