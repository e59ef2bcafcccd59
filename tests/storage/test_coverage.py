"""What came from each source, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crawler.ingest.ingest import ingest
from storage.coverage import Volume, languages, volumes
from storage.database.session import Database
from storage.records import Judged
from storage.register.records import Pin, PinKind
from storage.sources.polls import record_poll
from tests.storage.given import NOW, add_pin, judged

DAY = timedelta(days=1)
TODAY = NOW.date()


def store(database: Database, now: datetime, *documents: Judged) -> None:
    with database.begin() as s:
        ingest(s, documents, (), now=now, run_id=None, crawl=False, max_age_days=None)


def test_looks_and_documents_are_counted_by_source_and_day(database: Database) -> None:
    store(database, NOW - DAY, judged(1, source_id="fleuve"))
    store(database, NOW, judged(2, source_id="fleuve"), judged(3, relevant=False, source_id="f2"))
    with database.begin() as s:
        for ok in (True, False):
            record_poll(s, "fleuve", now=NOW, ok=ok, error=None, offered=3, new=1)
    with database.read() as s:
        assert volumes(s, NOW - 7 * DAY) == [
            Volume("f2", TODAY, judged=1),
            Volume("fleuve", TODAY - DAY, judged=1, matched=1),
            Volume("fleuve", TODAY, polls=2, failed=1, new=2, judged=1, matched=1),
        ]


def test_what_was_seen_before_is_not_counted(database: Database) -> None:
    store(database, NOW - 9 * DAY, judged(1, source_id="fleuve"))
    store(database, NOW, judged(2, source_id="fleuve"))
    with database.read() as s:
        assert [one.on for one in volumes(s, NOW - 7 * DAY)] == [TODAY]


def test_a_day_is_one_of_utc(database: Database) -> None:
    night = datetime.fromisoformat("2026-03-12T00:30:00+02:00")
    store(database, night, judged(1, source_id="fleuve"))
    with database.read() as s:
        assert [one.on for one in volumes(s, NOW - 7 * DAY)] == [date(2026, 3, 11)]


def test_what_a_person_ruled_out_does_not_match(database: Database) -> None:
    store(database, NOW, judged(1), judged(2))
    with database.begin() as s:
        add_pin(s, Pin(PinKind.IRRELEVANT, 1, who="amina", why="a test"))
    with database.read() as s:
        assert volumes(s, NOW - DAY) == [Volume("", TODAY, judged=2, matched=1)]


def test_documents_are_counted_by_language(database: Database) -> None:
    store(database, NOW, judged(1), judged(2, relevant=False), judged(3, language="ar"))
    with database.read() as s:
        assert languages(s, NOW - DAY) == [("en", 2, 1), ("ar", 1, 1)]
