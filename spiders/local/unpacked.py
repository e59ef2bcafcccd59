"""A part of a zip file, read onwards.

Zipfile unpacks a part again from its beginning for each step back, and from where it is to the end
to say how long it is. Readers of records do both for each record.
"""

from __future__ import annotations

import io
from typing import IO

_HELD = 1 << 18  # bytes that are kept for steps back: the readers step back over 64 KB at most


class Unpacked(io.RawIOBase):
    """The bytes of an opened part of a zip file, which has `size` of them."""

    def __init__(self, packed: IO[bytes], size: int) -> None:
        self._packed, self._size = packed, size
        self._held = b""  # what was read last
        self._held_at = 0
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(0, begins[whence] + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; fewer only at the end."""
        if not self._held_at <= self._at <= self._held_at + len(self._held):
            self._packed.seek(self._at)
            self._held, self._held_at = b"", self._at
        begins = self._at - self._held_at
        known = self._held[begins:] if size < 0 else self._held[begins : begins + size]
        fresh = self._packed.read(-1 if size < 0 else size - len(known))
        self._keep(fresh)
        self._at += len(known) + len(fresh)
        return known + fresh

    def _keep(self, fresh: bytes) -> None:
        if fresh:
            held = self._held + fresh
            self._held_at += max(0, len(held) - _HELD)
            self._held = held[-_HELD:]
