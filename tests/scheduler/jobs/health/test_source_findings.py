"""A source's own last weeks decide what silence, an empty list and old dates mean."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.configuration.sections import MonitorSettings
from scheduler.jobs.health.source_findings import source_findings
from storage.database.session import Database
from storage.source import Source, SourceKind
from storage.sources.ledger import Tally, write
from storage.sources.states import record_poll
from storage.sources.tables import Poll

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SOURCE = Source("fleuve", SourceKind.FEED, "https://fleuve.example/rss")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def look(
    database: Database,
    at: datetime,
    *,
    offered: int = 20,
    new: int = 1,
    ok: bool = True,
    newest: datetime | None = None,
) -> None:
    error = None if ok else "timeout: no answer"
    newest_on = newest.date() if newest else None
    tally = Tally(1, int(not ok), offered=offered, new=new, newest_on=newest_on)
    with database.begin() as s:
        record_poll(s, SOURCE.id, Poll(at, ok, offered, new), error)
        write(s, at, [(SOURCE.id, tally)])


def news_at(database: Database, hours: Iterable[int], days: Iterable[int]) -> datetime:
    """Looks that bring something at these hours of these days; returns the last one."""
    for day in days:
        for hour in hours:
            last = MONDAY + day * DAY + hour * HOUR
            look(database, last, newest=last)
    return last


def found(database: Database, now: datetime, **settings: float) -> list[str]:
    chosen = MonitorSettings(**settings)  # type: ignore[arg-type]
    with database.read() as s:
        names = [finding.name for finding in source_findings(s, [SOURCE], now, chosen)]
    return [name.rpartition(":")[2] for name in names]


def weekdays(weeks: int) -> list[int]:
    return [day for day in range(7 * weeks) if day % 7 < 5]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestSilence:
    def test_a_newsroom_is_missed_after_three_days(self, database: Database) -> None:
        last = news_at(database, range(0, 24, 6), range(14))
        assert found(database, last + 2 * DAY) == []
        assert found(database, last + 4 * DAY) == ["silent"]

    def test_a_newsroom_that_rests_at_weekends_is_not_missed_on_monday(
        self, database: Database
    ) -> None:
        news_at(database, (8, 14, 20), weekdays(3))
        assert found(database, MONDAY + 21 * DAY + 7 * HOUR) == []
        assert found(database, MONDAY + 23 * DAY) == ["silent"]

    def test_a_ministry_that_publishes_once_a_week_is_missed_after_three_weeks(
        self, database: Database
    ) -> None:
        last = news_at(database, (9, 15), range(0, 42, 7))
        assert found(database, last + 20 * DAY) == []
        assert found(database, last + 22 * DAY) == ["silent"]

    def test_how_patient_we_are_stands_in_the_configuration(self, database: Database) -> None:
        last = news_at(database, range(0, 24, 6), range(14))
        assert found(database, last + 4 * DAY, silent_gaps=5) == []
        assert found(database, last + 6 * DAY, silent_gaps=5) == ["silent"]

    def test_nothing_is_usual_before_ten_arrivals(self, database: Database) -> None:
        last = news_at(database, (9,), range(10))
        assert found(database, last + 30 * DAY) == []


def test_a_list_that_is_empty_at_three_looks_is_named(database: Database) -> None:
    last = news_at(database, (9,), range(12))
    for hours in (6, 12):
        look(database, last + hours * HOUR, offered=0, new=0)
    assert found(database, last + 13 * HOUR) == []
    look(database, last + 18 * HOUR, offered=0, new=0)
    assert found(database, last + 19 * HOUR) == ["empty"]


def test_a_list_that_is_often_empty_is_not(database: Database) -> None:
    for day in range(40):
        look(database, MONDAY + day * DAY, offered=int(day % 3 == 0), new=0)
    assert found(database, MONDAY + 40 * DAY) == []


def test_a_feed_whose_dates_stopped_is_named(database: Database) -> None:
    last = news_at(database, (9,), range(12))
    for day in range(1, 18):
        look(database, last + day * DAY, newest=last)
    assert found(database, last + 13 * DAY) == []
    assert found(database, last + 18 * DAY) == ["old"]
    assert found(database, last + 18 * DAY, stale_days=30) == []


def test_an_archive_that_never_was_up_to_date_is_not(database: Database) -> None:
    for day in range(20):
        look(database, MONDAY + day * DAY, newest=MONDAY - 900 * DAY)
    assert found(database, MONDAY + 20 * DAY) == []


def test_so_many_failures_as_configured_are_named(database: Database) -> None:
    for hours in range(4):
        look(database, MONDAY + hours * HOUR, ok=False, offered=0, new=0)
    assert found(database, MONDAY + DAY) == ["fails"]
    assert found(database, MONDAY + DAY, failing_polls=5) == []
