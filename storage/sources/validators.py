"""Validators for conditional requests (RFC 9110, section 13), by URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage.database.session import Session
from storage.database.statements import chunks, columns_of, hash_of, upsert
from storage.sources.tables import ValidatorRows


@dataclass(frozen=True, slots=True)
class Validators:
    """The values to send as If-None-Match and If-Modified-Since.

    `body_hash` shows whether the body is the same as last time, for servers that send neither.
    `saved_at` is the time of the last full answer. At `distrusted_at`, if ever, the validators were
    the same although the source had something new.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    saved_at: datetime | None = None
    distrusted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """When a full answer came, and the date that a sitemap index gave its address then."""

    at: datetime
    listed_at: datetime | None = None


def validators(s: Session, url: str) -> Validators:
    """Return what was saved for this URL; empty validators if nothing was."""
    saved = select(*columns_of(Validators, ValidatorRows))
    row = s.execute(saved.where(ValidatorRows.url_hash == hash_of(url))).one_or_none()
    return Validators() if row is None else Validators(*row)


def save_validators(
    s: Session,
    url: str,
    etag: str | None,
    last_modified: str | None,
    body_hash: str | None = None,
    *,
    now: datetime,
    lied: bool = False,
    listed_at: datetime | None = None,
) -> None:
    """Save the validators that came with the last full answer from this URL.

    `lied`: those before would have called it unchanged, and there was something new. `listed_at` is
    the date that a sitemap index gave it.
    """
    values: dict[str, Any] = {
        "etag": etag,
        "last_modified": last_modified,
        "body_hash": body_hash,
        "saved_at": now,
        "listed_at": listed_at,
    }
    if lied:
        values["distrusted_at"] = now
    statement = upsert(s, ValidatorRows).values(url_hash=hash_of(url), url=url, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["url_hash"], set_=values))


def note_listed(s: Session, url: str, listed_at: datetime) -> None:
    """Record the date that a sitemap index gave to what is still as it was."""
    same = ValidatorRows.url_hash == hash_of(url)
    s.execute(update(ValidatorRows).where(same).values(listed_at=listed_at))


def answers(s: Session, urls: Iterable[str]) -> dict[str, LastAnswer]:
    """Return what is remembered of the last full answer of each of these URLs that has one."""
    columns = (ValidatorRows.url, ValidatorRows.saved_at, ValidatorRows.listed_at)
    found: dict[str, LastAnswer] = {}
    for chunk in chunks([hash_of(url) for url in urls]):
        rows = s.execute(select(*columns).where(ValidatorRows.url_hash.in_(chunk)))
        found.update(
            (row.url, LastAnswer(row.saved_at, row.listed_at))
            for row in rows
            if row.saved_at is not None
        )
    return found
