"""The stored documents as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter as get
from typing import TYPE_CHECKING, Any

from scheduler.views.agreements import SPOKEN
from scheduler.views.columns import JSON_ONLY, Column, Row, Table
from scheduler.words.labels import Labels
from scheduler.words.names import parties_in_words
from storage.records import Status

if TYPE_CHECKING:  # it brings SQLAlchemy
    from storage.search.document_rows import DocumentRow


def _published(row: DocumentRow, labels: Labels) -> str:
    return str(row.published_on or labels.say("terminal.undated"))


def _status(row: DocumentRow, labels: Labels) -> str:
    return labels.status(row.status, None) if row.status else ""


def _parties(row: DocumentRow, labels: Labels) -> str:
    return parties_in_words(row.parties, labels)


DOCUMENTS = Table["DocumentRow"](
    "documents",
    (
        Column("document_id", "integer", get("id"), required=True),
        Column("external_id", "string", get("external_id")),
        Column("title", "string", get("title")),
        Column("outlet", "string", get("outlet")),
        Column("language", "string", get("language"), values=SPOKEN, title="lang"),
        Column("url", "string", get("url")),
        Column("published", "date", get("published_on"), cell=_published),
        Column("relevant", "boolean", get("relevant"), required=True),
        Column("near_miss", "boolean", get("near_miss"), required=True),
        Column("score", "number", get("score"), required=True),
        Column("status", "string", get("status"), values=Status, cell=_status),
        Column("parties", "list", get("parties"), cell=_parties),
        Column("topics", "list", get("topics")),
        Column("place", "string", get("place")),
        Column("event_date", "date", get("event_date")),
        Column("agreement_id", "string", get("agreement_id"), title="agreement"),
        Column("source_id", "string", get("source_id")),
        Column("quote", "string", get("quote")),
    ),
    ("published", "language", "outlet", "title", "parties", "status", "agreement_id"),
)
# What a search adds to a document for programs.
SNIPPET = Column[Any]("snippet", "list", lambda _: None, JSON_ONLY)


def found_row(row: DocumentRow, snippet: Sequence[Mapping[str, Any]]) -> Row:
    """A document that was searched for: with the pieces of its title and text in which the words
    stand.
    """
    return {**DOCUMENTS.row(row), "snippet": snippet}
