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
    Documents.id,
    Documents.listed_on,
    Documents.published_on,
    Documents.first_seen_at,
    Documents.language,
    Documents.source_id,
    Documents.outlet,
    Matches.status,
    Matches.instrument,
    Matches.score,
    Matches.probability,
)
# Documents that the rules, or a curator, find relevant.
REPORTS = Rows(
    SEARCH_ROWS.c.document_id,
    SEARCH_ROWS.c.listed_on,
    SEARCH_ROWS.c.published_on,
    SEARCH_ROWS.c.first_seen_at,
    SEARCH_ROWS.c.language,
    SEARCH_ROWS.c.source_id,
    SEARCH_ROWS.c.outlet,
    SEARCH_ROWS.c.status,
    SEARCH_ROWS.c.instrument,
    SEARCH_ROWS.c.score,
    SEARCH_ROWS.c.probability,
)
