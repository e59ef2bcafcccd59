"""Where a judged document is stored: what is stored already and may be the same, all read before
it is decided (`crawler.ingest.placement` decides), and the writing of what was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select

from storage.addresses import key_of, site_of
from storage.database import sql
from storage.database.session import Session
from storage.documents.documents import Origin, Stored, find, find_copy, identity_of_part, store
from storage.documents.site_bands import band_keys, neighbours, note_all_bands
from storage.documents.tables import Documents, Texts
from storage.records import Document, Judged

# A shorter text may be all that several documents have in common, such as that they are gone.
_WORDS_OF_COPY = 40


class KnownDocument(NamedTuple):
    """The row of a stored document. `text` is its text if that differs from the new one's."""

    row: Any
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """What is stored already and may be the document that came. `found` has its id or address,
    `own` stands at the address that it came from, though it names another one; `copy` has the very
    same text on the same site. Others of the site may be near copies, the closest first.
    """

    found: KnownDocument | None = None
    own: KnownDocument | None = None
    copy: KnownDocument | None = None
    neighbours: Sequence[tuple[int, Document]] = ()


def read_kin(s: Session, judged: Judged, now: datetime, *, crawl: bool) -> Kin:
    """Read what `place` needs to know of a document, and no more than that."""
    document = judged.document
    has_only_address = document.external_id is None and document.url is not None
    if not has_only_address and judged.parts is None:
        return Kin()
    known_document = _known(s, judged, document)
    if known_document is not None and judged.parts is not None and document.own_url is not None:
        return Kin(
            known_document, _known(s, judged, replace(document, url=document.own_url, own_url=None))
        )
    if (
        known_document is not None
        or not has_only_address
        or len(document.text.split()) < _WORDS_OF_COPY
    ):
        return Kin(known_document)
    copy = find_copy(s, document, judged.fingerprint)
    if copy is not None:
        return Kin(copy=KnownDocument(copy))
    if not crawl or judged.parts is not None:  # round-ups still change
        return Kin()
    return Kin(neighbours=neighbours(s, site_of(document.url or ""), judged.fingerprint, now))


def _known(s: Session, judged: Judged, document: Document) -> KnownDocument | None:
    row = find(s, document, judged.fingerprint)
    if row is None or row.text_hash == judged.fingerprint.text_hash:
        return None if row is None else KnownDocument(row)
    if document.own_url is None and judged.parts is None:
        return KnownDocument(row)  # a new version of it, whatever it says
    return KnownDocument(row, s.scalar(select(Texts.text).where(Texts.document_id == row.id)))


class Why(StrEnum):
    OFFERED = "it came with this address"
    OWN_ADDRESS = "the address that it names is that of another article"
    SAME_TEXT = "its site published this text at this address before"
    CORRECTED = "its site published it before, and this is the later version"
    EDITED = "its site published it before, and nobody can tell which version is later"


@dataclass(frozen=True, slots=True)
class Placement:
    """What is to be written of a document. `moved_id` is a stored document that moves to its
    address first. `parts` are documents of their own, None if it is stored whole. `first` is what
    the page contained as a report before it changed, which becomes one of them: its id, a URL of
    its own and the hash of its text.
    """

    judged: Judged
    why: Why
    moved_id: int | None = None
    parts: tuple[Judged, ...] | None = None
    first: tuple[int, str, str] | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the parts are the reports, and the page itself is none."""
        return bool(self.parts) or self.first is not None


class Written(NamedTuple):
    stored: Stored
    judged: Judged

    @property
    def is_report(self) -> bool:
        verdict = self.judged.verdict
        return verdict.relevant and verdict.registers and not self.stored.is_cut


def store_placed(s: Session, placement: Placement, origin: Origin, *, crawl: bool) -> list[Written]:
    """Store a document as it was decided: itself first, then its parts that are reports."""
    page, first = placement.judged, placement.first
    if placement.moved_id is not None:
        _move(s, placement.moved_id, page.document.url or "")
    if first is not None:
        first_id, url, text_hash = first
        _move(s, first_id, url)
        _rename(s, first_id, sql.hash_of(f"part:alone:{first_id}"))
    stored = store(s, page, origin, is_cut=placement.is_cut)
    if first is not None:
        sql.change(s, Documents, Documents.id == first_id, part_of=stored.document_id)
        _rename(s, first_id, identity_of_part(stored.document_id, text_hash))
        # It was stored before, under another id.
        stored = replace(stored, created=False, changed=True)
    if placement.parts is None and crawl and stored.created:
        keys = band_keys(site_of(page.document.url or ""), page.fingerprint)
        note_all_bands(s, [(stored.document_id, keys)], origin.at)
    parts = store_parts(s, placement.parts or (), origin._replace(page_id=stored.document_id))
    return [Written(stored, page), *parts]


def store_parts(s: Session, parts: Sequence[Judged], origin: Origin) -> list[Written]:
    return [Written(store(s, part, origin), part) for part in parts]


def _move(s: Session, document_id: int, url: str) -> None:
    """Give a document the address at which its site publishes it now."""
    values = {"url": url, "url_hash": sql.hash_of(key_of(url))}
    sql.change(s, Documents, Documents.id == document_id, **values)


def _rename(s: Session, document_id: int, identity: str) -> None:
    """Change the identity of a document. One that was imported under an id keeps its identity."""
    unnamed = Documents.external_id.is_(None)
    sql.change(s, Documents, Documents.id == document_id, unnamed, identity=identity)
