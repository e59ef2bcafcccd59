"""When sources are due, and how their polls went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from storage.database.session import Database, Session, open_database
from storage.documents.tables import Documents
from storage.notifications import deliveries, digests
from storage.notifications.notifier import STEP_NEWS, notified_among
from storage.records import Candidate, NewsKind
from storage.sources import states as polls
from storage.sources.frontier import done, give_up, offer
from storage.sources.manners import Validators, save_validators, validators
from storage.sources.states import (
    LEAST_RUNS,
    forget_history,
    last_polls,
    last_runs,
    plan_poll,
    record_poll,
    save_check,
    source_checks,
    source_state,
    source_states,
    start_run,
)
from storage.sources.tables import Frontier, Poll, SourceCheck, SourceState
from storage.subscription import Subscription
from tests.storage.counting import sqlite_plans
from tests.storage.filing import put
from tests.storage.given import NOW, judged
from tests.storage.leased import claim

HOUR = timedelta(hours=1)


def poll(s: Session, *, ok: bool, hours: int = 0, error: str | None = None) -> None:
    now = NOW + hours * HOUR
    record_poll(s, "news", Poll(now, ok, 20, 3 if ok else 0), error)


def test_a_plan_holds_until_the_next_poll(s: Session) -> None:
    plan_poll(s, "news", NOW, "every 1h")
    assert source_state(s, "news") == SourceState("news", NOW, "every 1h")
    plan_poll(s, "news", NOW + HOUR, "every 2h")
    assert source_state(s, "news") == SourceState("news", NOW + HOUR, "every 2h")
    poll(s, ok=True)
    assert (source_state(s, "news").due_at, source_state(s, "news").last_new) == (None, 3)
    plan_poll(s, "news", NOW + 2 * HOUR, "every 2h")
    assert (source_state(s, "news").due_at, source_state(s, "news").last_new) == (
        NOW + 2 * HOUR,
        3,
    )


def test_what_a_server_asked_for_is_forgotten_with_the_next_poll(s: Session) -> None:
    record_poll(s, "news", Poll(NOW, False, 0, 0), "paused", not_before_at=NOW + HOUR)
    assert source_state(s, "news").not_before_at == NOW + HOUR
    poll(s, ok=True)
    assert source_state(s, "news").not_before_at is None


def test_failures_are_counted_until_a_success(s: Session) -> None:
    assert source_state(s, "news") == SourceState("news")
    poll(s, ok=True)
    poll(s, ok=False, hours=1, error="HTTP 503")
    poll(s, ok=False, hours=2, error="HTTP 503")
    state = source_state(s, "news")
    assert (state.failures, state.last_error, state.last_success_at) == (2, "HTTP 503", NOW)
    assert state.last_poll_at == NOW + 2 * HOUR
    poll(s, ok=True, hours=3)
    assert (source_state(s, "news").failures, source_state(s, "news").last_error) == (0, None)
    assert list(source_states(s)) == ["news"]


def test_a_first_poll_that_fails_counts_one(s: Session) -> None:
    poll(s, ok=False, error="no answer")
    assert (source_state(s, "news").failures, source_state(s, "news").last_success_at) == (
        1,
        None,
    )


def test_polls_are_a_history(s: Session) -> None:
    for hours in range(3):
        poll(s, ok=hours != 1, hours=hours)
    assert [(polled.at - NOW, polled.ok) for polled in last_polls(s, "news", 2)] == [
        (2 * HOUR, True),
        (HOUR, False),
    ]


CHECK = SourceCheck(
    source_id="news",
    url="https://a.example/feed",
    checked_at=NOW,
    alive=True,
    items=12,
    newest_on=NOW.date(),
    language="fr",
    problem="none of them has a day",
)


def test_the_last_check_of_each_source_is_kept(s: Session) -> None:
    later = replace(CHECK, checked_at=NOW + timedelta(days=1), alive=False, newest_on=None)
    other = SourceCheck("other", "https://b.example/", NOW, False, problem="dns: no such name")
    assert source_checks(s) == {}
    for check in (CHECK, other, later):
        save_check(s, check)
    assert source_checks(s) == {"news": later, "other": other}


DAY = timedelta(days=1)
READER = Subscription("reader", channels=("file",), news=tuple(NewsKind))
ADDRESSES = [Candidate(f"https://news.example/{number}") for number in range(4)]


def addresses(s: Session) -> list[str]:
    return sorted(s.scalars(select(Frontier.url)))


def test_settled_addresses_go_once_nobody_offers_them_any_more(database: Database) -> None:
    with database.begin() as s:
        offer(s, "news", ADDRESSES, NOW)
        first, second, third, _ = claim(s, 4, NOW, 60)
        done(s, first.id, "stored")
        give_up(s, second.id, "http_404")
        done(s, third.id, "stored")
    for day in range(0, 200, 5):  # the third goes on to be offered
        with database.begin() as s:
            assert offer(s, "news", ADDRESSES[2:3], NOW + day * DAY) == 0
    with database.begin() as s:
        assert forget_history(s, NOW - DAY) == 0
        assert forget_history(s, NOW + 20 * DAY) == 2
        assert addresses(s) == [ADDRESSES[2].url, ADDRESSES[3].url]
        assert forget_history(s, NOW + 180 * DAY) == 0
        assert offer(s, "news", ADDRESSES, NOW + 200 * DAY) == 2


def test_an_address_that_is_offered_again_and_again_is_written_once_in_ten_days(
    database: Database,
) -> None:
    with database.begin() as s:
        offer(s, "news", ADDRESSES, NOW)
    with database.begin() as s:
        offer(s, "news", ADDRESSES, NOW + 9 * DAY)
        assert set(s.scalars(select(Frontier.last_offered_at))) == {NOW}
        offer(s, "news", ADDRESSES, NOW + 11 * DAY)
        assert set(s.scalars(select(Frontier.last_offered_at))) == {NOW + 11 * DAY}


def test_validators_go_when_they_are_old(s: Session) -> None:
    save_validators(s, "https://a.example/", Validators('"a"', saved_at=NOW))
    save_validators(s, "https://b.example/", Validators('"b"', saved_at=NOW))
    save_validators(s, "https://b.example/", Validators('"c"', saved_at=NOW + DAY))
    assert forget_history(s, NOW + DAY) == 1
    assert validators(s, "https://a.example/").etag is None
    assert validators(s, "https://b.example/").etag == '"c"'


def test_runs_go_but_for_the_last_ones_and_their_documents_stay(s: Session) -> None:
    for number in range(LEAST_RUNS + 10):
        start_run(s, NOW + number * DAY)
        if number == 0:
            put(s, [judged(1)], max_age_days=30)
    assert forget_history(s, NOW + 5 * DAY) == 5
    assert forget_history(s, NOW + 1000 * DAY) == 5
    assert len(last_runs(s, 1000)) == LEAST_RUNS
    assert s.execute(select(func.count()).select_from(Documents)).scalar_one() == 1


def test_of_the_polls_of_a_source_the_last_ones_are_kept(
    s: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "MOST_POLLS", 5)
    for number in range(12):
        for source in ("news", "other") if number < 3 else ("news",):
            record_poll(s, source, Poll(NOW + number * DAY, True, number, 0))
    assert [poll.offered for poll in last_polls(s, "news", 100)] == [11, 10, 9, 8, 7]
    assert len(last_polls(s, "other", 100)) == 3


def test_what_was_told_is_kept_as_long_as_its_report(s: Session) -> None:
    put(s, [judged(1)], (READER,))
    assert digests.claim_digest(s, READER, NOW) is not None
    forget_history(s, NOW + 10_000 * DAY)
    assert notified_among(s, READER.id, STEP_NEWS, [1]) == {(1, "")}


def test_neither_forgetting_nor_the_watch_over_deliveries_reads_a_whole_table(
    sqlite_url: str,
) -> None:
    """One comes after every crawl, in the only writer, the other each minute."""
    database = open_database(sqlite_url)
    with sqlite_plans(database) as steps, database.begin() as s:
        forget_history(s, NOW)
        deliveries.not_arriving(s, NOW, 3)
        s.execute(
            text("UPDATE documents SET run_id = NULL WHERE run_id = 7")
        )  # as a run that goes does
    database.close()
    assert len(steps) > 6
    assert [
        step for step in steps if step.startswith("SCAN") and "COVERING INDEX" not in step
    ] == []
