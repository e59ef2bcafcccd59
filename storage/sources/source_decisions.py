"""What persons did to sources on the page: who added, paused or resumed which, when and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select

from storage.database.session import Session
from storage.sources.tables import SourceDecisions


class Deed(StrEnum):
    ADDED = "added"
    PAUSED = "paused"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class SourceDecision:
    source_id: str
    deed: Deed
    who: str
    why: str
    at: datetime


def add_source_decision(s: Session, decision: SourceDecision) -> None:
    s.execute(insert(SourceDecisions).values(asdict(decision)))


def last_source_decisions(s: Session) -> dict[str, SourceDecision]:
    """The newest decision about each source of which there is one, by its id."""
    newest = select(func.max(SourceDecisions.id)).group_by(SourceDecisions.source_id)
    rows = s.execute(
        select(
            SourceDecisions.source_id,
            SourceDecisions.deed,
            SourceDecisions.who,
            SourceDecisions.why,
            SourceDecisions.at,
        ).where(SourceDecisions.id.in_(newest))
    )
    return {
        row.source_id: SourceDecision(**row._asdict() | {"deed": Deed(row.deed)}) for row in rows
    }
