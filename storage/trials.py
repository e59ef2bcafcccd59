"""What was tried aside for the page, in a child process: the site of a source, or a rule.

The rows are shared by all processes that answer, and forgotten when newer ones come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.database.session import Session
from storage.sources.tables import Trials

_MOST = 50  # kept; a trial is read by who asked for it, in the same hour
# A child is ended before that: a trial that is older and has no end was cut off with its process.
LOST_AFTER = timedelta(minutes=5)


class TrialKind(StrEnum):
    SITE = "site"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial. `found` is None until it has ended."""

    id: int
    kind: TrialKind
    asked: dict[str, Any]
    who: str
    begun_at: datetime
    ended_at: datetime | None
    found: dict[str, Any] | None

    def is_at_work(self, now: datetime) -> bool:
        return self.ended_at is None and now - self.begun_at < LOST_AFTER

    def is_lost(self, now: datetime) -> bool:
        """Whether it will never end, since the process that waited for it is gone."""
        return self.ended_at is None and not self.is_at_work(now)


def begin_trial(
    s: Session, kind: TrialKind, asked: dict[str, Any], who: str, now: datetime
) -> int | None:
    """The number of a new trial; None while another of the kind is at work."""
    newest = s.scalars(
        select(Trials.begun_at)
        .where(Trials.kind == kind, Trials.ended_at.is_(None))
        .order_by(Trials.id.desc())
        .limit(1)
    ).first()
    if newest is not None and now - newest < LOST_AFTER:
        return None
    values = {"kind": kind, "asked": asked, "who": who, "begun_at": now}
    number = int(s.execute(insert(Trials).values(values).returning(Trials.id)).scalar_one())
    s.execute(delete(Trials).where(Trials.id <= number - _MOST))
    return number


def end_trial(s: Session, number: int, found: dict[str, Any], now: datetime) -> None:
    """Keep what a trial found."""
    s.execute(update(Trials).where(Trials.id == number).values(found=found, ended_at=now))


def trial(s: Session, number: int) -> Trial | None:
    """The trial with this number, if it is still kept."""
    row = s.execute(select(*Trials.__table__.columns).where(Trials.id == number)).one_or_none()
    return None if row is None else Trial(**row._asdict() | {"kind": TrialKind(row.kind)})
