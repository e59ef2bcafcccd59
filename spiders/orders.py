"""What whoever started a crawl tells it, a JSON line each: first the specification, later sources that became due."""

from __future__ import annotations

import os

from pydantic import BaseModel, ConfigDict

from storage.records import Source

STDIN = 0
_CHUNK = 65_536


class Joining(BaseModel):
    """Sources that became due while the crawl was at work; it looks at them beside those that it has.

    `last`: it begins nothing new after that, because another crawl is to begin with a changed configuration.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = ()
    last: bool = False


class Orders:
    """Lines from a descriptor. Python's own file objects read ahead, which hides from the event loop what has come."""

    def __init__(self, descriptor: int = STDIN) -> None:
        self.descriptor = descriptor
        self.ended = False
        self._rest = b""

    def first(self) -> bytes:
        """The first line, waited for; what came before the end where there is no line."""
        while b"\n" not in self._rest and not self.ended:
            self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def more(self) -> list[bytes]:
        """The lines that are complete now; to be called where something can be read, or it waits."""
        self._take()
        return self.at_hand()

    def at_hand(self) -> list[bytes]:
        """The lines that were read already, such as those that came together with the first."""
        *lines, self._rest = self._rest.split(b"\n")
        return lines

    def _take(self) -> None:
        chunk = os.read(self.descriptor, _CHUNK)
        self._rest += chunk
        self.ended = not chunk
