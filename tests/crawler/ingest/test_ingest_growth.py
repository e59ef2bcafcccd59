"""One more document costs the same in a large database: no statement of a batch reads a whole
table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from crawler.ingest.ingest import ingest
from storage.database.session import Database, open_database
from storage.filter import Filter
from storage.notifications.digests import claim_digest
from storage.records import NewsKind
from storage.subscription import Subscription
from tests.storage.given import NOW, judged

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
