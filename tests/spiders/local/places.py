"""Sources on this machine, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.database.sql import plain
from storage.documents.tables import Documents, Version
from storage.source import Source, SourceKind
from tests.spiders.crawls import Done
from tests.storage.opened import session

SIGNED = (
    "The interior ministers of {0} and Spain signed an agreement on the readmission of irregular migrants in "
    "Madrid on Tuesday. It provides for joint patrols and for returns within thirty days."
)


def local_source(kind: SourceKind, path: Path, **values: Any) -> Source:
    return Source("here", kind, path.as_uri(), **values)


def local_spec(folder: Path, *sources: Source, **crawl: Any) -> CrawlSpec:
    """A crawl whose database is not in the folder that is read."""
    return CrawlSpec(
        database_url=f"sqlite:///{folder / 'a.db'}",
        sources=sources,
        crawl=CrawlSettings.model_validate({"max_bytes": 100_000, "patience_s": 0} | crawl),
        workers=1,
    )


def page(title: str, text: str) -> str:
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"


def outcomes(done: Done) -> dict[str, str]:
    """What became of each document, by the last part of its address."""
    documents = (event for event in done.events if event["event"] == "document")
    return {
        event["url"].rsplit("/", 1)[1]: event.get("reason", event["outcome"]) for event in documents
    }


def documents(wanted: CrawlSpec) -> list[Any]:
    """The rows of all documents."""
    with session(wanted.database_url) as s:
        return list(s.execute(select(plain(Documents)).order_by(Documents.id)))


def versions(wanted: CrawlSpec) -> int:
    with session(wanted.database_url) as s:
        return s.scalar(select(func.count(Version.document_id))) or 0
