"""Reading what one installation hands over to another: documents with what is known of them, rows
of lists, curators' decisions, and which agreements there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select

from storage.database.session import Session
from storage.database.statements import IDS, chunks, plain, rows_of
from storage.documents.judgeable import document_columns, document_of
from storage.documents.tables import Documents, DocumentVersions, Matches, Texts
from storage.documents.verdict_rows import card_of
from storage.documents.versions import Version
from storage.records import Card, Document
from storage.register.decisions import rows_named, still_listed
from storage.register.listed import LIST_SOURCE, published
from storage.register.records import NamedRow
from storage.register.tables import Agreements, Aliases, Pins, Reports
from storage.telling.outbox import owed_since
from storage.telling.persons import PREFIX
from storage.telling.tables import Arrivals, Told

_DOCUMENTS, _TEXTS, _MATCHES, _PINS = plain(Documents), plain(Texts), plain(Matches), plain(Pins)
_VERSIONS, _ARRIVALS, _TOLD = plain(DocumentVersions), plain(Arrivals), plain(Told)
_TOP = func.coalesce(_DOCUMENTS.c.part_of, _DOCUMENTS.c.id)
_AT_ONCE = 200  # documents; some megabytes of texts


@dataclass(frozen=True, slots=True)
class ToldAs:
    """What a digest told of a document: see `storage.telling.tables.Told`."""

    subscription_id: str
    news: str
    detail: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class HandedDocument:
    """A document as it leaves, with its parts.

    `seen_at` is when its present text was seen first. `fresh` says whether it was fresh when it
    came into the register; None if it never did.
    """

    id: int
    document: Document
    seen_at: datetime
    fresh: bool | None = None
    versions: tuple[Version, ...] = ()
    told: tuple[ToldAs, ...] = ()
    parts: tuple[HandedDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedRow:
    """A document that was made of a row of a list. Rows about one agreement have one `voice`."""

    id: int
    document: Document
    text_hash: str
    card: Card
    clues: tuple[str, ...]
    quote: str
    voice: str
    row: NamedRow = field(default_factory=lambda: NamedRow(""))


def subscriptions_told(s: Session) -> list[str]:
    """Return the ids of the subscriptions that were told something, without those of people: their
    numbers name somebody else in another installation.
    """
    ids = select(_TOLD.c.subscription_id).distinct().order_by(_TOLD.c.subscription_id)
    return list(s.scalars(ids.where(_TOLD.c.subscription_id.not_like(f"{PREFIX}%"))))


def told_documents(s: Session, subscriptions: Collection[str]) -> set[int]:
    """Return the documents of which one of these subscriptions was told something, or whose parts
    are.
    """
    joined = select(_TOP).join(_TOLD, _TOLD.c.document_id == _DOCUMENTS.c.id)
    found = joined.where(_TOLD.c.subscription_id.in_(subscriptions), published(_SOURCE))
    return set(s.scalars(found.distinct()))


def decided_documents(s: Session) -> set[int]:
    """Return the documents that decisions name, or whose parts are named."""
    found: set[int] = set()
    for named in (_PINS.c.document_id, _PINS.c.other_document_id):
        joined = select(_TOP).join(_PINS, named == _DOCUMENTS.c.id)
        found |= set(s.scalars(joined.where(published(_SOURCE)).distinct()))
    return found


_SOURCE = _DOCUMENTS.c.source_id


def all_documents(s: Session) -> set[int]:
    """Return the documents that are no parts and no rows of lists."""
    whole = select(_DOCUMENTS.c.id).where(_DOCUMENTS.c.part_of.is_(None), published(_SOURCE))
    return set(s.scalars(whole))


def handed_documents(
    s: Session, ids: Iterable[int], subscriptions: Collection[str]
) -> Iterator[HandedDocument]:
    """Yield these documents in the order of their ids, without those whose text is not kept."""
    for chunk in chunks(sorted(ids), _AT_ONCE):
        parts: dict[int, list[HandedDocument]] = {}
        page_of = {row.id: row.part_of for row in rows_of(s, _PARTS_OF, chunk)}
        for part in _handed(s, page_of, subscriptions, {}):
            parts.setdefault(page_of[part.id], []).append(part)
        yield from _handed(s, chunk, subscriptions, parts)


_PARTS_OF = select(_DOCUMENTS.c.id, _DOCUMENTS.c.part_of).where(_DOCUMENTS.c.part_of.in_(IDS))


def _handed(
    s: Session,
    ids: Collection[int],
    subscriptions: Collection[str],
    parts: dict[int, list[HandedDocument]],
) -> Iterator[HandedDocument]:
    versions: dict[int, list[Version]] = {}
    for row in rows_of(s, _VERSIONS_OF, ids):
        number = row.document_id
        kept = Version(row.number, row.seen_at, row.title, row.text, row.text_hash)
        versions.setdefault(number, []).append(kept)
    told: dict[int, list[ToldAs]] = {}
    for row in rows_of(s, _TOLD_OF, ids):
        if row.subscription_id in subscriptions:
            said = ToldAs(row.subscription_id, row.news, row.detail, row.told_at)
            told.setdefault(row.document_id, []).append(said)
    for row in rows_of(s, _HANDED, ids):
        yield HandedDocument(
            id=row.id,
            document=_document(row),
            seen_at=row.changed_at or row.first_seen_at,
            fresh=row.fresh,
            versions=tuple(versions.get(row.id, ())),
            told=tuple(told.get(row.id, ())),
            parts=tuple(parts.get(row.id, ())),
        )


_VERSIONS_OF = (
    select(_VERSIONS)
    .where(_VERSIONS.c.document_id.in_(IDS))
    .order_by(_VERSIONS.c.document_id, _VERSIONS.c.number)
)
_TOLD_OF = (
    select(_TOLD)
    .where(_TOLD.c.document_id.in_(IDS))
    .order_by(_TOLD.c.document_id, _TOLD.c.subscription_id, _TOLD.c.news, _TOLD.c.detail)
)
_HANDED = (
    select(
        *document_columns(),
        _DOCUMENTS.c.first_seen_at,
        _DOCUMENTS.c.changed_at,
        _DOCUMENTS.c.dated_on,
        _ARRIVALS.c.fresh,
    )
    .join(_TEXTS, _TEXTS.c.document_id == _DOCUMENTS.c.id)
    .outerjoin(_ARRIVALS, _ARRIVALS.c.document_id == _DOCUMENTS.c.id)
    .where(_DOCUMENTS.c.id.in_(IDS))
    .order_by(_DOCUMENTS.c.id)
)


def _document(row: Any) -> Document:
    seen_on = row.dated_on if row.published_on is None else None
    return replace(document_of(row), seen_on=seen_on)


def handed_rows(s: Session) -> Iterator[HandedRow]:
    """Yield the documents made of rows that lists have now, those of one list and voice one after
    the other.
    """
    for partition in s.execute(_ROWS.execution_options(yield_per=_AT_ONCE)).partitions():
        ids = [row.id for row in partition]
        listed, named = still_listed(s, ids), rows_named(s, ids)
        for row in partition:
            if row.id in listed:
                yield HandedRow(
                    id=row.id,
                    document=_document(row),
                    text_hash=row.text_hash,
                    card=card_of(row.card),
                    clues=tuple(row.clues),
                    quote=row.quote,
                    voice=row.voice,
                    row=named[row.id],
                )


_ROWS = (
    select(
        *document_columns(),
        _DOCUMENTS.c.text_hash,
        _DOCUMENTS.c.dated_on,
        _MATCHES.c.card,
        _MATCHES.c.clues,
        _MATCHES.c.quote,
        _MATCHES.c.voice,
    )
    .join(_TEXTS, _TEXTS.c.document_id == _DOCUMENTS.c.id)
    .join(_MATCHES, _MATCHES.c.document_id == _DOCUMENTS.c.id)
    .where(_DOCUMENTS.c.source_id.like(f"{LIST_SOURCE}%"), _MATCHES.c.relevant.is_(True))
    .order_by(_DOCUMENTS.c.source_id, _MATCHES.c.voice, _DOCUMENTS.c.id)
)


def count_without_text(s: Session) -> int:
    """Return how many documents are known by their address alone, since retention has deleted their
    texts.
    """
    has_text = exists().where(_TEXTS.c.document_id == _DOCUMENTS.c.id)
    without: Select[Any] = select(func.count()).select_from(_DOCUMENTS).where(~has_text)
    return int(s.execute(without).scalar_one())


def count_owed(s: Session, subscriptions: Collection[str]) -> dict[str, int]:
    """Return, by subscription, how many items wait for its next digest."""
    return {one: items for one, (items, _) in owed_since(s).items() if one in subscriptions}


@dataclass(frozen=True, slots=True)
class HandedAgreement:
    """An agreement by its id, those that were merged into it, and its documents."""

    id: str
    title: str
    aliases: tuple[str, ...]
    documents: tuple[int, ...]


def handed_agreements(s: Session) -> Iterator[HandedAgreement]:
    """Yield all agreements, oldest first."""
    rows = s.execute(select(Agreements.id, Agreements.title).order_by(Agreements.id)).all()
    for chunk in chunks(rows):
        ids = [row.id for row in chunk]
        aliases: dict[int, list[str]] = {}
        for row in rows_of(s, _ALIASES_OF, ids):
            aliases.setdefault(row.agreement_id, []).append(f"A{row.alias}")
        documents: dict[int, list[int]] = {}
        for row in rows_of(s, _MEMBERS_OF, ids):
            documents.setdefault(row.agreement_id, []).append(row.document_id)
        for row in chunk:
            also, own = tuple(aliases.get(row.id, ())), tuple(documents.get(row.id, ()))
            yield HandedAgreement(f"A{row.id}", row.title, also, own)


_ALIASES, _REPORTS = plain(Aliases), plain(Reports)
_ALIASES_OF = (
    select(_ALIASES.c.alias, _ALIASES.c.agreement_id)
    .where(_ALIASES.c.agreement_id.in_(IDS))
    .order_by(_ALIASES.c.alias)
)
_MEMBERS_OF = (
    select(_REPORTS.c.agreement_id, _REPORTS.c.document_id)
    .where(_REPORTS.c.agreement_id.in_(IDS))
    .order_by(_REPORTS.c.document_id)
)
