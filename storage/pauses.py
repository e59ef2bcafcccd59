"""Hosts that asked to be left alone for a while (429 or 503): the wish outlives the run that heard it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.statements import upsert
from storage.database.tables import Pauses


def pause(s: Session, host: str, until_at: datetime) -> None:
    """Note that `host` ("host:port") is not to be asked before `until_at`."""
    statement = upsert(s, Pauses).values(host=host, until_at=until_at)
    s.execute(statement.on_conflict_do_update(index_elements=["host"], set_={"until_at": until_at}))


def paused_hosts(s: Session, now: datetime) -> set[str]:
    """The hosts that are to be left alone now, for those who only look."""
    return set(s.scalars(select(Pauses.host).where(Pauses.until_at > now)))


def pauses(s: Session, now: datetime) -> dict[str, datetime]:
    """Until when each host is to be left alone; those that are over are forgotten."""
    s.execute(delete(Pauses).where(Pauses.until_at <= now))
    return {row.host: row.until_at for row in s.execute(select(Pauses.host, Pauses.until_at))}
