"""Stored texts: documents to be judged again, and whether they have changed since they were read;
and watched pages with those of their parts that are reports of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select

from storage.addresses import key_of
from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session
from storage.documents.tables import Documents, Texts
from storage.records import Document
from storage.register.list_rows import published

_PARTS = sql.plain(Documents).alias("parts")
_HAS_PARTS = exists().where(_PARTS.c.part_of == Documents.id)


def load_judgeable(
    s: Session, ids: Collection[int] | None = None, batch: int = 200
) -> Iterator[tuple[int, Document]]:
    """Yield the documents whose text is still stored, in the order of their ids. With `ids`, only
    these. Pages whose parts are the reports are left out, and so are rows of lists, whose facts are
    given and not read from a text. `batch` rows are read at a time, and the caller may write to the
    database in between.
    """
    if ids is not None:
        for chunk in sql.chunks(sorted(ids), batch):
            yield from map(_judgeable, s.execute(_JUDGEABLES.where(Documents.id.in_(chunk))))
        return
    last = 0
    while rows := s.execute(_JUDGEABLES.where(Documents.id > last).limit(batch)).all():
        yield from map(_judgeable, rows)
        last = rows[-1].id


def judgeable_ids(s: Session, after: int, limit: int) -> list[int]:
    """Return up to `limit` ids, after this one, of documents whose text is still stored."""
    return list(s.scalars(_JUDGEABLE_IDS, {"after": after, "limit": limit}))


_JUDGEABLE_IDS = (
    select(Texts.document_id)
    .join(Documents, Documents.id == Texts.document_id)
    .where(Texts.document_id > bindparam("after"), ~_HAS_PARTS)
    .where(published(Documents.source_id))
    .order_by(Texts.document_id)
    .limit(bindparam("limit"))
)


def versions(s: Session, ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """By id, the hash of the text and all that is judged: what differs later is another text."""
    return {row.id: tuple(row) for row in sql.rows_of(s, _VERSIONS, ids)}


_VERSIONS = select(
    Documents.id,
    Documents.text_hash,
    Documents.title,
    Documents.language,
    Documents.published_on,
    Documents.url,
    Documents.outlet,
    Documents.source_id,
).where(Documents.id.in_(sql.IDS))


def document_columns() -> tuple[Any, ...]:
    """Return the columns that a Document is made of, and its id."""
    return (
        Documents.id,
        Documents.title,
        Texts.text,
        Documents.language,
        Documents.published_on,
        Documents.url,
        Documents.outlet,
        Documents.external_id,
        Documents.author,
        Documents.kind,
        Documents.source_id,
        Documents.part_of.is_not(None).label("is_part"),
    )


_JUDGEABLES: Select[*tuple[Any, ...]] = (
    select(*document_columns())
    .join(Texts, Texts.document_id == Documents.id)
    .where(~_HAS_PARTS, published(Documents.source_id))
    .order_by(Documents.id)
)


def _judgeable(row: Any) -> tuple[int, Document]:
    return row.id, record_of(Document, row._asdict())


# --- watched pages, and their parts: documents with the id of their page --------------------------


def text_of_page(s: Session, source_id: str, url: str) -> str | None:
    """Return the text of a watched page at the last look; None if there is none (any more)."""
    values = {"source_id": source_id, "url_hash": sql.hash_of(key_of(url))}
    row = s.execute(_TEXT_OF_PAGE, values).first()
    return None if row is None else str(row.text)


# The page may declare another URL than that of the source; an imported page has no source.
_SAME_URL = Documents.url_hash == bindparam("url_hash")
_TEXT_OF_PAGE = (
    select(Texts.text)
    .join(Documents, Documents.id == Texts.document_id)
    .where(
        Documents.part_of.is_(None), or_(Documents.source_id == bindparam("source_id"), _SAME_URL)
    )
    .order_by(_SAME_URL.desc(), Documents.id.desc())
    .limit(1)
)


def parts_of(s: Session, page_id: int) -> list[int]:
    parts = select(Documents.id).where(Documents.part_of == page_id)
    return list(s.scalars(parts.order_by(Documents.id)))
