"""What a database holds after a crawl, by content: ids differ with the order in which documents arrive."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class State:
    """Equal for two databases that say the same. `told` has (subscription, news, url, detail)."""

    documents: dict[str, tuple[Any, ...]]
    agreements: Counter[tuple[Any, ...]]
    told: set[tuple[Any, ...]]
    settled: dict[str, str]


@contextmanager
def line(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "accordwatch.db", timeout=30)) as opened:
        yield opened


def whole(folder: Path) -> bool:
    """Whether SQLite finds nothing wrong in it."""
    with line(folder) as s:
        checked = s.execute("PRAGMA integrity_check").fetchall(), s.execute("PRAGMA foreign_key_check").fetchall()
    return checked == ([("ok",)], [])


def state_of(folder: Path) -> State:
    with line(folder) as s:
        documents = s.execute(
            "SELECT url, title, text_hash, language, outlet, source_id, kind, published_on, relevant, near_miss, score,"
            " card, rules FROM documents JOIN matches ON matches.document_id = documents.id"
        ).fetchall()
        told = s.execute(
            "SELECT subscription_id, news, url, detail FROM told JOIN documents ON documents.id = told.document_id"
        ).fetchall()
        # what may pass is tried again for days, and waits
        settled = s.execute("SELECT url, outcome FROM frontier WHERE state IN ('done', 'given_up')").fetchall()
        agreements = Counter(_agreements(s))
    assert len({row[0] for row in documents}) == len(documents)
    return State({row[0]: row[1:] for row in documents}, agreements, set(told), dict(settled))


def _agreements(s: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    reports: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    found = s.execute(
        'SELECT reports.agreement_id, status, steps."on", url FROM reports'
        " JOIN documents ON documents.id = reports.document_id"
        " LEFT JOIN steps ON steps.agreement_id = reports.agreement_id AND steps.position = reports.step"
    )
    for agreement, *report in found:
        reports[agreement].add(tuple(report))
    for agreement, parties, topics, *others in s.execute(
        "SELECT id, parties, topics, instrument, status, place, event_date, title FROM agreements"
    ):
        yield (
            tuple(json.loads(parties)),
            tuple(sorted(json.loads(topics))),
            *others,
            frozenset(reports[agreement]),
        )


def steps_told(folder: Path) -> dict[tuple[str, tuple[str, ...]], int]:
    """In how many digests each step of the register was news: by subscription and the addresses of its reports."""
    with line(folder) as s:
        urls = dict(s.execute("SELECT id, url FROM documents"))
        steps: dict[tuple[int, int], set[int]] = defaultdict(set)
        for agreement, document, step in s.execute("SELECT agreement_id, document_id, step FROM reports"):
            if step is not None:
                steps[agreement, step].add(document)
        digests = [
            (subscription, _news(json.loads(items)))
            for subscription, items in s.execute("SELECT subscription_id, items FROM digests")
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
        document for item in items if item["kind"] in ("new_agreement", "new_step") for document in item["document_ids"]
    }


def deliveries(folder: Path) -> dict[str, tuple[str, str]]:
    """(channel, state) of each delivery by its message id."""
    with line(folder) as s:
        found = s.execute("SELECT message_id, channel, state FROM deliveries").fetchall()
    return {message_id: (channel, state) for message_id, channel, state in found}
