"""Leases: one holder of a name at a time, for as long as it renews."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.statements import upsert
from storage.telling.tables import Leases


def acquire(s: Session, name: str, holder: str, now: datetime, ttl_s: float) -> str | None:
    """Take or renew the lease for `ttl_s` seconds. Returns None, or who holds it instead."""
    row = s.execute(select(Leases.holder, Leases.until_at).where(Leases.name == name)).one_or_none()
    if row is not None and row.holder != holder and row.until_at > now:
        return str(row.holder)
    values = {"holder": holder, "until_at": now + timedelta(seconds=ttl_s)}
    statement = upsert(s, Leases).values(name=name, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return None


def release(s: Session, name: str, holder: str) -> None:
    """Give the lease back, if `holder` has it."""
    s.execute(delete(Leases).where(Leases.name == name, Leases.holder == holder))
