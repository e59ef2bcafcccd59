"""When sources are due: after polls, failures, changed schedules, sleep, and a clock that was
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.schedule.sources_due import (
    GivenTurns,
    due_at,
    due_sources,
    due_turns,
    plan,
    polls_of,
    schedule_of,
    turns_later,
    turns_of,
    why_then,
)
from spiders.catalog.intervals import AUTO
from storage.database.session import Database, open_database
from storage.source import Source, SourceKind
from storage.sources.states import record_poll, source_state
from storage.sources.tables import Poll, SourceState

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
HOURLY = Source("s", SourceKind.FEED, "https://a.example/", jitter_s=0)
TWICE_A_WORKING_DAY = replace(HOURLY, cron="0 6,18 * * mon-fri")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


def poll(
    database: Database,
    at: datetime = NOW,
    error: str | None = None,
    until_at: datetime | None = None,
) -> None:
    with database.begin() as s:
        record_poll(s, "s", Poll(at, error is None, 9, 1), error, not_before_at=until_at)


def wait_h(
    source: Source, failures: int = 0, at: datetime = NOW, until_at: datetime | None = None
) -> float:
    state = SourceState("s", last_poll_at=at, failures=failures, not_before_at=until_at)
    return (due_at(source, state, at) - at) / HOUR


def test_a_source_is_due_one_interval_after_its_poll() -> None:
    assert wait_h(replace(HOURLY, every="2h")) == 2


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 2), (4, 8), (11, 1024), (12, 1440), (500, 1440)]
)
def test_a_failing_source_is_asked_after_a_minute_then_ever_less_often_down_to_once_a_day(
    failures: int, minutes: int
) -> None:
    assert wait_h(HOURLY, failures) * 60 == pytest.approx(minutes)


def test_a_weekly_source_that_goes_on_failing_is_not_asked_more_often_than_weekly() -> None:
    assert wait_h(replace(HOURLY, every="7d"), 99) == 7 * 24


def test_failures_before_a_short_recovery_count(database: Database) -> None:
    for minutes, error in enumerate(["down", "down", None, "down"]):
        poll(database, NOW + minutes * HOUR / 60, error)
    assert waits_min(database, NOW + 3 * HOUR / 60) == 4


def test_half_an_hour_of_success_forgives_all_failures(database: Database) -> None:
    for minutes, error in ((0, "down"), (1, "down"), (2, None), (20, None), (32, "down")):
        poll(database, NOW + minutes * HOUR / 60, error)
    assert waits_min(database, NOW + 32 * HOUR / 60) == 1


def test_a_source_that_answers_again_has_its_schedule_back(database: Database) -> None:
    poll(database, NOW, "down")
    poll(database, NOW + HOUR / 60)
    assert waits_min(database, NOW + HOUR / 60) == 60


def waits_min(database: Database, polled_at: datetime) -> float:
    (turn,) = plan(database, [HOURLY], polled_at)
    return (turn.due_at - polled_at) / timedelta(minutes=1)


def test_an_adaptive_source_waits_as_its_past_looks_have_it(database: Database) -> None:
    source = replace(HOURLY, every=AUTO)
    for hour in range(30):
        with database.begin() as s:
            record_poll(s, "s", Poll(NOW + hour * HOUR, True, 10, 2 * (hour > 0)))
    at = NOW + 29 * HOUR
    (turn,) = plan(database, [source], at)
    assert turn.due_at - at == 2.5 * HOUR  # half of ten, at two an hour
    with database.read() as s:
        state, polls = source_state(s, "s"), polls_of(s, source)
    assert why_then(source, state, polls) == "about 48 new a day, room for 10"


@pytest.mark.parametrize(
    ("source", "state", "why"),
    [
        (HOURLY, SourceState("s"), "never looked at"),
        (replace(HOURLY, enabled=False), SourceState("s"), "switched off"),
        (HOURLY, SourceState("s", last_poll_at=NOW), "as configured"),
        (
            HOURLY,
            SourceState("s", last_poll_at=NOW, failures=1, strikes=3),
            "failed 3x, waits longer each time",
        ),
        (
            HOURLY,
            SourceState("s", NOW, not_before_at=NOW, last_poll_at=NOW, failures=1),
            "its server asked to wait",
        ),
        (
            replace(HOURLY, every=AUTO),
            SourceState("s", last_poll_at=NOW),
            "new source",
        ),
    ],
)
def test_it_is_said_why_a_source_is_looked_at_when_it_is(
    source: Source, state: SourceState, why: str
) -> None:
    assert why_then(source, state, []) == why


def test_a_server_that_asks_for_more_time_gets_it() -> None:
    assert wait_h(HOURLY, 1, until_at=NOW + 5 * HOUR) == 5


@pytest.mark.parametrize(
    ("failures", "due"), [(1, "Wed 18:00"), (2, "Thu 06:00"), (3, "Thu 06:00"), (99, "Thu 06:00")]
)
def test_a_failing_source_with_a_cron_line_is_asked_less_often_but_only_at_its_turns(
    failures: int, due: str
) -> None:
    state = SourceState("s", last_poll_at=NOW - timedelta(hours=2, minutes=58), failures=failures)
    assert due_at(TWICE_A_WORKING_DAY, state, NOW).strftime("%a %H:%M") == due


def test_a_failing_source_does_not_lose_its_weekend() -> None:
    friday = datetime(2026, 3, 13, 18, 5, tzinfo=UTC)
    state = SourceState("s", last_poll_at=friday, failures=5)
    assert due_at(TWICE_A_WORKING_DAY, state, friday).strftime("%a %H:%M") == "Mon 06:00"


@pytest.mark.parametrize("cron", ["*/10 * * * *", "0 6,18 * * mon-fri", "30 2 * * *", "0 6 1 * *"])
@pytest.mark.parametrize("failures", range(13))
def test_a_failing_source_with_a_cron_line_is_never_asked_before_that_would(
    cron: str, failures: int
) -> None:
    source = replace(HOURLY, cron=cron)
    for hour in range(0, 170, 7):
        at = NOW + hour * HOUR
        assert wait_h(source, failures, at) >= wait_h(source, 0, at)


def test_a_new_source_is_due_at_once_and_one_with_a_cron_line_at_its_turn(
    database: Database,
) -> None:
    off, cron = replace(HOURLY, id="off"), replace(TWICE_A_WORKING_DAY, id="cron")
    assert due_sources(database, [HOURLY, cron], NOW) == (HOURLY,)
    assert due_sources(database, [off, cron], NOW + 8 * HOUR) == (off,)
    assert due_sources(database, [cron, off], NOW + 9 * HOUR) == (cron, off)


def test_a_turn_is_given_to_a_crawl_once(database: Database) -> None:
    turns = GivenTurns(due_turns(database, [HOURLY], NOW))
    other = replace(HOURLY, id="other")
    assert turns.fresh(due_turns(database, [HOURLY, other], NOW)) == [other]
    assert turns.fresh(due_turns(database, [HOURLY, other], NOW)) == []
    poll(database)
    assert turns.fresh(due_turns(database, [HOURLY, other], NOW + HOUR / 2)) == []
    assert turns.fresh(due_turns(database, [HOURLY, other], NOW + HOUR)) == [HOURLY]


def test_a_turn_is_planned_once_and_kept(database: Database) -> None:
    source = replace(HOURLY, jitter_s=1800)
    poll(database)
    (first,) = plan(database, [source], NOW)
    assert first.is_new
    assert NOW + HOUR <= first.due_at <= NOW + 1.5 * HOUR
    for _ in range(5):
        (again,) = plan(database, [source], NOW + HOUR / 2)
        assert (again.due_at, again.is_new) == (first.due_at, False)
    with database.read() as s:
        assert (source_state(s, "s").due_at, source_state(s, "s").schedule) == (
            first.due_at,
            schedule_of(source),
        )


@pytest.mark.parametrize(
    ("every", "gathering_s"), [("1d", 120), ("1h", 120), ("10m", 30), ("1m", 3)]
)
def test_a_due_source_waits_for_others_but_not_long(
    database: Database, every: str, gathering_s: int
) -> None:
    source = replace(HOURLY, every=every, jitter_s=None)
    poll(database)
    (turn,) = plan(database, [source], NOW)
    assert not turn.presses(turn.due_at + 0.9 * timedelta(seconds=gathering_s))
    assert turn.presses(turn.due_at + 1.1 * timedelta(seconds=gathering_s))


def test_a_new_source_and_one_without_jitter_do_not_wait_for_others(database: Database) -> None:
    assert all(turn.presses(NOW) for turn in plan(database, [replace(HOURLY, jitter_s=None)], NOW))
    poll(database)
    (turn,) = plan(database, [HOURLY], NOW)
    assert (turn.presses(turn.due_at - timedelta(seconds=1)), turn.presses(turn.due_at)) == (
        False,
        True,
    )


def test_who_only_looks_changes_nothing(database: Database) -> None:
    poll(database)
    with database.read() as s:
        (turn,) = turns_of(s, [HOURLY], NOW)
        assert turn.due_at == NOW + HOUR
        assert source_state(s, "s").due_at is None


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        (replace(HOURLY, every="30m"), NOW + HOUR / 2),
        (replace(HOURLY, every="3h"), NOW + 3 * HOUR),
        (TWICE_A_WORKING_DAY, NOW + 9 * HOUR),
        (replace(TWICE_A_WORKING_DAY, timezone="Africa/Casablanca"), NOW + 9 * HOUR),
        (replace(TWICE_A_WORKING_DAY, timezone="Asia/Dubai"), NOW + 5 * HOUR),
    ],
)
def test_a_changed_schedule_applies_at_the_next_look(
    database: Database, changed: Source, due: datetime
) -> None:
    poll(database)
    assert plan(database, [HOURLY], NOW)[0].due_at == NOW + HOUR
    (turn,) = plan(database, [changed], NOW)
    assert (turn.due_at, turn.is_new) == (due, True)
    assert plan(database, [HOURLY], NOW)[0].due_at == NOW + HOUR


def test_a_shortened_interval_whose_time_has_passed_is_due_at_once(database: Database) -> None:
    daily = replace(HOURLY, every="1d")
    poll(database)
    assert due_sources(database, [daily], NOW + 2 * HOUR) == ()
    assert due_sources(database, [HOURLY], NOW + 2 * HOUR) == (HOURLY,)


def test_thirty_hours_of_sleep_are_one_poll(database: Database) -> None:
    poll(database)
    assert plan(database, [HOURLY], NOW)[0].due_at == NOW + HOUR
    awake = NOW + 30 * HOUR
    assert due_sources(database, [HOURLY], awake) == (HOURLY,)
    poll(database, awake)
    assert due_sources(database, [HOURLY], awake) == ()
    assert plan(database, [HOURLY], awake)[0].due_at == awake + HOUR


@pytest.mark.parametrize("back", [2 * HOUR, 24 * HOUR, 9000 * HOUR])
def test_a_poll_recorded_by_a_clock_that_was_ahead_holds_up_nothing(
    database: Database, back: timedelta
) -> None:
    poll(database, error="paused: later", until_at=NOW + 12 * HOUR)
    plan(database, [HOURLY], NOW)
    assert due_sources(database, [HOURLY], NOW - back) == (HOURLY,)
    poll(database, NOW - back)
    assert plan(database, [HOURLY], NOW - back)[0].due_at == NOW - back + HOUR


def test_a_cron_line_comes_to_its_turn_after_the_clock_went_back(database: Database) -> None:
    poll(database)
    plan(database, [TWICE_A_WORKING_DAY], NOW)
    back = NOW - 24 * HOUR
    assert due_sources(database, [TWICE_A_WORKING_DAY], back) == ()
    assert due_sources(database, [TWICE_A_WORKING_DAY], back + 8 * HOUR) == ()
    assert due_sources(database, [TWICE_A_WORKING_DAY], back + 9 * HOUR) == (TWICE_A_WORKING_DAY,)


def test_three_turns_of_a_working_day_line_last_over_a_weekend() -> None:
    friday = datetime(2026, 3, 13, 18, 0, tzinfo=UTC)
    assert turns_later(TWICE_A_WORKING_DAY, friday, 3).strftime("%a %H:%M") == "Tue 06:00"


def test_a_schedule_is_a_line_for_people() -> None:
    assert schedule_of(replace(HOURLY, jitter_s=None)) == "every 1h"
    assert schedule_of(replace(HOURLY, every=AUTO)) == "auto, without jitter"
    assert schedule_of(replace(HOURLY, jitter_s=5400)) == "every 1h, up to 90m later"
    assert schedule_of(TWICE_A_WORKING_DAY) == "0 6,18 * * mon-fri (UTC), without jitter"
