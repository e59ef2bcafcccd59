"""Documents that our own code could not store. They are set aside with their fault, so that the
others go on, and are tried again when another version of the program runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from sqlalchemy import Select, delete, exists, select

from storage.database.columns import storable
from storage.database.session import HEAD, Session
from storage.database.statements import chunks, hash_of, put
from storage.documents.tables import SetAside
from storage.records import Document, DocumentKind

_MOST = 500  # to be tried again by one run; the rest follows in the next one


@dataclass(frozen=True, slots=True)
class SetAsideDocument:
    """`document` is None for a watched page, which is tried again at each look at its source."""

    url: str
    source_id: str
    fault: str
    at: datetime
    document: Document | None


@cache
def this_program() -> str:
    """Return what changes with every upgrade."""
    return f"{version('accordwatch')}, schema {HEAD}"


def set_aside(
    s: Session, url: str, source_id: str, document: Document | None, fault: str, now: datetime
) -> None:
    """Keep a document that could not be stored, or what came of trying it again."""
    row = {
        "url_hash": hash_of(url),
        "url": storable(url),
        "source_id": source_id,
        "document": None if document is None else _to_json(document),
        "fault": storable(fault),
        "program": this_program(),
        "set_aside_at": now,
    }
    put(s, SetAside, "url_hash", row)


def all_set_aside(s: Session) -> list[SetAsideDocument]:
    return _found(s, _CHOSEN.order_by(SetAside.set_aside_at.desc(), SetAside.url))


def of_other_programs(s: Session) -> list[SetAsideDocument]:
    """Return the documents that this version of the program has not tried to store yet."""
    untried = (SetAside.program != this_program()) & SetAside.document.is_not(None)
    return _found(s, _CHOSEN.where(untried).order_by(SetAside.set_aside_at).limit(_MOST))


def take_back(s: Session, urls: Iterable[str]) -> None:
    """Forget that documents were set aside, because they are stored now."""
    if not s.scalar(select(exists(select(SetAside.url_hash)))):
        return
    for chunk in chunks(map(hash_of, urls)):
        s.execute(delete(SetAside).where(SetAside.url_hash.in_(chunk)))


_CHOSEN: Select[Any] = select(
    SetAside.url, SetAside.source_id, SetAside.fault, SetAside.set_aside_at, SetAside.document
)


def _found(s: Session, chosen: Select[Any]) -> list[SetAsideDocument]:
    return [
        SetAsideDocument(row.url, row.source_id, row.fault, row.set_aside_at, _read(row.document))
        for row in s.execute(chosen)
    ]


def _to_json(document: Document) -> dict[str, Any]:
    on = document.published_on
    return asdict(document) | {"published_on": on.isoformat() if on else None}


def _read(kept: dict[str, Any] | None) -> Document | None:
    if kept is None:
        return None
    on, kind = kept["published_on"], DocumentKind(kept["kind"])
    return Document(**kept | {"published_on": on and date.fromisoformat(on), "kind": kind})
