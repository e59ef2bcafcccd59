"""Which stored agreement each newly partitioned one continues: pure, so that it can be reasoned about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Succession:
    """`ids[i]` is the id that agreement i keeps, or None for a new one; `merged` maps an id that ends to the
    index of the agreement that took most of its reports; `gone` are ids that no report is left for."""

    ids: tuple[int | None, ...]
    merged: Mapping[int, int]
    gone: tuple[int, ...]


def succeed(before: Mapping[int, Set[int]], after: Sequence[Set[int]]) -> Succession:
    """Match agreements before (id -> documents) with those after (documents, in canonical order).

    An agreement keeps the oldest id of those whose reports it holds; of a split one, the part with most of
    its reports keeps it (at equal numbers the first).
    """
    ids: list[int | None] = [None] * len(after)
    merged: dict[int, int] = {}
    gone: list[int] = []
    for old_id in sorted(before):
        shared = [len(before[old_id] & documents) for documents in after]
        heirs = [index for index, count in enumerate(shared) if count]
        free = [index for index in heirs if ids[index] is None]
        if free:
            ids[max(free, key=lambda index: shared[index])] = old_id
        elif heirs:
            merged[old_id] = max(heirs, key=lambda index: shared[index])
        else:
            gone.append(old_id)
    return Succession(tuple(ids), merged, tuple(gone))
