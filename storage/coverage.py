"""How much came from each source, day by day: looks, new addresses, documents judged, reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.search.filtering import ruled_out
from storage.sources.tables import Polls

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True, slots=True)
class Volume:
    """What came of one source on one day (UTC). `source_id` is "" for what was imported.

    `new` are addresses that the source had not offered before; `judged` and `matched` are documents
    that were first seen on that day.
    """

    source_id: str
    on: date
    polls: int = 0
    failed: int = 0
    new: int = 0
    judged: int = 0
    matched: int = 0


def volumes(s: Session, since: datetime) -> list[Volume]:
    """Return the volume of each source on each day on which something was looked at or stored.

    Only the last polls of a source are kept (`storage.sources.polls`), so that the looks of one
    that is polled often may be missing on early days.
    """
    polled, stored = _polled(s, since), _stored(s, since)
    nothing_polled, nothing_stored = (0, 0, 0), (0, 0)
    return [
        Volume(*key, *polled.get(key, nothing_polled), *stored.get(key, nothing_stored))
        for key in sorted({*polled, *stored})
    ]


def languages(s: Session, since: datetime) -> list[tuple[str, int, int]]:
    """Return each language of documents first seen since then: how many, and how many matched."""
    counted = (Documents.language, func.count(), func.sum(_MATCHED))
    rows = select(*counted).join(Matches, isouter=True).where(seen_since(since))
    ordered = rows.group_by(Documents.language).order_by(func.count().desc(), Documents.language)
    return [(language, n, matched or 0) for language, n, matched in s.execute(ordered)]


def stored_since(s: Session, since: datetime) -> tuple[int, datetime | None]:
    """Return how many documents were first seen since then, and when the first of these was."""
    found = select(func.count(), func.min(Documents.first_seen_at)).where(seen_since(since))
    count, first_at = s.execute(found).one()
    return count, first_at


def seen_since(since: datetime) -> ColumnElement[bool]:
    """The condition that a document was first seen since then.

    Ids grow with time, so that only the rows of that time are read, from the newest back.
    """
    newest = Documents.id.desc()
    before = select(Documents.id).where(Documents.first_seen_at < since).order_by(newest).limit(1)
    return Documents.id > func.coalesce(before.scalar_subquery(), 0)


_Key = tuple[str, date]
_MATCHED = cast(
    and_(func.coalesce(Matches.relevant, False).is_(True), ~ruled_out(Documents.id)), Integer
)


def _polled(s: Session, since: datetime) -> dict[_Key, tuple[int, int, int]]:
    day = _day(s, Polls.at)
    failed = func.sum(cast(Polls.ok.is_(False), Integer))
    rows = (
        select(Polls.source_id, day, func.count(), failed, func.sum(Polls.new))
        .where(Polls.at >= since)
        .group_by(Polls.source_id, day)
    )
    return {(name, _date(on)): (n, bad, new) for name, on, n, bad, new in s.execute(rows)}


def _stored(s: Session, since: datetime) -> dict[_Key, tuple[int, int]]:
    day, source = _day(s, Documents.first_seen_at), func.coalesce(Documents.source_id, "")
    rows = (
        select(source, day, func.count(), func.sum(_MATCHED))
        .join(Matches, isouter=True)
        .where(seen_since(since))
        .group_by(source, day)
    )
    return {(name, _date(on)): (n, matched or 0) for name, on, n, matched in s.execute(rows)}


def _day(s: Session, at: InstrumentedAttribute[datetime]) -> Any:
    """The day of a moment in UTC, whatever time zone the connection has."""
    is_postgresql = s.dialect.name == "postgresql"
    return func.date(func.timezone("UTC", at) if is_postgresql else at)


def _date(on: object) -> date:
    return date.fromisoformat(str(on))
