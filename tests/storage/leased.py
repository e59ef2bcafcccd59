"""What a run that is at work, or was killed, holds on the frontier."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from storage.database.session import Session
from storage.sources.tables import Frontier


def in_flight(s: Session, now: datetime | None = None) -> int:
    """How many rows are leased; with `now`, only those whose lease still holds."""
    leased = select(func.count()).select_from(Frontier).where(Frontier.state == "leased")
    if now is not None:
        leased = leased.where(Frontier.not_before_at > now)
    return s.execute(leased).scalar_one()
