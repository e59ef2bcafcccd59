"""What waits for its time goes on waiting as long when the clock is set: its times move with the clock.

So do those of troubles, which are told once they have lasted a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.statements import chunks
from storage.sources.tables import Frontier, Pauses
from storage.telling.tables import Deliveries, Incidents

_OPEN = ("waiting", "leased")


def move_waits(s: Session, before: datetime, by: timedelta) -> int:
    """Move by `by` what was still to wait at `before`, on the clock as it was; how many documents and deliveries."""
    documents = s.execute(
        select(Frontier.id, Frontier.not_before_at).where(
            Frontier.state.in_(_OPEN), Frontier.not_before_at > before
        )
    ).all()
    for chunk in chunks(documents):
        s.execute(
            update(Frontier),
            [{"id": row.id, "not_before_at": row.not_before_at + by} for row in chunk],
        )
    deliveries = s.execute(
        select(Deliveries.id, Deliveries.next_try_at).where(
            Deliveries.state.in_(_OPEN), Deliveries.next_try_at > before
        )
    ).all()
    for chunk in chunks(deliveries):
        s.execute(
            update(Deliveries),
            [{"id": row.id, "next_try_at": row.next_try_at + by} for row in chunk],
        )
    asked = s.execute(select(Pauses.host, Pauses.until_at).where(Pauses.until_at > before)).all()
    for host, until_at in asked:
        s.execute(update(Pauses).where(Pauses.host == host).values(until_at=until_at + by))
    troubles = s.execute(
        select(Incidents.name, Incidents.began_at, Incidents.seen_at, Incidents.told_at)
    ).all()
    for name, began_at, seen_at, told_at in troubles:
        moved = {
            "began_at": began_at + by,
            "seen_at": seen_at + by,
            "told_at": told_at and told_at + by,
        }
        s.execute(update(Incidents).where(Incidents.name == name).values(moved))
    return len(documents) + len(deliveries)
