"""Validators for conditional requests (RFC 9110, section 13), by URL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.statements import chunks, hash_of, upsert
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


def validators(s: Session, url: str) -> Validators:
    """Return what was saved for this URL; empty validators if nothing was."""
    columns = (
        ValidatorRows.etag,
        ValidatorRows.last_modified,
        ValidatorRows.body_hash,
        ValidatorRows.saved_at,
        ValidatorRows.distrusted_at,
    )
    row = s.execute(select(*columns).where(ValidatorRows.url_hash == hash_of(url))).one_or_none()
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
) -> None:
    """Save the validators that came with the last full answer from this URL.

    `lied`: those before would have called it unchanged, and there was something new.
    """
    values: dict[str, Any] = {
        "etag": etag,
        "last_modified": last_modified,
        "body_hash": body_hash,
        "saved_at": now,
    }
    if lied:
        values["distrusted_at"] = now
    statement = upsert(s, ValidatorRows).values(url_hash=hash_of(url), url=url, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["url_hash"], set_=values))


def answered_at(s: Session, urls: Iterable[str]) -> dict[str, datetime]:
    """Return, of the URLs whose last full answer is remembered, when it came."""
    columns = (ValidatorRows.url, ValidatorRows.saved_at)
    found: dict[str, datetime] = {}
    for chunk in chunks([hash_of(url) for url in urls]):
        rows = s.execute(select(*columns).where(ValidatorRows.url_hash.in_(chunk)))
        found.update((row.url, row.saved_at) for row in rows if row.saved_at is not None)
    return found
