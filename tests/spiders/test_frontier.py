from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Timer

import pytest

from crawler.pool import WorkerPool
from spiders.crawl_run import CrawlRun
from spiders.fetch.settings import CrawlSettings
from spiders.frontier import FetchQueue
from spiders.spec import CrawlSpec
from spiders.workers import Workers
from spiders.writer import Writer
from storage.database.session import Database, open_database
from storage.records import Candidate
from storage.source import Source, SourceKind
from storage.sources.frontier import claim, offer, retry

SOURCES = [
    Source("one", SourceKind.FEED, "https://a.org/feed"),
    Source("two", SourceKind.FEED, "https://a.org/feed2"),
    Source("three", SourceKind.FEED, "https://b.org/feed"),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    running = Writer(database, lambda s, arrivals: arrivals, lambda settled: None)
    yield running
    running.close()


def fill(database: Database, source_id: str, count: int) -> None:
    candidates = [Candidate(f"https://x.org/{source_id}/{n}") for n in range(count)]
    with database.begin() as s:
        offer(s, source_id, candidates, datetime.now(UTC))


def frontier(writer: Writer, **settings: object) -> FetchQueue:
    return FetchQueue(
        writer,
        SOURCES,
        CrawlSettings.model_validate({"per_host": 2, "patience_s": 0, "delay_s": 0} | settings),
    )


def test_each_host_gets_its_share_however_much_another_has(
    database: Database, writer: Writer
) -> None:
    fill(database, "one", 100)
    fill(database, "two", 100)
    fill(database, "three", 100)
    rows = asyncio.run(frontier(writer).claim())
    assert Counter(row.source_id for row in rows) == {"one": 2, "two": 2, "three": 4}


def test_all_hosts_together_stay_below_the_limit(database: Database, writer: Writer) -> None:
    fill(database, "one", 100)
    fill(database, "three", 100)
    assert len(asyncio.run(frontier(writer, concurrency=5).claim())) == 5


def test_room_that_several_documents_make_at_a_time_is_claimed_at_once(
    database: Database, writer: Writer
) -> None:
    fill(database, "one", 100)

    async def second_claim() -> int:
        queue = frontier(writer, per_host=4)
        for row in (await queue.claim())[:2]:
            asyncio.get_running_loop().call_later(0.01, queue.settled, row)
        queue.settled(row)
        await queue.wait(busy=False)
        return len(await queue.claim())

    assert asyncio.run(second_claim()) == 3


@pytest.mark.parametrize(
    ("places", "ended", "more"),
    [
        pytest.param(7, 1, 1, id="hosts and workers have enough"),
        pytest.param(32, 1, 0, id="half of the places are free"),
        pytest.param(7, 3, 0, id="a host has none in hand"),
    ],
)
def test_documents_are_gathered_for_as_long_as_nobody_waits_for_them(
    database: Database, writer: Writer, places: int, ended: int, more: int
) -> None:
    fill(database, "one", 100)
    fill(database, "three", 100)

    async def second_claim() -> int:
        queue = frontier(writer, concurrency=places)
        rows = await queue.claim()
        for row in [row for row in rows if row.source_id == "three"][:ended]:
            queue.settled(row)
        last = next(row for row in rows if row.source_id == "one")
        later_s = 0.12 if more else 60  # who does not wait for it, does not see it
        asyncio.get_running_loop().call_later(later_s, queue.settled, last)
        await queue.wait(busy=False)
        return len(await queue.claim())

    assert asyncio.run(second_claim()) == ended + more


def test_rows_that_would_wait_for_a_slow_host_hold_no_place(
    database: Database, writer: Writer
) -> None:
    fill(database, "one", 100)
    fill(database, "three", 100)

    async def work() -> Counter[str]:
        queue = frontier(writer)
        queue.delay_of = {"a.org:443": 12.0, "b.org:443": 0.0}.__getitem__
        given = Counter(row.source_id for row in await queue.claim())
        assert await queue.claim() == []
        return given

    assert asyncio.run(work()) == {"one": 1, "three": 4}


def test_the_host_that_waited_longest_is_served_first(database: Database, writer: Writer) -> None:
    fill(database, "one", 100)
    fill(database, "three", 100)

    async def work() -> list[str]:
        queue, order = frontier(writer, concurrency=1), []
        for _ in range(4):
            (row,) = await queue.claim()
            order.append(row.source_id)
            queue.settled(row)
        return order

    assert asyncio.run(work()) == ["one", "three", "one", "three"]


def test_a_frontier_that_is_closed_gives_out_nothing_and_ends_the_run(
    database: Database, writer: Writer
) -> None:
    fill(database, "one", 100)

    async def work() -> bool:
        queue = frontier(writer)
        queue.close()
        assert await queue.claim() == []
        return await queue.wait(busy=False)

    assert asyncio.run(work()) is False


def test_a_row_that_left_makes_room_for_one(database: Database, writer: Writer) -> None:
    fill(database, "three", 100)

    async def work() -> list[int]:
        queue = frontier(writer)
        rows = await queue.claim()
        assert await queue.claim() == []
        queue.settled(rows[0])
        return [row.id for row in await queue.claim()]

    assert len(asyncio.run(work())) == 1


def test_the_run_is_over_when_nothing_is_left(writer: Writer) -> None:
    async def work() -> bool:
        queue = frontier(writer)
        assert await queue.claim() == []
        return await queue.wait(busy=False)

    assert asyncio.run(work()) is False


@pytest.mark.parametrize(("patience_s", "waited"), [(5, True), (0, False)])
def test_a_run_waits_for_a_retry_only_as_long_as_it_has_patience(
    database: Database, writer: Writer, patience_s: float, waited: bool
) -> None:
    fill(database, "three", 1)

    async def work() -> bool:
        queue = frontier(writer, patience_s=patience_s)
        (row,) = await queue.claim()
        again_at = datetime.now(UTC) + timedelta(seconds=0.3)
        await writer.call(lambda s: retry(s, row.id, again_at, "busy"))
        queue.offered("three", again_at)
        queue.settled(row)
        while await queue.wait(busy=False):
            if await queue.claim():
                return True
        return False

    assert asyncio.run(work()) is waited


def test_an_offer_that_comes_while_we_ask_is_not_missed(database: Database, writer: Writer) -> None:
    async def work() -> int:
        queue = frontier(writer)
        claiming = asyncio.ensure_future(queue.claim())
        await asyncio.sleep(0)
        queue.offered(
            "three"
        )  # as if the poll ended between the look into the database and its answer
        await claiming
        fill(database, "three", 1)
        assert await queue.wait(busy=False)
        return len(await queue.claim())

    assert asyncio.run(work()) == 1


def test_what_is_claimed_while_a_run_ends_is_given_back(database: Database) -> None:
    fill(database, "one", 2)
    spec = CrawlSpec(database_url=database.url, sources=(SOURCES[0],))
    run = CrawlRun(spec, 1, database, Workers(WorkerPool(None)))
    held = Event()
    run.writer.submit(lambda s: held.wait(10))  # the writer is busy when the run is stopped
    (host,) = run.frontier.sources_at
    run.writer.submit(lambda s: run.frontier._claim(s, {host: 2}, datetime.now(UTC)))
    Timer(0.2, held.set).start()
    run.finish()
    assert len(run.frontier.in_hand) == 2
    with database.begin() as s:
        (rows,) = claim(s, [(5, ["one"])], datetime.now(UTC), 60)
    assert len(rows) == 2
