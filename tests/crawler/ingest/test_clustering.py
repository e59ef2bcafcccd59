"""What is kept in memory of the register between batches never stands in for what the database
holds.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from crawler.ingest import clustering
from crawler.ingest.clustering import cluster
from crawler.ingest.ingest import ingest
from storage.database.session import Database, open_database, process_cache
from storage.filter import Filter
from storage.lists.queries import agreements
from storage.notifications.digests import claim_digest
from storage.records import NewsKind
from storage.register import blocks
from storage.register.entry import Pin, PinKind, Report
from storage.subscription import Subscription
from tests.crawler.register.made import STATES, documents, of_one_pair
from tests.crawler.register.test_order import FEW_STATES, put, stored
from tests.storage.given import NOW, add_pin, judged
from tests.storage.opened import session

LIVES = list(documents(random.Random(5), 60, FEW_STATES, noise=0.2))


def test_what_another_process_stores_is_heeded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    processes = [open_database(url), open_database(url)]
    for turn, one in enumerate(LIVES):
        with processes[turn % 2].begin() as s:
            put(s, [one])
    with processes[0].read() as s:
        found = stored(s)
    alone = open_database(f"sqlite:///{tmp_path / 'alone.db'}")
    with alone.begin() as s:
        put(s, LIVES)
        assert stored(s) == found
    for database in (*processes, alone):
        database.close()


@pytest.mark.parametrize("seed", [31, 46])
def test_what_changes_draws_in_reports_that_share_no_party_with_the_document(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without memory, so that each document reads its own block; the seeds are those that need the
    second reading.
    """
    monkeypatch.setattr(clustering, "_MOST_CACHED", -1)
    rng = random.Random(seed)
    lives = list(documents(rng, 50, FEW_STATES[:5], noise=0.4))
    shuffled = rng.sample(lives, len(lives))
    registers = []
    for name, batches in (("whole", [lives]), ("alone", [[one] for one in shuffled])):
        with session(f"sqlite:///{tmp_path / name}.db") as s:
            for batch in batches:
                put(s, batch)
            registers.append(stored(s))
    assert registers[0] == registers[1]


def test_what_another_process_decides_is_heeded(database: Database) -> None:
    with database.begin() as s:
        put(s, LIVES[:50])
    with session(database.url) as s:
        first, second = agreements(s, Filter())[:2]
        documents_ = (first.document_ids[0], second.document_ids[0])
        add_pin(s, Pin(PinKind.MUST_LINK, *documents_, who="anna", why="one paper", at=NOW))
        cluster(s, documents_, NOW)
    with database.begin() as s:
        put(s, LIVES[50:])
        assert any(
            set(documents_) <= {*agreement.document_ids, *agreement.mentions}
            for agreement in agreements(s, Filter())
        )


def test_what_was_rolled_back_is_forgotten(database: Database) -> None:
    def fail() -> None:
        with database.begin() as s:
            put(s, LIVES[30:])
            raise KeyboardInterrupt

    with database.begin() as s:
        put(s, LIVES[:30])
        expected = stored(s)
    with pytest.raises(KeyboardInterrupt):
        fail()
    with database.begin() as s:
        put(s, LIVES[:30])
        assert stored(s) == expected


def read(database: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many reports are read from the database when one more of a pair with 200 comes."""
    *rest, last = of_one_pair(random.Random(3), 201)
    with database.begin() as s:
        put(s, rest)
    report = blocks._report
    rows: list[int] = []

    def read_and_count(row: Any) -> Report:
        rows.append(row.document_id)
        return report(row)

    monkeypatch.setattr(blocks, "_report", read_and_count)
    with database.begin() as s:
        put(s, [last])
    return len(rows)


def test_the_reports_of_a_pair_are_read_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= read(database, monkeypatch) <= 40


def test_what_is_kept_grows_with_what_a_batch_needs_and_not_with_what_is_stored(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = list(documents(random.Random(8), 300, STATES, noise=0.1))
    with session(f"sqlite:///{tmp_path / 'alone.db'}") as s:
        put(s, lives)
        expected = stored(s)
    monkeypatch.setattr(clustering, "_FEW_CACHED", 40)
    held = []
    for start in range(0, len(lives), 10):
        with database.begin() as s:
            put(s, lives[start : start + 10])
            _, memory = process_cache(s).get("register", (None, None))
            held.append(len(memory.company.reports) if memory is not None else 0)
    assert 0 in held[1:]  # forgotten, and read anew
    assert max(held) <= 80
    with database.read() as s:
        assert stored(s) == expected


EVERYTHING = Subscription(
    "all", channels=("file",), news=tuple(NewsKind), filter=Filter(query="ministers")
)
# Found by this index alone, a statement reads every relevant document.
UNSELECTIVE = "ix_matches_relevant"
# A table that holds one row, whatever is stored.
ONE_ROW = "SCAN register_stamp"


def plans_of_one_more(database: Database) -> list[tuple[str, str]]:
    """(statement, step of SQLite's plan) for all that storing one more document and telling of it
    executes.
    """
    plans: list[tuple[str, str]] = []

    def explain(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            steps = connection.connection.execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            ).fetchall()
            plans.extend((statement, step[3]) for step in steps)

    with database.begin() as s:
        event.listen(s, "before_cursor_execute", explain)
        ingest(s, [judged(99)], [EVERYTHING], now=NOW, run_id=None, crawl=True, max_age_days=30)
        claim_digest(s, EVERYTHING, NOW, "2026-03-12")
    return plans


def test_no_statement_reads_a_whole_table(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.begin() as s:
        documents = [judged(number) for number in range(5)]
        ingest(s, documents, [EVERYTHING], now=NOW, run_id=None, crawl=True, max_age_days=30)
    plans = plans_of_one_more(database)
    database.close()
    assert len(plans) > 20
    scans = [plan for plan in plans if plan[1].startswith("SCAN ") and plan[1] != ONE_ROW]
    assert scans == []
    assert [plan for plan in plans if UNSELECTIVE in plan[1]] == []
