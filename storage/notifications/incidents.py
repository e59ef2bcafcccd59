"""Lasting troubles of the system itself.

They are stored, so that the operator is notified once when one begins and once when it is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import select

from storage.database import sql
from storage.database.session import Session
from storage.notifications.tables import Incident


def incidents(s: Session) -> dict[str, Incident]:
    return {row.name: Incident(*row) for row in s.execute(select(sql.plain(Incident)))}


def save_open(s: Session, open_now: Collection[Incident]) -> None:
    """Store the open incidents, and delete those that are over."""
    names = [incident.name for incident in open_now]
    sql.remove(s, Incident, Incident.name.not_in(names))
    for incident in open_now:
        sql.put(s, Incident, **asdict(incident))
