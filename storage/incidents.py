"""Troubles of the system itself that last, so that each is told once when it begins and once when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.telling_tables import Incidents
from storage.writing import upsert


@dataclass(frozen=True, slots=True)
class Incident:
    """A trouble: since when, when it was last seen, and when the operator was told (None: not yet)."""

    name: str
    line: str
    began_at: datetime
    seen_at: datetime
    told_at: datetime | None = None


def incidents(s: Session) -> dict[str, Incident]:
    """All that are open, by name."""
    columns = (Incidents.name, Incidents.line, Incidents.began_at, Incidents.seen_at, Incidents.told_at)
    return {row.name: Incident(*row) for row in s.execute(select(*columns))}


def see(s: Session, name: str, line: str, now: datetime) -> None:
    """Note that a trouble is there now."""
    statement = upsert(s, Incidents).values(name=name, line=line, began_at=now, seen_at=now, told_at=None)
    s.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"line": line, "seen_at": now}))


def tell(s: Session, names: Iterable[str], now: datetime) -> None:
    """Note that the operator is being told of these."""
    s.execute(update(Incidents).where(Incidents.name.in_(list(names))).values(told_at=now))


def end(s: Session, names: Iterable[str]) -> None:
    """Forget these: they are over."""
    s.execute(delete(Incidents).where(Incidents.name.in_(list(names))))
