"""Runs and their reports."""

from __future__ import annotations

from datetime import timedelta

from storage.database.session import Database
from storage.sources.states import finish_run, last_runs, start_run
from tests.storage.given import NOW

HOUR = timedelta(hours=1)


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
