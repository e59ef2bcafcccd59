"""Watched pages, and those of their parts that are reports of their own.

A part is a document with the id of its page.
"""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, update

from storage.addresses import key_of
from storage.database.session import Session
from storage.database.statements import hash_of
from storage.documents.documents import identity_of_part
from storage.documents.tables import Documents, Texts


def text_of_page(s: Session, source_id: str, url: str) -> str | None:
    """Return the text of a watched page at the last look; None if there is none (any more)."""
    values = {"source_id": source_id, "url_hash": hash_of(key_of(url))}
    found = s.execute(_TEXT_OF_PAGE, values).first()
    return None if found is None else str(found.text)


# The page may declare another URL than that of the source; an imported page has no source.
_SAME_URL = Documents.url_hash == bindparam("url_hash")
_TEXT_OF_PAGE = (
    select(Texts.text)
    .join(Documents, Documents.id == Texts.document_id)
    .where(
        Documents.part_of.is_(None),
        or_(Documents.source_id == bindparam("source_id"), _SAME_URL),
    )
    .order_by(_SAME_URL.desc(), Documents.id.desc())
    .limit(1)
)


def parts_of(s: Session, page_id: int) -> list[int]:
    parts = select(Documents.id).where(Documents.part_of == page_id)
    return list(s.scalars(parts.order_by(Documents.id)))


def leave_address(s: Session, document_id: int, url: str) -> None:
    """Give the first version of a page, which is a report, a URL other than the page's."""
    values = {"url": url, "url_hash": hash_of(key_of(url))}
    s.execute(update(Documents).where(Documents.id == document_id).values(values))
    _rename(s, document_id, hash_of(f"part:alone:{document_id}"))


def move_to(s: Session, document_id: int, url: str) -> None:
    """Give a document the address at which its site publishes it now."""
    values = {"url": url, "url_hash": hash_of(key_of(url))}
    s.execute(update(Documents).where(Documents.id == document_id).values(values))


def become_part(s: Session, document_id: int, page_id: int, text_hash: str) -> None:
    """Make the first version of a page, whose URL was changed, a part of that page."""
    s.execute(update(Documents).where(Documents.id == document_id).values(part_of=page_id))
    _rename(s, document_id, identity_of_part(page_id, text_hash))


def _rename(s: Session, document_id: int, identity: str) -> None:
    """Change the identity of a document. One that was imported under an id keeps its identity."""
    unnamed = Documents.external_id.is_(None)
    s.execute(
        update(Documents).where(Documents.id == document_id, unnamed).values(identity=identity)
    )
