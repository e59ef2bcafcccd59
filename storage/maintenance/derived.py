"""Whether what is kept so that searches are quick still says what it was derived from.

Both statements count what differs: the narrow rows of relevant documents, which triggers keep, and
the moments on which steps were learnt of, which `storage.register.rows` sets.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select, union_all

from storage.database.statements import plain
from storage.documents.tables import Documents, Matches
from storage.register.rows import LEARNT
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
DIFFERING_ROWS = select(func.count()).select_from(_DIFFERENCES.subquery())
_LEARNT = LEARNT.correlate(_STEPS).scalar_subquery()
DIFFERING_STEPS = (
    select(func.count())
    .select_from(_STEPS)
    .where(
        or_(_STEPS.c.learnt_at != _LEARNT, _STEPS.c.learnt_at.is_(None) != _LEARNT.is_(None)),
    )
)
