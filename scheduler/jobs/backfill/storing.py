"""From the results of archives into the register, in one pass over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from scheduler.configuration.config import Configuration
from scheduler.jobs.backfill.reading import BackfillOrder
from scheduler.jobs.backfill.results import found_documents
from scheduler.jobs.importing import Imported, import_documents
from spiders.local.files import HeldFile
from storage.database.session import Database
from storage.records import Document


def store_found(
    database: Database,
    chosen: Configuration,
    files: Sequence[HeldFile],
    order: BackfillOrder,
    now: datetime,
    *,
    alerts: bool,
) -> Imported:
    """Store what was found, the oldest first, so that a later state of a page is its version.
    Doing it again changes nothing.
    """
    found = (one for file in files for one in found_documents(order.folder, order.key(file)))
    return import_documents(database, chosen, _in_order(found), now=now, alerts=alerts)


def _in_order(found: Iterable[Document]) -> list[Document]:
    """By day; those without one come first. Few of an archive report something."""
    return sorted(found, key=lambda one: (one.published_on or date.min, one.url or "", one.title))
