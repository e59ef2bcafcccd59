from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from spiders import writer as writing
from spiders.writer import BATCH, Writer
from storage.database.session import Database, Session, open_database
from storage.errors import DatabaseError, UnstorableError
from storage.sources.manners import Validators, save_validators, validators
from tests.storage.given import NOW


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


class Batches:
    """Stores what it is given, under the item's name."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sizes: list[int] = []
        self.committed = 0

    def store(self, s: Session, arrivals: Sequence[Any]) -> Sequence[Any]:
        for item in arrivals:
            save_validators(s, f"item {item}", Validators("stored", saved_at=NOW))
        self.sizes.append(len(arrivals))
        if self.error is not None:
            raise self.error
        return arrivals

    def on_commit(self, settled: Sequence[Any]) -> None:
        self.committed += len(settled)


async def add(writer: Writer, count: int) -> None:
    for item in range(count):
        await writer.add(item)


def is_stored(database: Database, item: int) -> bool:
    with database.read() as s:
        return validators(s, f"item {item}").etag == "stored"


def test_what_is_kept_is_written_in_batches_and_the_rest_at_the_end(database: Database) -> None:
    batches = Batches()
    writer = Writer(database, batches.store, batches.on_commit)
    asyncio.run(add(writer, BATCH + 3))
    writer.close()
    assert batches.sizes == [BATCH, 3]
    assert batches.committed == BATCH + 3
    assert is_stored(database, BATCH + 2)


def test_documents_wait_longer_for_others_where_storing_takes_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Batches):
        def store(self, s: Session, arrivals: Sequence[Any]) -> Sequence[Any]:
            time.sleep(0.1)
            return super().store(s, arrivals)

        def on_commit(self, settled: Sequence[Any]) -> None:
            stored.set()

    async def add_slowly(writer: Writer) -> None:
        await writer.add(0)
        await asyncio.to_thread(stored.wait)
        for item in range(1, 4):
            await writer.add(item)
            await asyncio.sleep(0.05)

    stored = threading.Event()
    monkeypatch.setattr(writing, "BATCH_S", 0.01)
    batches = Slow()
    writer = Writer(database, batches.store, batches.on_commit)
    asyncio.run(add_slowly(writer))
    writer.close()
    assert batches.sizes == [1, 3]


def test_more_than_may_wait_is_no_deadlock(database: Database) -> None:
    batches = Batches()
    writer = Writer(database, batches.store, batches.on_commit)
    asyncio.run(add(writer, 1000))
    writer.close()
    assert sum(batches.sizes) == 1000


def test_a_batch_that_fails_is_undone_and_ends_the_writing(database: Database) -> None:
    batches = Batches(DatabaseError("the disk is full"))
    writer = Writer(database, batches.store, batches.on_commit)
    asyncio.run(add(writer, BATCH))
    writer.close()
    assert isinstance(writer.failed, DatabaseError)
    assert not is_stored(database, 0)
    assert batches.committed == 0


def test_an_error_of_one_call_belongs_to_its_caller(database: Database) -> None:
    def fail(s: Session) -> None:
        raise UnstorableError("this one record")

    writer = Writer(database, lambda s, arrivals: arrivals, lambda settled: None)
    with pytest.raises(UnstorableError):
        asyncio.run(writer.call(fail))
    assert writer.failed is None
    assert asyncio.run(writer.call(lambda s: 7)) == 7
    writer.close()


def test_a_call_that_nobody_waits_for_any_more_does_not_end_the_thread(database: Database) -> None:
    writer = Writer(database, lambda s, arrivals: arrivals, lambda settled: None)

    async def work() -> int:
        calls = [asyncio.ensure_future(writer.call(lambda s: 1)) for _ in range(20)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        return await writer.call(lambda s: 8)

    assert asyncio.run(work()) == 8
    writer.close()
