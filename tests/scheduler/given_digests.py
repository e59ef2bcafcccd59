"""A configuration and a register with news in it, for tests of digests and deliveries."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from crawler.ingest.ingest import Ingested, ingest
from scheduler.configuration.config import Configuration, load_configuration
from storage.database.session import Database, open_database
from storage.notifications.outbox import begin
from storage.records import Judged
from tests.storage.given import NOW

SOURCES = """
sources:
  - {id: fleuve, kind: feed, url: https://fleuve.example/rss, every: 1h}
"""
SUBSCRIPTIONS = """
subscriptions:
  - {id: everything, name: Every agreement, channels: [file], rate: "daily at 07:00"}
"""


def configured(
    folder: Path, subscriptions: str = SUBSCRIPTIONS, channels: str = "", database: str = ""
) -> Configuration:
    """A configuration in `folder`, as a person would write it."""
    url = f"database: {database}\n" if database else ""
    path = folder / "accordwatch.yaml"
    path.write_text(url + channels + SOURCES + subscriptions, encoding="utf-8")
    return load_configuration(path, environ={})


def opened(chosen: Configuration) -> Database:
    return open_database(chosen.database)


def begun(database: Database, chosen: Configuration, at: datetime) -> None:
    """Subscriptions that are there since `at`: the period that they began in has no digest."""
    with database.begin() as s:
        begin(s, chosen.subscriptions, at)


def collect(database: Database, chosen: Configuration, *judged: Judged, now: datetime) -> Ingested:
    """Store documents as an import does: whatever their age, they are owed."""
    with database.begin() as s:
        return ingest(
            s, judged, chosen.subscriptions, now=now, run_id=None, crawl=False, max_age_days=None
        )


def register(
    folder: Path, *documents: Judged, more: str = SUBSCRIPTIONS, now: datetime = NOW
) -> Configuration:
    """A configuration in `folder` whose register has these documents, too."""
    chosen = configured(folder, more)
    store(chosen, *documents, now=now)
    return chosen


def store(chosen: Configuration, *documents: Judged, now: datetime = NOW) -> None:
    """Put documents into the register of a configuration, and let go of its database."""
    with closing(opened(chosen)) as database:
        collect(database, chosen, *documents, now=now)
