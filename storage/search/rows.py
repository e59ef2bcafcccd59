"""Where what filters ask of documents stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.documents.tables import Documents, Matches
from storage.search.tables import SEARCH_ROWS


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns that filters compare."""

    id: Any
    listed_on: Any
    published_on: Any
    first_seen_at: Any
    language: Any
    source_id: Any
    outlet: Any
    status: Any
    instrument: Any
    score: Any
    probability: Any


# All that is stored. The last four need a join.
STORED = Rows(
    id=Documents.id,
    listed_on=Documents.listed_on,
    published_on=Documents.published_on,
    first_seen_at=Documents.first_seen_at,
    language=Documents.language,
    source_id=Documents.source_id,
    outlet=Documents.outlet,
    status=Matches.status,
    instrument=Matches.instrument,
    score=Matches.score,
    probability=Matches.probability,
)
# Documents that the rules, or a curator, find relevant.
REPORTS = Rows(
    id=SEARCH_ROWS.c.document_id,
    listed_on=SEARCH_ROWS.c.listed_on,
    published_on=SEARCH_ROWS.c.published_on,
    first_seen_at=SEARCH_ROWS.c.first_seen_at,
    language=SEARCH_ROWS.c.language,
    source_id=SEARCH_ROWS.c.source_id,
    outlet=SEARCH_ROWS.c.outlet,
    status=SEARCH_ROWS.c.status,
    instrument=SEARCH_ROWS.c.instrument,
    score=SEARCH_ROWS.c.score,
    probability=SEARCH_ROWS.c.probability,
)
