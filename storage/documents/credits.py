"""Credits: what documents are worth as evidence of an agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from storage.database.session import Session
from storage.database.statements import IDS, rows_of
from storage.documents.official import host_of, official_among
from storage.documents.tables import Documents, Matches
from storage.register.records import Credit, is_listed


def credits_of(s: Session, document_ids: Iterable[int]) -> Mapping[int, Credit]:
    """Return the credit of each of these documents that was judged, as if nobody had confirmed
    it.
    """
    rows = list(rows_of(s, _CREDITS, document_ids))
    official = official_among(s, ((row.source_id, row.url) for row in rows))
    return {
        row.id: Credit(
            document_id=row.id,
            outlet=row.outlet or host_of(row.url or ""),
            copy_group=row.copy_group,
            probability=row.probability,
            official=official.published(row.source_id, row.url),
            listed=is_listed(row.source_id),
            title=row.title,
            url=row.url,
            published_on=row.published_on,
            is_text_place=official.has_texts(row.source_id, row.url),
        )
        for row in rows
    }


def clues_of(s: Session, document_ids: Iterable[int]) -> Mapping[int, Sequence[str]]:
    """Return the clues of each of these documents that was judged."""
    return {row.document_id: row.clues for row in rows_of(s, _CLUES, document_ids)}


_CLUES = select(Matches.document_id, Matches.clues).where(Matches.document_id.in_(IDS))
_CREDITS = (
    select(
        Documents.id,
        Documents.outlet,
        Documents.url,
        Documents.source_id,
        Documents.title,
        Documents.published_on,
        Matches.copy_group,
        Matches.probability,
    )
    .join(Matches, Matches.document_id == Documents.id)
    .where(Documents.id.in_(IDS))
)
