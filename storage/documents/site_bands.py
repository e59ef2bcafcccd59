"""Bands of what each site published in the last days, by which near copies on one site are found.

`bands` has all bands of relevant documents, for as long as there are documents. These few are of
every document that a crawl brought, and are forgotten after a fortnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, SiteBands, Texts
from storage.records import Document, Fingerprint

LIFETIME = timedelta(days=14)
# Of two texts that share 0.7 of their pairs of words, 97 % share one of so many bands of three
# rows; of two reports of one event 2 %.
_MOST_BANDS = 8
_MOST_FOUND = 10

_PARTS = sql.plain(Documents).alias("parts")


# The columns of a document that may be a copy; it has an address.
_OF_NEIGHBOUR: tuple[Any, ...] = (
    Documents.title,
    Texts.text,
    Documents.language,
    Documents.published_on,
    Documents.url,
)


def note_all_bands(s: Session, found: Iterable[tuple[int, Sequence[int]]], now: datetime) -> None:
    """Store the bands of documents, given as (id, result of `band_keys`), with one statement."""
    rows = [
        {"band": key, "document_id": document_id, "seen_on": now.date()}
        for document_id, keys in found
        for key in keys
    ]
    if rows:
        s.execute(_INSERT, rows)


def bands_among(s: Session, keys: Iterable[int]) -> set[int]:
    return sql.values_among(s, SiteBands.band, SiteBands.band, keys)


def neighbours(
    s: Session, site: str, fingerprint: Fingerprint, now: datetime
) -> list[tuple[int, Document]]:
    """Return documents of a site that may be near copies, with their ids, those with most shared
    bands first. A page whose parts are the reports is none of them.
    """
    keys = band_keys(site, fingerprint)
    if not keys:
        return []
    places = dict.fromkeys(_PLACES, keys[0]) | dict(zip(_PLACES, keys, strict=False))
    closest = s.scalars(_CLOSEST, places | {"since": now.date() - LIFETIME}).all()
    if not closest:
        return []
    documents = {
        number: Document(*values) for number, *values in s.execute(_WHOLE, {"ids": closest})
    }
    return [(number, documents[number]) for number in closest if number in documents]


def forget_bands(s: Session, now: datetime) -> int:
    """Delete bands that are older than LIFETIME, and return how many."""
    is_old = SiteBands.seen_on < now.date() - LIFETIME
    return sql.remove(s, SiteBands, is_old)


def band_keys(site: str, fingerprint: Fingerprint) -> list[int]:
    """Return bands as signed 64-bit integers that are those of one site and algorithm alone."""
    bands = list(dict.fromkeys(fingerprint.bands))[:_MOST_BANDS] if site else []
    named = (f"{site} {fingerprint.algorithm} {band}".encode() for band in bands)
    digests = (blake2b(name, digest_size=8).digest() for name in named)
    return [int.from_bytes(digest, "little", signed=True) for digest in digests]


_INSERT = insert(SiteBands)
# Chosen before any document is looked at, since most texts have no neighbour, and many pages of one
# pattern share bands. The places are counted: a list that expands is compiled anew each time.
_SHARED = func.count().label("shared")
_PLACES = [f"band{place}" for place in range(_MOST_BANDS)]
_CLOSEST = (
    select(SiteBands.document_id)
    .where(SiteBands.band.in_([bindparam(name) for name in _PLACES]))
    .where(SiteBands.seen_on >= bindparam("since"))
    .group_by(SiteBands.document_id)
    .order_by(_SHARED.desc(), SiteBands.document_id)
    .limit(_MOST_FOUND)
)
_WHOLE = (
    select(Documents.id, *_OF_NEIGHBOUR)
    .join(Texts, Texts.document_id == Documents.id)
    .where(Documents.id.in_(sql.IDS))
    .where(Documents.url.is_not(None), Documents.part_of.is_(None))
    .where(~select(_PARTS.c.id).where(_PARTS.c.part_of == Documents.id).exists())
)
