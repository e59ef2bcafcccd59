"""The state of sources, runs, validators, the frontier, leases."""

from __future__ import annotations

from datetime import date, timedelta

from storage.database import leases
from storage.database.session import Database, Session
from storage.records import Candidate
from storage.sources import (
    FrontierRow,
    SourceState,
    Validators,
    claim,
    done,
    finish_run,
    give_up,
    in_flight,
    last_polls,
    last_runs,
    next_due_at,
    offer,
    plan_poll,
    record_poll,
    release,
    retry,
    save_validators,
    source_state,
    source_states,
    start_run,
    validators,
)
from tests.storage.given import NOW

HOUR = timedelta(hours=1)
ONE = Candidate("https://news.example/1", "Title", date(2026, 3, 1), "fr")
TWO = Candidate("https://news.example/2")


def poll(s: Session, *, ok: bool, hours: int = 0, error: str | None = None) -> None:
    now = NOW + hours * HOUR
    record_poll(s, "news", now=now, ok=ok, error=error, offered=20, new=3 if ok else 0)


def test_a_plan_holds_until_the_next_poll(database: Database) -> None:
    with database.begin() as s:
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


def test_what_a_server_asked_for_is_forgotten_with_the_next_poll(database: Database) -> None:
    with database.begin() as s:
        record_poll(
            s, "news", now=NOW, ok=False, error="paused", offered=0, new=0, not_before_at=NOW + HOUR
        )
        assert source_state(s, "news").not_before_at == NOW + HOUR
        poll(s, ok=True)
        assert source_state(s, "news").not_before_at is None


def test_failures_are_counted_until_a_success(database: Database) -> None:
    with database.begin() as s:
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


def test_a_first_poll_that_fails_counts_one(database: Database) -> None:
    with database.begin() as s:
        poll(s, ok=False, error="no answer")
        assert (source_state(s, "news").failures, source_state(s, "news").last_success_at) == (
            1,
            None,
        )


def test_polls_are_a_history(database: Database) -> None:
    with database.begin() as s:
        for hours in range(3):
            poll(s, ok=hours != 1, hours=hours)
        assert [(polled.at - NOW, polled.ok) for polled in last_polls(s, "news", 2)] == [
            (2 * HOUR, True),
            (HOUR, False),
        ]


def test_a_killed_run_shows_as_unfinished(database: Database) -> None:
    with database.begin() as s:
        killed = start_run(s, NOW)
        ended = start_run(s, NOW + HOUR)
        finish_run(s, ended, NOW + 2 * HOUR, {"stored": 3, "skipped": {"no_text": 1}})
        newest, oldest = last_runs(s, 5)
        assert (newest.id, newest.finished_at, newest.report["skipped"]) == (
            ended,
            NOW + 2 * HOUR,
            {"no_text": 1},
        )
        assert (oldest.id, oldest.finished_at) == (killed, None)


def test_validators_are_kept_by_address(database: Database) -> None:
    long = "https://news.example/" + "x" * 5_000
    with database.begin() as s:
        assert validators(s, long) == Validators()
        save_validators(s, long, '"a"', None, "hash", now=NOW)
        save_validators(s, long, '"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", now=NOW)
        assert validators(s, long) == Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash")


def test_an_address_is_offered_once(database: Database) -> None:
    with database.begin() as s:
        assert offer(s, "news", [ONE, TWO, ONE], NOW) == 2
        assert offer(s, "other", [TWO, Candidate("https://news.example/3")], NOW) == 1
        rows = claim(s, 10, NOW, 60)
        assert rows[0] == FrontierRow(rows[0].id, ONE.url, "news", ONE, 1)
        assert sorted((row.url[-1], row.source_id) for row in rows) == [
            ("1", "news"),
            ("2", "news"),
            ("3", "other"),
        ]


def test_a_leased_row_is_not_claimed_until_its_lease_ends(database: Database) -> None:
    with database.begin() as s:
        offer(s, "news", [ONE], NOW)
        assert len(claim(s, 10, NOW, 60)) == 1
        assert claim(s, 10, NOW + timedelta(seconds=59), 60) == []
        assert (in_flight(s), in_flight(s, NOW), in_flight(s, NOW + HOUR)) == (1, 1, 0)
        (again,) = claim(s, 10, NOW + timedelta(seconds=60), 60)
        assert again.attempts == 2


def test_a_settled_row_stays_seen(database: Database) -> None:
    with database.begin() as s:
        offer(s, "news", [ONE, TWO], NOW)
        first, second = claim(s, 10, NOW, 60)
        done(s, first.id, "stored")
        give_up(s, second.id, "robots")
        assert claim(s, 10, NOW + HOUR, 60) == []
        assert offer(s, "news", [ONE, TWO], NOW + HOUR) == 0
        assert (in_flight(s), next_due_at(s)) == (0, None)


def test_a_watched_page_is_offered_again(database: Database) -> None:
    with database.begin() as s:
        offer(s, "page", [ONE], NOW, again=True)
        assert claim(s, 10, NOW, 60)
        offer(s, "page", [ONE], NOW, again=True)
        assert claim(s, 10, NOW, 60) == []  # still in flight
        done(s, 1, "stored")
        assert offer(s, "page", [ONE], NOW + HOUR, again=True) == 0
        (row,) = claim(s, 10, NOW + HOUR, 60)
        assert row.attempts == 1


def test_a_row_waits_for_its_retry(database: Database) -> None:
    with database.begin() as s:
        offer(s, "news", [ONE], NOW)
        (row,) = claim(s, 10, NOW, 60)
        retry(s, row.id, NOW + HOUR, "HTTP 503")
        assert claim(s, 10, NOW + timedelta(minutes=59), 60) == []
        assert next_due_at(s) == NOW + HOUR
        assert len(claim(s, 10, NOW + HOUR, 60)) == 1


def test_sources_take_turns(database: Database) -> None:
    with database.begin() as s:
        offer(s, "big", [Candidate(f"https://big.example/{number}") for number in range(10)], NOW)
        offer(
            s, "small", [Candidate(f"https://small.example/{number}") for number in range(2)], NOW
        )
        assert [row.source_id for row in claim(s, 4, NOW, 60)] == ["big", "small", "big", "small"]
        assert [row.source_id for row in claim(s, 9, NOW, 60, ["small"])] == []


def test_leases_of_a_dead_run_are_released(database: Database) -> None:
    with database.begin() as s:
        offer(s, "news", [ONE, TWO], NOW)
        claim(s, 1, NOW, 3600)
        assert release(s, NOW + HOUR / 2) == 1
        assert len(claim(s, 10, NOW + HOUR / 2, 60)) == 2


def test_one_holder_at_a_time(database: Database) -> None:
    with database.begin() as s:
        assert leases.acquire(s, "daemon", "first", NOW, 60) is None
        assert leases.acquire(s, "daemon", "second", NOW, 60) == "first"
        assert leases.acquire(s, "daemon", "first", NOW + timedelta(seconds=50), 60) is None
        assert leases.acquire(s, "daemon", "second", NOW + timedelta(seconds=100), 60) == "first"
        assert leases.acquire(s, "daemon", "second", NOW + timedelta(seconds=111), 60) is None
        leases.release(s, "daemon", "first")  # no longer its own
        assert leases.acquire(s, "daemon", "first", NOW + timedelta(seconds=112), 60) == "second"
        leases.release(s, "daemon", "second")
        assert leases.acquire(s, "daemon", "first", NOW + timedelta(seconds=113), 60) is None
