"""What a database holds after a crawl, by content: ids differ with the order in which documents
arrive.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from storage.database.session import Session, open_database

# Each index is checked in itself and against the rows of its table.
BTREES = """
SELECT bt_index_check(pg_class.oid, true) FROM pg_class JOIN pg_am ON pg_am.oid = relam
WHERE amname = 'btree' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class State:
    """Equal for two databases that say the same. `told` has (subscription, news, url, detail)."""

    documents: dict[str, tuple[Any, ...]]
    agreements: Counter[tuple[Any, ...]]
    told: set[tuple[Any, ...]]
    settled: dict[str, str]


@contextmanager
def line(url: str) -> Iterator[Session]:
    database = open_database(url)
    try:
        with database.read() as s:
            yield s
    finally:
        database.close()


def rows(s: Session, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in s.execute(text(query))]


def whole(url: str) -> bool:
    """Whether the database finds nothing wrong in itself. PostgreSQL needs the extension amcheck,
    which raises.
    """
    with line(url) as s:
        if url.startswith("sqlite"):
            return (
                rows(s, "PRAGMA integrity_check") == [("ok",)]
                and rows(s, "PRAGMA foreign_key_check") == []
            )
        return len(rows(s, BTREES)) > 20


def state_of(url: str) -> State:
    with line(url) as s:
        documents = rows(
            s,
            "SELECT url, title, text_hash, language, outlet, source_id, kind, published_on, relevant, near_miss, score,"
            " card, rules FROM documents JOIN matches ON matches.document_id = documents.id",
        )
        told = rows(
            s,
            "SELECT subscription_id, news, url, detail FROM notified JOIN documents ON documents.id = notified.document_id",
        )
        # what may pass is tried again for days, and waits
        settled = rows(s, "SELECT url, outcome FROM frontier WHERE state IN ('done', 'given_up')")
        agreements = Counter(_agreements(s))
    assert len({row[0] for row in documents}) == len(documents)
    return State({row[0]: row[1:] for row in documents}, agreements, set(told), dict(settled))


def _agreements(s: Session) -> Iterator[tuple[Any, ...]]:
    reports: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    found = rows(
        s,
        'SELECT reports.agreement_id, status, steps."on", url FROM reports'
        " JOIN documents ON documents.id = reports.document_id"
        " LEFT JOIN steps ON steps.agreement_id = reports.agreement_id AND steps.position = reports.step",
    )
    for agreement, *report in found:
        reports[agreement].add(tuple(report))
    for agreement, parties, topics, *others in rows(
        s,
        "SELECT id, parties, topics, instrument, status, place, event_date, title FROM agreements",
    ):
        yield (
            tuple(_json(parties)),
            tuple(sorted(_json(topics))),
            *others,
            frozenset(reports[agreement]),
        )


def _json(value: Any) -> Any:
    """What a JSON column holds: SQLite gives its text."""
    return json.loads(value) if isinstance(value, str) else value


def steps_told(url: str) -> dict[tuple[str, tuple[str, ...]], int]:
    """In how many digests each step of the register was news: by subscription and the addresses of
    its reports.
    """
    with line(url) as s:
        urls = dict(rows(s, "SELECT id, url FROM documents"))
        steps: dict[tuple[int, int], set[int]] = defaultdict(set)
        for agreement, document, step in rows(
            s, "SELECT agreement_id, document_id, step FROM reports"
        ):
            if step is not None:
                steps[agreement, step].add(document)
        digests = [
            (subscription, _news(_json(items)))
            for subscription, items in rows(s, "SELECT subscription_id, items FROM digests")
        ]
    return {
        (subscription, tuple(sorted(urls[one] for one in documents))): sum(
            not documents.isdisjoint(news) for name, news in digests if name == subscription
        )
        for subscription in {name for name, _ in digests}
        for documents in steps.values()
    }


def _news(items: list[dict[str, Any]]) -> set[int]:
    return {
        document
        for item in items
        if item["kind"] in ("new_agreement", "new_step")
        for document in item["document_ids"]
    }


def deliveries(url: str) -> dict[str, tuple[str, str]]:
    """(channel, state) of each delivery by its message id."""
    with line(url) as s:
        found = rows(s, "SELECT message_id, channel, state FROM deliveries")
    return {message_id: (channel, state) for message_id, channel, state in found}
