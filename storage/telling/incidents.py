"""Troubles of the system itself that last, so that each is told once when it begins and once when it is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.statements import put
from storage.telling.tables import Incidents


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
    columns = (
        Incidents.name,
        Incidents.line,
        Incidents.began_at,
        Incidents.seen_at,
        Incidents.told_at,
    )
    return {row.name: Incident(*row) for row in s.execute(select(*columns))}


def keep(s: Session, open_now: Collection[Incident]) -> None:
    """Put these in the place of what was kept before."""
    s.execute(
        delete(Incidents).where(Incidents.name.not_in([incident.name for incident in open_now]))
    )
    for incident in open_now:
        put(s, Incidents, "name", asdict(incident))
