"""What was asked of each source, what it offered, and what became of it; runs, validators."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from storage.database.session import Database, Session
from storage.sources.ledger import (
    DAYS_IN_QUARTERS,
    MOST_DAYS,
    Tally,
    by_day,
    fold_and_forget,
    moment_of,
    tallies,
    total,
    write,
)
from storage.sources.manners import Validators, save_validators, validators
from storage.sources.states import finish_run, last_runs, start_run
from storage.sources.tables import SourceDays
from tests.storage.given import NOW

DAY, QUARTER = timedelta(days=1), timedelta(hours=6)
TODAY = NOW.date()


def test_entries_of_one_quarter_are_added_up(database: Database) -> None:
    first = Tally(polls=1, new=3, newest_on=date(2026, 3, 11), outcomes={"stored": 2})
    second = Tally(new=1, outcomes={"stored": 1, "robots": 1})
    third = Tally(polls=1, newest_on=date(2026, 3, 9))
    with database.begin() as s:
        write(s, NOW, [("fleuve", first), ("fleuve", second)])
        write(s, NOW, [("fleuve", third), ("other", Tally())])
        found = tallies(s, TODAY)
    expected = Tally(
        polls=2, new=4, newest_on=date(2026, 3, 11), outcomes={"stored": 3, "robots": 1}
    )
    assert found == {"fleuve": {moment_of(NOW): expected}, "other": {moment_of(NOW): Tally()}}


def test_texts_that_are_cut_are_added_up(s: Session) -> None:
    for number in range(2):
        write(s, NOW + number * QUARTER, [("s", Tally(flaws={"cut": 2}))])
    assert total(tallies(s, TODAY)["s"].values()).cut == 4


def test_of_what_was_left_for_later_the_most_of_a_day_is_kept(s: Session) -> None:
    for number, left in enumerate((300, 100, 0)):
        write(s, NOW + number * QUARTER, [("s", Tally(left={"later": left}))])
        write(s, NOW + number * QUARTER, [("s", Tally(left={"later": left // 2}))])
    assert by_day(tallies(s, TODAY)["s"])[TODAY].left == {"later": 300}


def test_quarters_of_old_days_become_one_and_older_days_go(database: Database) -> None:
    with database.begin() as s:
        for days in (0, DAYS_IN_QUARTERS + 1, MOST_DAYS + 1):
            for quarter in range(3):
                at = NOW.replace(hour=1) - days * DAY + quarter * QUARTER
                tally = Tally(new=2, newest_on=at.date(), outcomes={"stored": 2})
                write(s, at, [("s", tally)])
        fold_and_forget(s, TODAY)
        kept = tallies(s, date.min)["s"]
    old = TODAY - (DAYS_IN_QUARTERS + 1) * DAY
    assert sorted(kept) == [(old, 0), (TODAY, 0), (TODAY, 1), (TODAY, 2)]
    assert kept[old, 0] == Tally(new=6, newest_on=old, outcomes={"stored": 6})
    assert total(kept.values()).new == 12


def test_a_source_has_one_row_for_a_quarter_of_a_day(database: Database) -> None:
    def rows(s: Session) -> int | None:
        return s.scalar(select(func.count()).select_from(SourceDays))

    with database.begin() as s:
        for minutes in range(0, 24 * 60, 10):
            write(s, NOW.replace(hour=0, minute=0) + timedelta(minutes=minutes), [("s", Tally())])
        assert rows(s) == 4


HOUR = timedelta(hours=1)


def test_a_killed_run_shows_as_unfinished(s: Session) -> None:
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


def test_validators_are_kept_by_address(s: Session) -> None:
    long = "https://news.example/" + "x" * 5_000
    assert validators(s, long) == Validators()
    save_validators(s, long, Validators('"a"', None, "hash", saved_at=NOW))
    save_validators(
        s, long, Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", saved_at=NOW)
    )
    kept = Validators('"b"', "Tue, 10 Mar 2026 10:00:00 GMT", "hash", saved_at=NOW)
    assert validators(s, long) == kept
    save_validators(s, long, Validators('"b"', None, "other", saved_at=NOW, distrusted_at=NOW))
    save_validators(s, long, Validators('"b"', None, "hash", saved_at=NOW))
    assert validators(s, long).distrusted_at == NOW
