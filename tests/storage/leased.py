"""What a run that is at work, or was killed, takes from the frontier and holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from storage.database.session import Session
from storage.sources import frontier
from storage.sources.frontier import OPEN, FrontierRow
from storage.sources.tables import Frontier


def in_flight(s: Session, now: datetime | None = None) -> int:
    """How many rows are leased; with `now`, only those whose lease still holds."""
    leased = select(func.count()).select_from(Frontier).where(Frontier.state == "leased")
    if now is not None:
        leased = leased.where(Frontier.not_before_at > now)
    return s.execute(leased).scalar_one()


def claim(
    s: Session, limit: int, now: datetime, lease_s: float, source_ids: Collection[str] | None = None
) -> list[FrontierRow]:
    """Lease rows of these sources, or of all that have some."""
    if source_ids is None:
        open_sources = select(Frontier.source_id).where(Frontier.state.in_(OPEN))
        source_ids = s.scalars(open_sources.distinct()).all()
    (rows,) = frontier.claim(s, [(limit, source_ids)], now, lease_s)
    return rows
