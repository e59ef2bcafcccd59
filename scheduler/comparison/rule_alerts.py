"""How many alerts another set of rules would have given: the archive put into a register of its own, once with each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.ingest import ingest
from storage.database.session import Session, open_database
from storage.records import Judged
from storage.telling.outbox import owed
from storage.telling.records import Subscription

_BATCH = 200  # a transaction of a second or two
Alerts = Mapping[str, Sequence[frozenset[int]]]  # subscription -> the documents of each alert


@dataclass(frozen=True, slots=True)
class AlertChange:
    """Alerts of a subscription that only the new rules give, and that only the old ones gave."""

    subscription_id: str
    come: int
    go: int


def alerts_of(
    judged: Iterable[tuple[int, Judged]], subscriptions: Sequence[Subscription], now: datetime
) -> Alerts:
    """What each subscription would have been told, had these documents (by number) been there from the start.

    Documents that report nothing and are no near miss take no part: they change no register.
    """
    telling = (
        (number, one) for number, one in judged if one.verdict.relevant or one.verdict.near_miss
    )
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'register.db'}")
        try:
            numbers: dict[int, int] = {}  # id in that register -> number in the archive
            while batch := list(islice(telling, _BATCH)):
                documents = [one for _, one in batch]
                with database.begin() as s:
                    done = ingest(
                        s,
                        documents,
                        subscriptions,
                        now=now,
                        run_id=None,
                        crawl=False,
                        max_age_days=1,
                    )
                pairs = zip(done.stored, batch, strict=True)
                numbers |= {
                    stored.document_id: number
                    for stored, (number, _) in pairs
                    if stored is not None
                }
            with database.read() as s:
                return {one.id: _alerts(s, one.id, numbers) for one in subscriptions}
        finally:
            database.close()


def compare(old: Alerts, new: Alerts) -> list[AlertChange]:
    """An alert comes or goes where none of its documents is told by the other rules."""
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
