"""Copy groups: documents whose texts are copies of one another are in the same group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, func, select, update

from storage.database.session import Session
from storage.database.statements import IDS, chunks, rows_of
from storage.documents.tables import Bands, Documents, Matches
from storage.records import Fingerprint


def near_duplicates(
    s: Session, fingerprint: Fingerprint, language: str, document_id: int | None = None
) -> dict[int, int]:
    """Return the relevant documents that may be copies of a text, without `document_id` itself.

    They are mapped to the number of bands that they share with it, most first. A shared band is
    only a hint: the caller has to compare the texts.
    """
    if not fingerprint.bands:
        return {}
    asked = {"ids": fingerprint.bands, "algorithm": fingerprint.algorithm, "language": language}
    return {
        row.document_id: row.shared
        for row in s.execute(_SHARING_BANDS, asked)
        if row.document_id != document_id
    }


def shared_bands(s: Session, asked: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of these bands, given with their algorithms, that a relevant document has."""
    of_algorithm: dict[str, list[int]] = defaultdict(list)
    for algorithm, band in asked:
        of_algorithm[algorithm].append(band)
    return {
        (algorithm, row.band)
        for algorithm, bands in of_algorithm.items()
        for chunk in chunks(bands)
        for row in s.execute(_BANDS_AMONG, {"algorithm": algorithm, "ids": chunk})
    }


_BANDS_AMONG = (
    select(Bands.band)
    .where(Bands.algorithm == bindparam("algorithm"), Bands.band.in_(IDS))
    .distinct()
)
_SHARED = func.count().label("shared")
_SHARING_BANDS = (
    select(Bands.document_id, _SHARED)
    .join(Documents, Documents.id == Bands.document_id)
    .where(Bands.algorithm == bindparam("algorithm"), Bands.band.in_(IDS))
    .where(Documents.language == bindparam("language"))
    .group_by(Bands.document_id)
    .order_by(_SHARED.desc(), Bands.document_id)
)


def copy_groups(s: Session, document_ids: Collection[int]) -> dict[int, str]:
    """Return the copy group of each of these documents."""
    return {row.document_id: row.copy_group for row in rows_of(s, _COPY_GROUPS, document_ids)}


_COPY_GROUPS = select(Matches.document_id, Matches.copy_group).where(Matches.document_id.in_(IDS))


def join_copies(s: Session, document_ids: Collection[int]) -> None:
    """Put these documents in one copy group with all that share a group with one of them.

    It is the smallest of their text hashes, so that the order of arrival does not matter.
    """
    joined = set(copy_groups(s, document_ids).values())
    if len(joined) > 1:
        copy_group = min(joined)
        s.execute(_RENAME_COPY_GROUPS, {"ids": sorted(joined - {copy_group}), "shared": copy_group})


_RENAME_COPY_GROUPS = (
    update(Matches).where(Matches.copy_group.in_(IDS)).values(copy_group=bindparam("shared"))
)
