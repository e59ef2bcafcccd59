"""Documents that our own code could not store. They are set aside with their fault, so that the
others go on, and are tried again when another version of the program runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from sqlalchemy import Row, exists, select

from storage.database import sql
from storage.database.columns import json_of, record_of, storable
from storage.database.session import HEAD, Session
from storage.documents.tables import SetAside
from storage.records import Document

_MOST = 500  # to be tried again by one run; the rest follows in the next one


@cache
def this_program() -> str:
    """Return what changes with every upgrade."""
    return f"{version('accordwatch')}, schema {HEAD}"


class Untried(NamedTuple):
    """A document that is set aside, where it was found, and its source."""

    url: str
    source_id: str
    document: Document | None


def set_aside(s: Session, untried: Untried, fault: str, now: datetime) -> None:
    """Note a document that could not be stored, or the fault when it was tried again. A watched
    page is stored without its document: it is tried again at each look at its source.
    """
    url, source_id, document = untried
    sql.put(
        s,
        SetAside,
        url_hash=sql.hash_of(url),
        url=storable(url),
        source_id=source_id,
        document=None if document is None else json_of(document),
        fault=storable(fault),
        program=this_program(),
        set_aside_at=now,
    )


def all_set_aside(s: Session) -> Sequence[Row[str, str, str, datetime]]:
    """(address, source_id, fault, when) of each, the newest first."""
    columns = (SetAside.url, SetAside.source_id, SetAside.fault, SetAside.set_aside_at)
    return s.execute(select(*columns).order_by(SetAside.set_aside_at.desc(), SetAside.url)).all()


def of_other_programs(s: Session) -> list[Untried]:
    """Return those with a document that this version has not tried to store yet."""
    untried = (SetAside.program != this_program()) & SetAside.document.is_not(None)
    chosen = select(SetAside.url, SetAside.source_id, SetAside.document).where(untried)
    rows = s.execute(chosen.order_by(SetAside.set_aside_at).limit(_MOST))
    return [Untried(url, source_id, record_of(Document, stored)) for url, source_id, stored in rows]


def take_back(s: Session, urls: Iterable[str]) -> None:
    """Forget that documents were set aside, because they are stored now."""
    if not s.scalar(select(exists(select(SetAside.url_hash)))):
        return
    for chunk in sql.chunks(map(sql.hash_of, urls)):
        sql.remove(s, SetAside, SetAside.url_hash.in_(chunk))
