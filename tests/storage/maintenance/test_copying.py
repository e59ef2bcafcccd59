"""A database is copied whole into one of the other kind, also when the copy was broken off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select

from storage.database.session import Database, open_database
from storage.database.tables import METADATA
from storage.documents.documents import Origin
from storage.documents.documents import store as store_judged
from storage.documents.tables import Documents
from storage.errors import DatabaseError
from storage.maintenance.copying import copy_rows
from storage.register.entry import Pin, PinKind
from tests.storage.given import NOW, add_pin, judged

Opened = Iterator[Database]


@pytest.fixture
def source(sqlite_url: str) -> Opened:
    database = open_database(sqlite_url)
    fill(database)
    yield database
    database.close()


@pytest.fixture
def target(postgres_url: str) -> Opened:
    database = open_database(postgres_url)
    yield database
    database.close()


def fill(database: Database) -> None:
    for number in (1, 2, 3):
        store(database, number)
    with database.begin() as s:
        store_judged(s, judged(4, title="مذكرة تفاهم", published_on=None), Origin(NOW))
        add_pin(s, Pin(PinKind.IRRELEVANT, 2, who="amina", why="a football transfer", at=NOW))
        s.execute(delete(Documents).where(Documents.id == 3))


def store(database: Database, number: int) -> int:
    with database.begin() as s:
        store_judged(s, judged(number), Origin(NOW))
        return s.scalars(select(Documents.id).order_by(Documents.id.desc())).first() or 0


def contents(database: Database) -> dict[str, list[Any]]:
    with database.read() as s:
        return {
            table.name: sorted((tuple(row) for row in s.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


def ignore(table: str, rows: int) -> None:
    pass


def break_off_at(name: str) -> Any:
    def said(table: str, rows: int) -> None:
        if table == name:
            raise KeyboardInterrupt

    return said


def test_a_database_goes_there_and_back(source: Database, target: Database, tmp_path: Any) -> None:
    counts = copy_rows(source, target, ignore)
    assert (counts["documents"], counts["decisions"]) == (3, 1)
    assert contents(target) == contents(source)
    again = open_database(f"sqlite:///{tmp_path / 'back.db'}")
    copy_rows(target, again, ignore)
    assert contents(again) == contents(source)
    again.close()


def test_a_copy_gives_no_number_that_the_source_has_given(
    source: Database, target: Database, tmp_path: Any
) -> None:
    with source.begin() as s:
        s.execute(delete(Documents).where(Documents.id == 4))
    copy_rows(source, target, ignore)
    again = open_database(f"sqlite:///{tmp_path / 'back.db'}")
    copy_rows(target, again, ignore)
    assert (store(target, 9), store(again, 9)) == (5, 5)
    again.close()


def test_a_copy_that_was_broken_off_is_made_anew(
    source: Database, target: Database, postgres_url: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy_rows(source, target, break_off_at("texts"))
    with pytest.raises(DatabaseError, match="begun and not ended: run `accordwatch db copy`"):
        open_database(postgres_url)
    begun = open_database(postgres_url, to_copy=True)
    copy_rows(source, begun, ignore)
    begun.close()
    assert contents(target) == contents(source)
    open_database(postgres_url).close()


def test_a_copy_begins_anew_where_the_source_went_on(source: Database, target: Database) -> None:
    with pytest.raises(KeyboardInterrupt):
        copy_rows(source, target, break_off_at("texts"))
    with source.begin() as s:
        s.execute(delete(Documents).where(Documents.id == 1))
    store(source, 8)
    copy_rows(source, target, ignore)
    assert contents(target) == contents(source)


def test_a_target_with_rows_is_refused_and_left_alone(source: Database, target: Database) -> None:
    closed = {"channel": "mine", "reason": "gone", "closed_at": NOW}
    with target.begin() as t:
        t.execute(METADATA.tables["closed_channels"].insert(), closed)
    before = contents(target)
    with pytest.raises(DatabaseError, match=r"holds rows already \(closed_channels: 1\)"):
        copy_rows(source, target, ignore)
    assert contents(target) == before


def test_days_and_times_stay_what_they_are(source: Database, target: Database) -> None:
    copy_rows(source, target, ignore)
    with target.read() as t:
        row = t.execute(select(Documents.published_on, Documents.first_seen_at)).first()
    assert row == (date(2026, 3, 11), NOW)
