"""What another set of rules would change: verdicts on what is stored, and the alerts that
follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.ingest.ingest import ingest
from crawler.judgement.judge import Rules
from crawler.judgement.rules.explain import Difference, compare
from crawler.process.process import judge_article
from scheduler.configuration.config import Configuration
from scheduler.configuration.user_subscriptions import everybody
from storage.database.session import Database, Session, open_database
from storage.documents.judgeable import judgeable_ids, load_judgeable
from storage.notifications.outbox import pending
from storage.records import Judged, Verdict
from storage.search.document_rows import report_rows
from storage.subscription import Subscription

COLUMNS = (
    "document_id",
    "agreement_id",
    "change",
    "old_score",
    "old_threshold",
    "new_score",
    "new_threshold",
    "title",
    "fields",
)
_BATCH = 200  # judged in a second or two; no transaction is open meanwhile
# For each subscription: the documents of each alert that it would have got.
Alerts = Mapping[str, Sequence[frozenset[int]]]


@dataclass(frozen=True, slots=True)
class Compared:
    """`differences` stand with the number of their document. `homes` has the agreements in which
    these documents are now. `alerts` has what would change for each subscription.
    """

    differences: tuple[tuple[int, Difference], ...]
    homes: Mapping[int, str | None]
    alerts: tuple[AlertChange, ...]


@dataclass(frozen=True, slots=True)
class AlertChange:
    """How many alerts of a subscription would come with the new rules, and how many would go."""

    subscription_id: str
    come: int
    go: int


def compared(
    database: Database, chosen: Configuration, before: Rules, after: Rules, now: datetime
) -> Compared:
    """Judge all that is stored with both rule sets. What a curator ruled out is left out, as
    `reclassify` does.
    """
    old: dict[int, Judged] = {}
    new: dict[int, Judged] = {}
    homes: dict[int, str | None] = {}
    differences: list[tuple[int, Difference]] = []
    for number, home, ours, theirs in _judged_twice(database, before, after):
        found = compare(ours.document, ours.verdict, theirs.verdict)
        if found is not None:
            differences.append((number, found))
            homes[number] = home
        for kept, one in ((old, ours), (new, theirs)):
            if one.verdict.relevant or one.verdict.near_miss:
                kept[number] = one
    # Alerts depend on all reports, so they are counted over all of them. If no verdict differs, no
    # alert can.
    may_differ = bool(differences) or old.keys() != new.keys()
    chosen = everybody(database, chosen)
    alerts = _alert_changes(chosen, old, new, now) if may_differ else []
    return Compared(tuple(differences), homes, tuple(alerts))


def row_of(numbered: tuple[int, Difference], homes: Mapping[int, str | None]) -> dict[str, Any]:
    """A difference as one line of `rules diff --format jsonl`."""
    number, found = numbered
    return {
        "document_id": number,
        "agreement_id": homes[number],
        "change": found.change,
        "old_score": found.old.score,
        "old_threshold": found.old.threshold,
        "new_score": found.new.score,
        "new_threshold": found.new.threshold,
        "title": found.document.title or "(no title)",
        "fields": [
            f"{name} {_value(found.old, name)} -> {_value(found.new, name)}"
            for name in found.fields
        ],
    }


def alerts_of(
    judged: Iterable[tuple[int, Judged]], subscriptions: Sequence[Subscription], now: datetime
) -> Alerts:
    """What each subscription would have been sent if these documents, given with their numbers, had
    been there from the start.

    Documents that report nothing and are no near miss are left out: they do not change the
    register.
    """
    matching = (
        (number, one) for number, one in judged if one.verdict.relevant or one.verdict.near_miss
    )
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        try:
            numbers: dict[int, int] = {}  # number in the archive, by id in that register
            while batch := list(islice(matching, _BATCH)):
                numbers |= _store(database, batch, subscriptions, now)
            with database.read() as s:
                return {one.id: _alerts(s, one.id, numbers) for one in subscriptions}
        finally:
            database.close()


def compare_alerts(old: Alerts, new: Alerts) -> list[AlertChange]:
    """An alert comes or goes if none of its documents is sent with the other rules."""
    return [
        AlertChange(name, _only(new[name], old[name]), _only(old[name], new[name])) for name in old
    ]


def _judged_twice(
    database: Database, before: Rules, after: Rules
) -> Iterator[tuple[int, str | None, Judged, Judged]]:
    """(number, agreement, judged with the rules before, judged with the rules after)."""
    last = 0
    while True:
        with database.read() as s:
            ids = judgeable_ids(s, last, _BATCH)
            rows = report_rows(s, ids)
            documents = list(load_judgeable(s, ids))
        if not ids:
            return
        last = ids[-1]
        for number, document in documents:
            row = rows.get(number)
            if row is None or not row.ruled_out:
                home = row.agreement_id if row else None
                ours, theirs = judge_article(document, before), judge_article(document, after)
                yield number, home, ours, theirs


def _alert_changes(
    chosen: Configuration, old: Mapping[int, Judged], new: Mapping[int, Judged], now: datetime
) -> list[AlertChange]:
    given, would_be = (alerts_of(one.items(), chosen.subscriptions, now) for one in (old, new))
    return compare_alerts(given, would_be)


def _value(verdict: Verdict, name: str) -> str:
    value = getattr(verdict.card, name)
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _store(
    database: Database,
    batch: Sequence[tuple[int, Judged]],
    subscriptions: Sequence[Subscription],
    now: datetime,
) -> dict[int, int]:
    """The numbers of the documents, by the ids under which they were stored."""
    documents = [one for _, one in batch]
    with database.begin() as s:
        done = ingest(
            s, documents, subscriptions, now=now, run_id=None, crawl=False, max_age_days=None
        )
    pairs = zip(done.stored, batch, strict=True)
    return {stored.document_id: number for stored, (number, _) in pairs if stored is not None}


def _alerts(s: Session, subscription_id: str, numbers: Mapping[int, int]) -> list[frozenset[int]]:
    return [
        frozenset(numbers[one] for one in item.document_ids) for item in pending(s, subscription_id)
    ]


def _only(here: Iterable[frozenset[int]], there: Iterable[frozenset[int]]) -> int:
    sent = frozenset[int]().union(*there)
    return sum(not documents & sent for documents in here)
