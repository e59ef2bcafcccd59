"""Documents that are found by others: copies of one text. Those whose texts are copies of one
another are in the same copy group. Also: the keys of a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from storage.addresses import key_of, site_of
from storage.database import sql
from storage.database.session import Session
from storage.documents.documents import identity_of
from storage.documents.site_bands import band_keys, bands_among
from storage.documents.tables import Bands, Documents, Matches, MatchRules, Texts
from storage.documents.verdicts import verdict_of
from storage.records import Fingerprint, Judged, Judgement


def near_duplicates(
    s: Session, fingerprint: Fingerprint, language: str, document_id: int | None = None
) -> dict[int, int]:
    """Return the relevant documents that may be copies of a text, without `document_id` itself.
    They are mapped to the number of bands that they share with it, most first. A shared band is
    only a hint: the caller has to compare the texts.
    """
    if not fingerprint.bands:
        return {}
    values = {"ids": fingerprint.bands, "algorithm": fingerprint.algorithm, "language": language}
    return {
        row.document_id: row.shared
        for row in s.execute(_SHARING_BANDS, values)
        if row.document_id != document_id
    }


def shared_bands(s: Session, wanted: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of these bands, given with their algorithms, that a relevant document has."""
    of_algorithm: dict[str, list[int]] = defaultdict(list)
    for algorithm, band in wanted:
        of_algorithm[algorithm].append(band)
    return {
        (algorithm, row.band)
        for algorithm, bands in of_algorithm.items()
        for chunk in sql.chunks(bands)
        for row in s.execute(_BANDS_AMONG, {"algorithm": algorithm, "ids": chunk})
    }


_BANDS_AMONG = (
    select(Bands.band)
    .where(Bands.algorithm == bindparam("algorithm"), Bands.band.in_(sql.IDS))
    .distinct()
)
_SHARED = func.count().label("shared")
_SHARING_BANDS = (
    select(Bands.document_id, _SHARED)
    .join(Documents, Documents.id == Bands.document_id)
    .where(Bands.algorithm == bindparam("algorithm"), Bands.band.in_(sql.IDS))
    .where(Documents.language == bindparam("language"))
    .group_by(Bands.document_id)
    .order_by(_SHARED.desc(), Bands.document_id)
)


# The most texts to compare with a new one, those with most shared bands first. This is enough: a
# copy also shares bands with the other texts of its group.
_MAX_COMPARED = 20


class PossibleCopy(NamedTuple):
    document_id: int
    copy_group: str
    text: str | None  # None if retention deleted it


def possible_copies(s: Session, document_id: int, judged: Judged) -> list[PossibleCopy]:
    """Return the relevant documents that may be copies of this one, the likeliest first."""
    sharing = near_duplicates(s, judged.fingerprint, judged.document.language, document_id)
    candidates = list(sharing)[:_MAX_COMPARED]
    groups = copy_groups(s, candidates)
    texts = sql.values_by(s, Texts.document_id, Texts.text, candidates)
    return [PossibleCopy(number, groups[number], texts.get(number)) for number in candidates]


def copy_groups(s: Session, document_ids: Collection[int]) -> dict[int, str]:
    return sql.values_by(s, Matches.document_id, Matches.copy_group, document_ids)


def join_copies(s: Session, document_ids: Collection[int]) -> None:
    """Put these documents in one copy group with all that share a group with one of them. It is the
    smallest of their text hashes, so that the order of arrival does not matter.
    """
    joined = set(copy_groups(s, document_ids).values())
    if len(joined) > 1:
        copy_group = min(joined)
        s.execute(_RENAME_COPY_GROUPS, {"ids": sorted(joined - {copy_group}), "shared": copy_group})


_RENAME_COPY_GROUPS = (
    update(Matches).where(Matches.copy_group.in_(sql.IDS)).values(copy_group=bindparam("shared"))
)


def stored_verdict(s: Session, document_id: int) -> Judgement:
    """Return the verdict on a stored document, with its clues and its quote."""
    match = s.execute(
        select(sql.plain(Matches), Documents.language.label("language"))
        .join(Documents, Documents.id == Matches.document_id)
        .where(Matches.document_id == document_id)
    ).one()
    rules = s.scalars(select(MatchRules.rule).where(MatchRules.document_id == document_id))
    verdict = replace(
        verdict_of(match, match.language),
        registers=match.registers is not False or not match.relevant,
        found_by=tuple(sorted(rules)) if match.relevant else (),
    )
    return Judgement(verdict, tuple(match.clues), match.quote)


# --- which keys of a batch are stored already -----------------------------------------------------


class KnownKeys:
    """The keys by which the documents of a batch would be found if they, or copies, were stored
    already, looked up for the whole batch at once. A document without a known key is certainly new;
    any other has to be looked up.
    """

    def __init__(self, s: Session, judged: Sequence[Judged]) -> None:
        self._keys = [set(keys_to_find(one)) for one in judged]
        self.look_up(s, 0)

    def look_up(self, s: Session, first: int) -> None:
        """Look up the keys of the documents from `first` on: more may be stored than noted."""
        wanted: dict[str, set[Any]] = defaultdict(set)
        for kind, key in chain.from_iterable(self._keys[first:]):
            wanted[kind].add(key)
        self.known: set[tuple[str, Any]] = set()
        for kind, column in _STORED_KEYS.items():
            self.known.update(
                (kind, key) for key in sql.values_among(s, column, column, wanted[kind])
            )
        self.known.update(("band", band) for band in bands_among(s, wanted["band"]))
        self.known.update(("copy", band) for band in shared_bands(s, wanted["copy"]))

    def is_new(self, index: int) -> bool:
        """Whether nothing is stored that could be this document, the same text, or a copy that a
        report shares its copy group with.
        """
        return self.known.isdisjoint(self._keys[index])

    def note(self, index: int) -> None:
        self.known |= self._keys[index]


def keys_to_find(judged: Judged) -> Iterator[tuple[str, Any]]:
    """Yield what a document is found by, and of a report what its near duplicates are found by."""
    document, fingerprint = judged.document, judged.fingerprint
    yield "identity", identity_of(document, fingerprint)
    if document.url is not None:
        yield "url", sql.hash_of(key_of(document.url))
        yield "text", fingerprint.text_hash
        site = site_of(document.url)
        yield from (("band", band) for band in band_keys(site, fingerprint))
    if judged.verdict.relevant:
        yield from (("copy", (fingerprint.algorithm, band)) for band in fingerprint.bands)


_STORED_KEYS: dict[str, Any] = {
    "identity": Documents.identity,
    "url": Documents.url_hash,
    "text": Documents.text_hash,
}
