"""How much came from each source, day by day: looks, new addresses, documents, reports. It is read
from the ledger, as `coverage` and the API do; what was imported stands in no ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.register.records import published
from storage.search.filtering import ruled_out
from storage.sources.ledger import by_day, tallies


@dataclass(frozen=True, slots=True)
class Volume:
    """What came of one source on one day (UTC). `source_id` is "" for what was imported. `new` are
    addresses that the source had not offered before; `judged` are documents that were stored, and
    `matched` those of them that are alerts.
    """

    source_id: str
    on: date
    polls: int = 0
    failed: int = 0
    new: int = 0
    judged: int = 0
    matched: int = 0


def volumes(s: Session, since: datetime) -> list[Volume]:
    """Return the volume of each source on each day on which something was looked at or stored."""
    found = [
        Volume(source, on, one.polls, one.polls_failed, one.new, one.stored, one.matched)
        for source, counted in tallies(s, since.date()).items()
        for on, one in by_day(counted).items()
    ]
    return sorted([*_imported(s, since), *found], key=lambda one: (one.source_id, one.on))


def stored_since(s: Session, since: datetime) -> tuple[int, datetime | None]:
    """How many documents were first seen since then, without rows of lists; when the first was."""
    found = select(func.count(), func.min(Documents.first_seen_at)).where(
        seen_since(since), published(Documents.source_id)
    )
    count, first_at = s.execute(found).one()
    return count, first_at


def seen_since(since: datetime) -> ColumnElement[bool]:
    """The condition that a document was first seen since then. Ids grow with time, so that only the
    rows of that time are read, from the newest back.
    """
    newest = Documents.id.desc()
    before = select(Documents.id).where(Documents.first_seen_at < since).order_by(newest).limit(1)
    return Documents.id > func.coalesce(before.scalar_subquery(), 0)


_MATCHED = cast(
    and_(func.coalesce(Matches.relevant, False).is_(True), ~ruled_out(Documents.id)), Integer
)


def _imported(s: Session, since: datetime) -> Iterator[Volume]:
    is_postgresql = s.dialect.name == "postgresql"
    day = func.date(
        func.timezone("UTC", Documents.first_seen_at) if is_postgresql else Documents.first_seen_at
    )
    rows = (
        select(day, func.count(), func.sum(_MATCHED))
        .join(Matches, isouter=True)
        .where(seen_since(since), Documents.source_id.is_(None))
        .group_by(day)
    )
    for on, n, matched in s.execute(rows):
        yield Volume("", date.fromisoformat(str(on)), judged=n, matched=matched or 0)
