"""What `sources check` found when it last tried a source from this machine, and what persons did to
sources on the page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, insert, select

from storage.database.session import Session
from storage.database.statements import columns_of, put
from storage.sources.tables import SourceChecks, SourceDecisions


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """One try of a source, by its id and the address that was asked.

    `items` are the documents that it offered, `newest_on` the day of the newest of them that is not
    in the future, `language` what their titles are in. `problem` is "reason: sentence"; a source
    may be alive and have one all the same.
    """

    source_id: str
    url: str
    checked_at: datetime
    alive: bool
    items: int = 0
    newest_on: date | None = None
    language: str | None = None
    problem: str | None = None


def save_check(s: Session, check: SourceCheck) -> None:
    """Keep the last check of a source, in place of the one before."""
    put(s, SourceChecks, "source_id", asdict(check))


def source_checks(s: Session) -> dict[str, SourceCheck]:
    """Return the last check of each source that was ever checked, by its id."""
    rows = s.execute(select(*columns_of(SourceCheck, SourceChecks)))
    return {row.source_id: SourceCheck(*row) for row in rows}


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
    columns = columns_of(SourceDecision, SourceDecisions)
    rows = s.execute(select(*columns).where(SourceDecisions.id.in_(newest)))
    return {
        row.source_id: SourceDecision(**row._asdict() | {"deed": Deed(row.deed)}) for row in rows
    }
