"""The register does not depend on the order or the batches in which documents arrive."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.ingest.clustering import cluster
from crawler.ingest.ingest import ingest
from crawler.register.partition import partition
from storage.database.session import Database, Session, open_database
from storage.database.sql import chunks
from storage.filter import Filter
from storage.lists.queries import agreements
from storage.register.entry import Agreement, Pin, PinKind
from storage.search.document_rows import report_rows
from tests.crawler.register.made import Made, documents, reports
from tests.storage.given import NOW, add_pin

COUNT = 110
FEW_STATES = (
    "IT",
    "TN",
    "LY",
    "FR",
    "DZ",
    "MA",
    "ES",
    "EU",
)  # so that pairs meet through runners-up


def made(count: int) -> list[Made]:
    return list(documents(random.Random(7), count, FEW_STATES, noise=0.2))


def by_ids(found: Sequence[Agreement]) -> set[tuple[Any, ...]]:
    """Agreements with documents as sets: everything but the order in which reports of one step are
    listed.
    """
    return {
        (
            agreement.title,
            agreement.parties,
            agreement.status,
            agreement.event_date,
            agreement.topics,
            tuple(
                (step.status, step.on, step.quote, frozenset(step.document_ids))
                for step in agreement.history
            ),
            frozenset(agreement.mentions),
        )
        for agreement in found
    }


@pytest.mark.parametrize("seed", range(10))
def test_a_shuffled_input_gives_the_same_partition(seed: int) -> None:
    kept = reports(made(300))
    shuffled = random.Random(seed).sample(kept, len(kept))
    assert partition(shuffled, []) == partition(kept, [])


def put(s: Session, batch: Sequence[Made]) -> None:
    done = ingest(
        s, [one.judged for one in batch], (), now=NOW, run_id=None, crawl=False, max_age_days=None
    )
    assert not done.problems


def stored(s: Session) -> set[tuple[Any, ...]]:
    """The register, documents by their own names instead of the numbers that arrival gave them."""
    found = agreements(s, Filter())
    numbers = [
        number for agreement in found for number in (*agreement.document_ids, *agreement.mentions)
    ]
    names = {number: row.external_id for number, row in report_rows(s, numbers).items()}
    rename = {
        number: index
        for index, number in enumerate(sorted(numbers, key=lambda number: str(names[number])))
    }
    return by_ids(
        [
            replace(
                agreement,
                history=tuple(
                    replace(
                        step, document_ids=tuple(rename[number] for number in step.document_ids)
                    )
                    for step in agreement.history
                ),
                mentions=tuple(rename[number] for number in agreement.mentions),
            )
            for agreement in found
        ]
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[Any, ...]]:
    with _opened(tmp_path_factory.mktemp("whole")) as s:
        put(s, made(COUNT))
        return stored(s)


@contextmanager
def _opened(folder: Path) -> Iterator[Session]:
    database = open_database(f"sqlite:///{folder / 'register.db'}")
    try:
        with database.begin() as s:
            yield s
    finally:
        database.close()


@pytest.mark.parametrize("seed", range(4))
def test_halves_in_any_order_give_the_same_register(
    seed: int, whole: set[tuple[Any, ...]], s: Session
) -> None:
    shuffled = random.Random(seed).sample(made(COUNT), COUNT)
    put(s, shuffled[: COUNT // 2])
    put(s, shuffled[COUNT // 2 :])
    assert stored(s) == whole


def test_one_by_one_gives_the_same_register(whole: set[tuple[Any, ...]], s: Session) -> None:
    for one in random.Random(99).sample(made(COUNT), COUNT):
        put(s, [one])
    assert stored(s) == whole


def test_two_writers_at_the_same_time_give_the_same_register(
    whole: set[tuple[Any, ...]], database: Database
) -> None:
    lives = made(COUNT)

    def write(half: int) -> None:
        with closing(open_database(database.url)) as ours:
            for at in range(half, COUNT, 10):
                with ours.begin() as s:
                    put(s, lives[at : at + 5])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (0, 5)))
    with database.read() as s:
        assert stored(s) == whole


def test_all_clustered_again_is_the_same_register(s: Session, whole: set[tuple[Any, ...]]) -> None:
    put(s, made(COUNT))
    for batch in chunks(range(1, COUNT + 1), 20):
        assert cluster(s, batch, NOW) == []
    assert stored(s) == whole


def test_a_merge_by_hand_survives_what_is_imported_later(s: Session) -> None:
    lives = made(COUNT)
    put(s, lives[: COUNT // 2])
    first, second = agreements(s, Filter())[:2]
    pin = Pin(
        PinKind.MUST_LINK,
        first.document_ids[0],
        second.document_ids[0],
        who="anna",
        why="one paper",
        at=NOW,
    )
    add_pin(s, pin)
    cluster(s, {*first.document_ids, *second.document_ids}, NOW)
    put(s, lives[COUNT // 2 :])
    put(s, lives)
    (one,) = [
        agreement
        for agreement in agreements(s, Filter())
        if first.document_ids[0] in agreement.document_ids
    ]
    assert {*first.document_ids, *second.document_ids} <= {*one.document_ids, *one.mentions}
