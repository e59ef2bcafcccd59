"""Installations with documents in them, and what is compared of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from scheduler.configuration.config import Configuration
from scheduler.importing import Imported, import_lines
from scheduler.installation.archive import opened
from scheduler.installation.exporting import export_installation
from scheduler.installation.merging import MergedInstallation, merge_installation
from storage.asking import Filter, Known
from storage.database.session import Database, open_database
from storage.database.tables import METADATA
from storage.documents.tables import Documents
from storage.queries import agreements
from storage.telling.digests import Claimed, claim_digest
from storage.telling.outbox import owed
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured
from tests.scheduler.test_importing import NOW

LATER = NOW + timedelta(hours=6)
_TEXT = """
{a} and {b} sign an agreement on the readmission of irregular migrants

{city} - {a} and {b} signed an agreement on the readmission of persons staying without
authorisation in {city} on {day}. Under the agreement each side takes back its own nationals within
thirty days once their identity has been confirmed. The interior ministers called the agreement a
milestone in the partnership of both countries. Officers of {a} will be posted to {city}."""
PLACES = (
    ("Italy", "Ghana", "Accra", "2025-07-03", "3 July 2025"),
    ("Spain", "Senegal", "Dakar", "2025-07-10", "10 July 2025"),
    ("Germany", "Kenya", "Nairobi", "2025-07-15", "15 July 2025"),
    ("France", "Tunisia", "Tunis", "2025-07-20", "20 July 2025"),
    ("Poland", "Armenia", "Yerevan", "2025-07-25", "25 July 2025"),
)


@dataclass(frozen=True, slots=True)
class Installation:
    """A configuration and its open database."""

    chosen: Configuration
    database: Database


def installation(folder: Path, url: str = "", subscriptions: str = SUBSCRIPTIONS) -> Installation:
    folder.mkdir(exist_ok=True)
    chosen = configured(folder, subscriptions + "\nknown_agreements: false\n", database=url)
    return Installation(chosen, open_database(chosen.database))


def line(number: int, outlet: str = "press", **fields: Any) -> dict[str, Any]:
    """A report of the agreement with this number, as `import` takes it."""
    a, b, city, published, day = PLACES[number]
    title, _, text = _TEXT.format(a=a, b=b, city=city, day=day).strip().partition("\n\n")
    return {
        "title": title if outlet == "press" else f"{title}, says {outlet}",
        "text": f"{text} ({outlet})",
        "published": published,
        "outlet": f"{outlet}.example",
        "source_url": f"https://{outlet}.example/{number}",
    } | fields


SILENT = {
    "title": "The harbour café opens again",
    "text": "Coffee is served again in the old harbour since Monday, with cakes of the season.",
    "published": "2025-07-01",
    "source_url": "https://press.example/cafe",
}


def add(to: Installation, *lines: dict[str, Any], at: datetime = NOW, **how: Any) -> Imported:
    written = [json.dumps(one).encode() for one in lines]
    return import_lines(to.database, to.chosen, written, "in.jsonl", now=at, **how)


def export(of: Installation, path: Path, chosen: Iterable[str] | None = None) -> Path:
    path.unlink(missing_ok=True)
    ids = [one.id for one in of.chosen.subscriptions]
    named = None if chosen is None else [*chosen]
    export_installation(of.database, path, named, ids, NOW, lambda _: None)
    return path


def take_in(to: Installation, path: Path, at: datetime = LATER, **how: Any) -> MergedInstallation:
    with opened(path) as read:
        return merge_installation(to.database, to.chosen, read, at, **how)


def tell(of: Installation, at: datetime = NOW) -> Claimed | None:
    """Send what is owed to the one subscription."""
    with of.database.begin() as s:
        return claim_digest(s, of.chosen.subscriptions[0], at)


def owed_titles(of: Installation, subscription: str = "everything") -> set[str]:
    with of.database.read() as s:
        ids = {document for one in owed(s, subscription) for document in one.document_ids}
        return set(s.scalars(select(Documents.title).where(Documents.id.in_(ids))))


def numbers(of: Installation) -> dict[str, int]:
    """The documents by their addresses."""
    with of.database.read() as s:
        return {row.url: row.id for row in s.execute(select(Documents.url, Documents.id))}


def register(of: Installation) -> list[Any]:
    """The register without what differs between installations: ids, and when it was learnt."""
    with of.database.read() as s:
        rows = s.execute(select(Documents.id, Documents.text_hash))
        text_of = {row.id: row.text_hash for row in rows}
        return sorted(
            (
                one.title,
                one.parties,
                one.status,
                one.place,
                one.event_date,
                one.certainty,
                [
                    (
                        step.status,
                        step.on,
                        step.quote,
                        sorted(text_of[one] for one in step.document_ids),
                    )
                    for step in one.history
                ],
                sorted(text_of[mention] for mention in one.mentions),
            )
            for one in agreements(s, Filter(known=Known.YES), limit=None)
        )


def contents(of: Installation) -> dict[str, list[Any]]:
    """Everything that is stored, but for what each look renews."""
    with of.database.read() as s:
        return {
            table.name: sorted((tuple(row) for row in s.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
            if table.name != "register_stamp"
        }
