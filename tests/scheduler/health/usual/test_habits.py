"""A source's own habit decides what silence means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.health.usual.habits import emptied, silent_since
from storage.sources.polls import Poll

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday


def polls(days: int, *, every_h: int, arrives: set[int], weekend: bool = True) -> list[Poll]:
    """Hourly polls, newest first; something new whenever the hour of the day is in `arrives`."""
    made = []
    for hour in range(0, days * 24, every_h):
        at = START + timedelta(hours=hour)
        new = int(at.hour in arrives and (weekend or at.weekday() < 5))
        made.append(Poll(at, True, 20, new, None))
    return made[::-1]


def quiet(history: list[Poll], length: timedelta) -> datetime | None:
    return silent_since(history, history[0].at + length)


def test_a_source_that_publishes_every_hour_is_missed_after_a_day_and_a_bit() -> None:
    history = polls(20, every_h=1, arrives=set(range(24)))
    assert quiet(history, timedelta(hours=20)) is None
    assert quiet(history, timedelta(hours=30)) == history[0].at


def test_a_ministry_that_rests_at_weekends_is_not_missed_on_monday_morning() -> None:
    history = polls(19, every_h=1, arrives={9}, weekend=False)  # ends on a Friday night
    friday = next(poll.at for poll in history if poll.new)
    assert silent_since(history, friday + timedelta(days=3)) is None
    assert silent_since(history, friday + timedelta(days=14)) == friday


def test_a_busy_newsroom_that_rests_at_weekends_is_not_missed_on_sunday() -> None:
    history = polls(19, every_h=1, arrives=set(range(8, 18)), weekend=False)
    friday = next(poll.at for poll in history if poll.new)
    assert silent_since(history, friday + timedelta(days=2)) is None
    assert silent_since(history, friday + timedelta(days=6)) == friday


def test_a_source_without_a_history_has_no_habit() -> None:
    assert quiet(polls(5, every_h=1, arrives={9}), timedelta(days=60)) is None


def test_polls_that_failed_say_nothing_of_the_habit() -> None:
    history = polls(20, every_h=1, arrives=set(range(24)))
    down = [
        Poll(history[0].at + timedelta(hours=hour), False, 0, 0, "http_500: down")
        for hour in range(1, 10)
    ]
    assert silent_since([*down[::-1], *history], down[-1].at) is None


def test_a_feed_that_answers_with_an_empty_page_is_noticed() -> None:
    full = polls(3, every_h=1, arrives={9})
    empty = [Poll(full[0].at + timedelta(hours=hour), True, 0, 0, None) for hour in (3, 2, 1)]
    assert emptied([*empty, *full])
    assert not emptied([*empty[:2], *full])
    assert not emptied(empty * 10)
