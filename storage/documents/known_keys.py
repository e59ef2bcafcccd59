"""What a batch of documents would be found by, looked up at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import select

from storage.addresses.hosts import site_of
from storage.addresses.keys import key_of
from storage.database.session import Session
from storage.database.statements import IDS, hash_of, rows_of
from storage.documents.copies import shared_bands
from storage.documents.documents import identity_of
from storage.documents.site_bands import band_keys, bands_among
from storage.documents.tables import Documents
from storage.records import Judged


class KnownKeys:
    """By what the documents of a batch would be found if they, or copies, were stored already.

    It is asked for the whole batch at once. What it does not know is certainly new; what it knows
    has to be looked up.
    """

    def __init__(self, s: Session, judged: Sequence[Judged]) -> None:
        self._keys = [set(keys_to_find(one)) for one in judged]
        self.look_up(s, 0)

    def look_up(self, s: Session, first: int) -> None:
        """Ask for the documents from index `first` on: of what was stored, more may have changed
        than `note` was told.
        """
        asked: dict[str, set[Any]] = defaultdict(set)
        for kind, key in chain.from_iterable(self._keys[first:]):
            asked[kind].add(key)
        self.known: set[tuple[str, Any]] = set()
        for kind, statement in _STORED_KEYS.items():
            self.known.update((kind, row[0]) for row in rows_of(s, statement, asked[kind]))
        self.known.update(("band", band) for band in bands_among(s, asked["band"]))
        self.known.update(("copy", band) for band in shared_bands(s, asked["copy"]))

    def is_new(self, index: int) -> bool:
        """Whether nothing is stored that could be this document, the same text, or a copy that a
        report shares its copy group with.
        """
        return self.known.isdisjoint(self._keys[index])

    def note(self, index: int) -> None:
        """Note that a document of the batch is stored, or about to be."""
        self.known |= self._keys[index]


def keys_to_find(one: Judged) -> Iterator[tuple[str, Any]]:
    """Yield what `find`, `find_copy` and the twins of a document look for, and of a report what its
    near duplicates are found by.
    """
    document, fingerprint = one.document, one.fingerprint
    yield "identity", identity_of(document, fingerprint)
    if document.url is not None:
        yield "url", hash_of(key_of(document.url))
        yield "text", fingerprint.text_hash
        site = site_of(document.url)
        yield from (("band", band) for band in band_keys(site, fingerprint))
    if one.verdict.relevant:
        yield from (("copy", (fingerprint.algorithm, band)) for band in fingerprint.bands)


_STORED_KEYS = {
    kind: select(column).where(column.in_(IDS))
    for kind, column in (
        ("identity", Documents.identity),
        ("url", Documents.url_hash),
        ("text", Documents.text_hash),
    )
}
