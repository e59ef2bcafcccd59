"""The first official document of an agreement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from storage.documents.official import Official
from storage.search.document_rows import DocumentRow


def first_official_on(official: Official, documents: Iterable[DocumentRow]) -> date | None:
    """The day of publication of the first official one; None if none has a day."""
    days = (
        row.published_on
        for row in documents
        if row.published_on and official.published(row.source_id, row.url)
    )
    return min(days, default=None)
