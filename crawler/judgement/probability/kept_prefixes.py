"""The vocabulary of the sentence encoder as bytes, which all processes map.

As a dict of 250,000 strings it took 31 MB, and whoever looked something up in it made pages of it
its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final
from zlib import crc32

_REMEMBERED = 8192  # prefixes: nine of ten lookups are of one that was just looked up
_NUMBER: Final = "I"


def blocks_of(numbers: Mapping[str, int]) -> list[memoryview]:
    """Return what `KeptPrefixes` reads: a hash table with linear probing over these prefixes.

    The blocks are the prefixes as one text, where each of them ends, their numbers, and the slots:
    the position of a prefix, from 1 on; 0 where a slot is free. Half of them are.
    """
    encoded = [prefix.encode() for prefix in numbers]
    slots = array(_NUMBER, bytes(4 << (2 * len(encoded)).bit_length()))
    mask = len(slots) - 1
    for position, prefix in enumerate(encoded, start=1):
        slot = crc32(prefix) & mask
        while slots[slot]:
            slot = (slot + 1) & mask
        slots[slot] = position
    ends = array(_NUMBER, accumulate(map(len, encoded), initial=0))
    columns = (b"".join(encoded), ends, array(_NUMBER, numbers.values()), slots)
    return [memoryview(one).cast("B") for one in columns]


class KeptPrefixes:
    """Finds the number of a prefix in what `blocks_of` made, as a dict does."""

    def __init__(self, blocks: Sequence[memoryview]) -> None:
        self._text = blocks[0]
        self._ends: memoryview[int]
        self._numbers: memoryview[int]
        self._slots: memoryview[int]
        self._ends, self._numbers, self._slots = (one.cast(_NUMBER) for one in blocks[1:])
        self.get = lru_cache(_REMEMBERED)(self._find)

    def _find(self, prefix: str) -> int | None:
        wanted, ends, slots = prefix.encode(), self._ends, self._slots
        mask = len(slots) - 1
        slot = crc32(wanted) & mask
        while position := slots[slot]:
            if self._text[ends[position - 1] : ends[position]] == wanted:
                return self._numbers[position - 1]
            slot = (slot + 1) & mask
        return None
