"""How much came from each source, day by day: looks, new addresses, documents, reports. It is read
from the ledger, as `coverage` and the API do; what was imported stands in no ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from storage.database.session import Session
from storage.documents.tables import Documents, Matches
from storage.register.list_rows import published
from storage.search.filtering import ruled_out
from storage.sources.ledger import Tally, by_day, tallies


def volumes(s: Session, since: datetime) -> dict[str, dict[date, Tally]]:
    """Return, by source ("" for imports), what came on each day (UTC) with a look or document."""
    found = {source: by_day(counted) for source, counted in tallies(s, since.date()).items()}
    imported = dict(_imported(s, since))
    return found | {"": imported} if imported else found


def stored_since(s: Session, since: datetime) -> tuple[int, datetime | None]:
    """How many documents were first seen since then, without rows of lists; when the first was."""
    statement = select(func.count(), func.min(Documents.first_seen_at)).where(
        seen_since(since), published(Documents.source_id)
    )
    count, first_at = s.execute(statement).one()
    return count, first_at


def seen_since(since: datetime) -> ColumnElement[bool]:
    """The condition that a document was first seen since then; it reads the newest rows alone."""
    newest = Documents.id.desc()
    before = select(Documents.id).where(Documents.first_seen_at < since).order_by(newest).limit(1)
    return Documents.id > func.coalesce(before.scalar_subquery(), 0)


_MATCHED = cast(
    and_(func.coalesce(Matches.relevant, False).is_(True), ~ruled_out(Documents.id)), Integer
)


def _imported(s: Session, since: datetime) -> Iterator[tuple[date, Tally]]:
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
        yield date.fromisoformat(str(on)), Tally(outcomes={"stored": n}, matched=matched or 0)
