"""What a document said before its text changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from storage.database.session import Session
from storage.database.statements import columns_of
from storage.documents.tables import Documents, DocumentVersions, Texts

# A page that changes with each look would fill the disk; its first version and the last ones stay.
MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was from `seen_at` on. Versions are numbered from 1."""

    number: int
    seen_at: datetime
    title: str
    text: str
    text_hash: str


def keep_version(s: Session, document_id: int) -> str | None:
    """Keep a document as it is stored now, before its text is replaced, and return the text; None
    if retention has deleted it.
    """
    now = s.execute(_CURRENT.where(Documents.id == document_id)).one_or_none()
    if now is None:
        return None
    number = (s.scalar(_LAST.where(DocumentVersions.document_id == document_id)) or 0) + 1
    values = {
        "document_id": document_id,
        "number": number,
        "seen_at": now.changed_at or now.first_seen_at,
        "title": now.title,
        "text": now.text,
        "text_hash": now.text_hash,
    }
    s.execute(insert(DocumentVersions).values(values))
    too_many = DocumentVersions.number.between(2, number - MOST_KEPT + 1)
    s.execute(delete(DocumentVersions).where(DocumentVersions.document_id == document_id, too_many))
    return str(now.text)


def versions_of(s: Session, document_id: int) -> list[Version]:
    """Return the versions of a document that are kept, oldest first, and last what it says now."""
    earlier = [Version(*row) for row in s.execute(_EARLIER, {"document_id": document_id})]
    now = s.execute(_CURRENT.where(Documents.id == document_id)).one_or_none()
    if now is None:
        return earlier
    number = earlier[-1].number + 1 if earlier else 1
    seen_at = now.changed_at if earlier and now.changed_at else now.first_seen_at
    return [*earlier, Version(number, seen_at, now.title, now.text, now.text_hash)]


_CURRENT = select(
    Documents.title,
    Documents.text_hash,
    Documents.first_seen_at,
    Documents.changed_at,
    Texts.text,
).join(Texts, Texts.document_id == Documents.id)
_LAST = select(func.max(DocumentVersions.number))
_EARLIER = (
    select(*columns_of(Version, DocumentVersions))
    .where(DocumentVersions.document_id == bindparam("document_id"))
    .order_by(DocumentVersions.number)
)
