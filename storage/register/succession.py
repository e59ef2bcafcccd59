"""Which stored agreement each newly partitioned one continues. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

_NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Succession:
    """Who keeps which id.

    `ids[i]` is the id that agreement i keeps, or None if it is new. `merged` maps each id that ends
    to the index of the agreement that took most of its reports. `gone` are the ids of agreements
    that have no report left.
    """

    ids: tuple[int | None, ...]
    merged: Mapping[int, int]
    gone: tuple[int, ...]


def succeed(
    before: Mapping[int, Set[int]], after: Sequence[Set[int]], former: Mapping[int, int] = _NOTHING
) -> Succession:
    """Match the agreements before (id -> documents) with those after (documents, in order).

    An agreement keeps the oldest of the ids whose reports it holds. If an agreement was split, the
    part with most of its reports keeps its id, or the first of several. `former` maps documents to
    the ids they had before a decision that was undone; these ids take precedence.
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
    """Assign each former id to the agreement with most of the reports that once had it."""
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
