"""Lasting troubles of the system itself.

They are stored, so that the operator is notified once when one begins and once when it is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database.session import Session
from storage.database.statements import columns_of, put
from storage.notifications.tables import Incidents


@dataclass(frozen=True, slots=True)
class Incident:
    """A lasting trouble. `line` is the text from which sentences about it are made; of old ones it
    is an English sentence. `notified_at` is when the operator was notified; None if that is to
    come.
    """

    name: str
    line: str
    began_at: datetime
    seen_at: datetime
    notified_at: datetime | None = None


def incidents(s: Session) -> dict[str, Incident]:
    rows = s.execute(select(*columns_of(Incident, Incidents)))
    return {row.name: Incident(*row) for row in rows}


def save_open(s: Session, open_now: Collection[Incident]) -> None:
    """Store the open incidents, and delete those that are over."""
    names = [incident.name for incident in open_now]
    s.execute(delete(Incidents).where(Incidents.name.not_in(names)))
    for incident in open_now:
        put(s, Incidents, "name", asdict(incident))
