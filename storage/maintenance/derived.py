"""What is kept so that searches are quick: whether it still says what it was derived from.

These are the narrow rows of relevant documents, which triggers keep, and the moments on which steps
were learnt of, which `storage.register.rows` sets.
"""

from __future__ import annotations

from sqlalchemy import delete, func, insert, or_, select, union_all, update

from storage.database.session import Database, Session
from storage.database.statements import plain
from storage.documents.tables import Documents, Matches
from storage.register.rows import LEARNT
from storage.register.stamp import restamp
from storage.register.tables import Steps
from storage.search.tables import SEARCH_ROWS

_DOCUMENTS, _MATCHES, _STEPS = plain(Documents), plain(Matches), plain(Steps)
_OF_DOCUMENTS = ("listed_on", "published_on", "first_seen_at", "language", "source_id", "outlet")
_OF_MATCHES = ("status", "instrument", "score", "probability")

_DERIVED = (
    select(
        _DOCUMENTS.c.id,
        *(_DOCUMENTS.c[name] for name in _OF_DOCUMENTS),
        *(_MATCHES.c[name] for name in _OF_MATCHES),
    )
    .join(_MATCHES, _MATCHES.c.document_id == _DOCUMENTS.c.id)
    .where(_MATCHES.c.relevant.is_(True))
)
_KEPT = select(SEARCH_ROWS)
_DIFFERENCES = union_all(
    select(_DERIVED.except_(_KEPT).subquery()), select(_KEPT.except_(_DERIVED).subquery())
)
_DIFFERING_ROWS = select(func.count()).select_from(_DIFFERENCES.subquery())
_LEARNT = LEARNT.correlate(_STEPS).scalar_subquery()
_IS_WRONG = or_(
    _STEPS.c.learnt_at != _LEARNT,
    _STEPS.c.learnt_at.is_(None) != _LEARNT.is_(None),
)
_DIFFERING_STEPS = select(func.count()).select_from(_STEPS).where(_IS_WRONG)


def differing(s: Session) -> int:
    """How many rows that searches read differ from what they were derived from."""
    return sum(s.scalar(asked) or 0 for asked in (_DIFFERING_ROWS, _DIFFERING_STEPS))


def derive_anew(database: Database) -> int:
    """Derive again what differs, and return how many rows that were."""
    with database.read() as s:
        if not differing(s):
            return 0
    with database.begin() as s:
        found = differing(s)
        s.execute(delete(SEARCH_ROWS))
        s.execute(insert(SEARCH_ROWS).from_select(SEARCH_ROWS.c.keys(), _DERIVED))
        s.execute(update(_STEPS).where(_IS_WRONG).values(learnt_at=_LEARNT))
        restamp(s)  # pages keep what they found with the wrong rows
    return found
