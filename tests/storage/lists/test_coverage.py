"""What came from each source, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from storage.database.session import Database
from storage.lists.coverage import stored_since, volumes
from storage.records import Judged
from storage.register.entry import Pin, PinKind
from storage.sources.ledger import Tally, write
from storage.sources.states import MOST_POLLS, record_poll
from storage.sources.tables import Poll
from tests.storage.filing import put
from tests.storage.given import NOW, add_pin, judged

DAY = timedelta(days=1)
TODAY = NOW.date()


def store(database: Database, now: datetime, *documents: Judged) -> None:
    with database.begin() as s:
        put(s, documents, now=now)


def looked(database: Database, source_id: str, at: datetime, **sums: int) -> None:
    outcomes = {"stored": sums.pop("stored", 0), "changed": 1}
    fields: dict[str, Any] = {**sums, "outcomes": outcomes}
    with database.begin() as s:
        write(s, at, [(source_id, Tally(**fields))])


def test_looks_and_documents_are_counted_by_source_and_day(database: Database) -> None:
    looked(database, "f2", NOW, stored=1)
    looked(database, "fleuve", NOW - DAY, stored=1, matched=1)
    for failed in (1, 0):
        looked(database, "fleuve", NOW, polls=1, polls_failed=failed, new=1, stored=2, matched=1)
    looked(database, "fleuve", NOW - 9 * DAY, polls=1)
    with database.read() as s:
        tallies = volumes(s, NOW - 7 * DAY)
    assert (list(tallies["f2"]), tallies["f2"][TODAY].stored) == ([TODAY], 2)
    assert (tallies["fleuve"][TODAY - DAY].stored, tallies["fleuve"][TODAY - DAY].matched) == (2, 1)
    today = tallies["fleuve"][TODAY]
    assert (today.polls, today.polls_failed, today.new, today.stored, today.matched) == (
        2,
        1,
        2,
        6,
        2,
    )
    assert list(tallies["fleuve"]) == [TODAY - DAY, TODAY]


def test_a_source_that_is_polled_often_loses_no_look(database: Database) -> None:
    """The polls that are kept for the plan are only the last ones."""
    with database.begin() as s:
        for _ in range(MOST_POLLS + 5):
            record_poll(s, "fleuve", Poll(NOW, True, 0, 0))
            write(s, NOW, [("fleuve", Tally(polls=1))])
    with database.read() as s:
        assert volumes(s, NOW - DAY) == {"fleuve": {TODAY: Tally(polls=MOST_POLLS + 5)}}


def test_what_was_imported_is_counted_by_the_day_in_utc(database: Database) -> None:
    night = datetime.fromisoformat("2026-03-12T00:30:00+02:00")
    store(database, NOW - 9 * DAY, judged(1))
    store(database, night, judged(2), judged(3))
    with database.begin() as s:
        add_pin(s, Pin(PinKind.IRRELEVANT, 2, who="amina", why="a test"))
    with database.read() as s:
        imported = Tally(matched=1, outcomes={"stored": 2})
        assert volumes(s, NOW - 7 * DAY) == {"": {date(2026, 3, 11): imported}}


def test_rows_of_lists_are_no_documents_that_came_in(database: Database) -> None:
    store(database, NOW, judged(1), judged(2, source_id="list:known"))
    with database.read() as s:
        assert stored_since(s, NOW - DAY) == (1, NOW)
