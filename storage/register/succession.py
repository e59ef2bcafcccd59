"""Which stored agreement each newly partitioned one continues: pure, so that it can be reasoned about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

_NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Succession:
    """`ids[i]` is the id that agreement i keeps, or None for a new one; `merged` maps an id that ends to the
    index of the agreement that took most of its reports; `gone` are ids that no report is left for."""

    ids: tuple[int | None, ...]
    merged: Mapping[int, int]
    gone: tuple[int, ...]


def succeed(
    before: Mapping[int, Set[int]], after: Sequence[Set[int]], former: Mapping[int, int] = _NOTHING
) -> Succession:
    """Match agreements before (id -> documents) with those after (documents, in canonical order).

    An agreement keeps the oldest id of those whose reports it holds; of a split one, the part with most of
    its reports keeps it (at equal numbers the first). `former` goes before: the ids under which documents stood
    before a decision that was undone.
    """
    ids = _given_back(after, former)
    merged: dict[int, int] = {}
    gone: list[int] = []
    homes: dict[int, list[int]] = {}
    for index, documents in enumerate(after):
        for document_id in documents:
            homes.setdefault(document_id, []).append(index)
    for old_id in sorted(before):
        shared = Counter(
            index for document_id in before[old_id] for index in homes.get(document_id, ())
        )
        heirs = sorted(shared)
        free = [index for index in heirs if ids[index] is None]
        if old_id in ids:
            continue
        if free:
            ids[max(free, key=shared.__getitem__)] = old_id
        elif heirs:
            merged[old_id] = max(heirs, key=shared.__getitem__)
        else:
            gone.append(old_id)
    return Succession(tuple(ids), merged, tuple(gone))


def _given_back(after: Sequence[Set[int]], former: Mapping[int, int]) -> list[int | None]:
    """Each former id for the agreement with most of the reports that stood under it."""
    ids: list[int | None] = [None] * len(after)
    for old_id in sorted(set(former.values())):
        stood = {document_id for document_id, former_id in former.items() if former_id == old_id}
        shared = {
            index: len(stood & documents)
            for index, documents in enumerate(after)
            if ids[index] is None
        }
        best = max(shared, key=shared.__getitem__, default=None)
        if best is not None and shared[best]:
            ids[best] = old_id
    return ids
