"""When sources are due, and how their polls went."""

from __future__ import annotations

from datetime import timedelta

from storage.database.session import Database, Session
from storage.sources.states import (
    SourceState,
    last_polls,
    plan_poll,
    record_poll,
    source_state,
    source_states,
)
from tests.storage.given import NOW

HOUR = timedelta(hours=1)


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
