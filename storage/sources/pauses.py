"""Hosts that asked us to wait (with status 429 or 503). A pause outlives the run that noted it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.database.session import Session
from storage.database.statements import upsert
from storage.sources.tables import Pauses


def pause(s: Session, host: str, until_at: datetime) -> None:
    """Record that `host` ("host:port") must not be asked before `until_at`."""
    statement = upsert(s, Pauses).values(host=host, until_at=until_at)
    s.execute(statement.on_conflict_do_update(index_elements=["host"], set_={"until_at": until_at}))


def paused_hosts(s: Session, now: datetime) -> set[str]:
    """Return the hosts that must not be asked now. Writes nothing."""
    return set(s.scalars(select(Pauses.host).where(Pauses.until_at > now)))


def pauses(s: Session, now: datetime) -> dict[str, datetime]:
    """Return the end of the pause of each host, and delete the pauses that are over."""
    s.execute(delete(Pauses).where(Pauses.until_at <= now))
    return {row.host: row.until_at for row in s.execute(select(Pauses.host, Pauses.until_at))}
