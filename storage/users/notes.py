"""Notes of persons about agreements. They go on with what an agreement became when it was merged
into another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, insert, or_, select

from storage.database.session import Session
from storage.database.statements import rows_changed
from storage.register.agreements import number
from storage.register.tables import Aliases
from storage.users.tables import Notes

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted about an agreement."""

    id: int
    who: str
    text: str
    written_at: datetime


def add_note(s: Session, agreement_id: str, who: str, text: str, now: datetime) -> int:
    """Keep a note, and return its number."""
    values = {"agreement_id": number(agreement_id), "who": who, "text": text, "written_at": now}
    made: int = s.execute(insert(Notes).values(values).returning(Notes.id)).scalar_one()
    return made


def notes_about(s: Session, agreement_id: str) -> list[Note]:
    """The notes about an agreement and about those that were merged into it, the oldest first."""
    columns = (Notes.id, Notes.who, Notes.text, Notes.written_at)
    found = select(*columns).where(_about(Notes.agreement_id, agreement_id)).order_by(Notes.id)
    return [Note(*row) for row in s.execute(found)]


def remove_note(s: Session, note_id: int, who: str | None) -> bool:
    """Remove a note of `who`, or with None of anybody. Returns False if there is none."""
    removing = delete(Notes).where(Notes.id == note_id)
    if who is not None:
        removing = removing.where(Notes.who == who)
    return rows_changed(s.execute(removing)) > 0


def _about(column: InstrumentedAttribute[int], agreement_id: str) -> ColumnElement[bool]:
    row_id = number(agreement_id)
    merged = select(Aliases.alias).where(Aliases.agreement_id == row_id)
    return or_(column == row_id, column.in_(merged))
