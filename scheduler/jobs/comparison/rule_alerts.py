"""How many alerts another set of rules would have given.

The archive is put into a register of its own, once with each set of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.ingest.ingest import ingest
from storage.database.session import Database, Session, open_database
from storage.notifications.outbox import owed
from storage.records import Judged
from storage.subscription import Subscription

_BATCH = 200  # a transaction of a second or two
# For each subscription: the documents of each alert that it would have got.
Alerts = Mapping[str, Sequence[frozenset[int]]]


@dataclass(frozen=True, slots=True)
class AlertChange:
    """How many alerts of a subscription would come with the new rules, and how many would go."""

    subscription_id: str
    come: int
    go: int


def alerts_of(
    judged: Iterable[tuple[int, Judged]], subscriptions: Sequence[Subscription], now: datetime
) -> Alerts:
    """What each subscription would have been told if these documents, given with their numbers, had
    been there from the start.

    Documents that report nothing and are no near miss are left out: they do not change the
    register.
    """
    telling = (
        (number, one) for number, one in judged if one.verdict.relevant or one.verdict.near_miss
    )
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        try:
            numbers: dict[int, int] = {}  # number in the archive, by id in that register
            while batch := list(islice(telling, _BATCH)):
                numbers |= _store(database, batch, subscriptions, now)
            with database.read() as s:
                return {one.id: _alerts(s, one.id, numbers) for one in subscriptions}
        finally:
            database.close()


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


def compare(old: Alerts, new: Alerts) -> list[AlertChange]:
    """An alert comes or goes if none of its documents is told with the other rules."""
    return [
        AlertChange(name, _only(new[name], old[name]), _only(old[name], new[name])) for name in old
    ]


def _alerts(s: Session, subscription_id: str, numbers: Mapping[int, int]) -> list[frozenset[int]]:
    return [
        frozenset(numbers[one] for one in item.document_ids) for item in owed(s, subscription_id)
    ]


def _only(here: Iterable[frozenset[int]], there: Iterable[frozenset[int]]) -> int:
    told = frozenset[int]().union(*there)
    return sum(not documents & told for documents in here)
