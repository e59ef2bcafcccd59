"""Documents whose texts are copies of one another: they speak with one voice."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from storage.database.statements import IDS, plain, rows_of
from storage.documents.tables import Bands, Documents, Matches
from storage.records import Fingerprint

_DOCUMENTS, _MATCHES, _BANDS = plain(Documents), plain(Matches), plain(Bands)


def near_duplicates(
    s: Session, fingerprint: Fingerprint, language: str, document_id: int | None = None
) -> dict[int, int]:
    """Relevant documents that may be copies of this text: id -> shared bands, most first; not `document_id` itself.

    A shared band is a hint; whether two texts are copies is for the caller to measure.
    """
    if not fingerprint.bands:
        return {}
    asked = {"ids": fingerprint.bands, "algorithm": fingerprint.algorithm, "language": language}
    return {
        row.document_id: row.shared
        for row in s.execute(_SHARING_BANDS, asked)
        if row.document_id != document_id
    }


_SHARED = func.count().label("shared")


_SHARING_BANDS = (
    select(_BANDS.c.document_id, _SHARED)
    .join(_DOCUMENTS, _DOCUMENTS.c.id == _BANDS.c.document_id)
    .where(_BANDS.c.algorithm == bindparam("algorithm"), _BANDS.c.band.in_(IDS))
    .where(_DOCUMENTS.c.language == bindparam("language"))
    .group_by(_BANDS.c.document_id)
    .order_by(_SHARED.desc(), _BANDS.c.document_id)
)


def voices(s: Session, document_ids: Collection[int]) -> dict[int, str]:
    """The voice of each of these documents; copies of one text share theirs."""
    return {row.document_id: row.voice for row in rows_of(s, _VOICES, document_ids)}


_VOICES = select(_MATCHES.c.document_id, _MATCHES.c.voice).where(_MATCHES.c.document_id.in_(IDS))


def share_voice(s: Session, document_ids: Collection[int]) -> None:
    """Make these documents, and all that share a voice with one of them, one voice.

    It is the smallest text hash among them, so the order in which copies arrive does not matter.
    """
    joined = set(voices(s, document_ids).values())
    if len(joined) > 1:
        voice = min(joined)
        s.execute(_RENAME_VOICES, {"ids": sorted(joined - {voice}), "shared": voice})


_RENAME_VOICES = update(_MATCHES).where(_MATCHES.c.voice.in_(IDS)).values(voice=bindparam("shared"))
