"""What a crawl process reads on stdin: first its specification, later orders, each a JSON line."""

from __future__ import annotations

import os

from pydantic import BaseModel, ConfigDict

from storage.records import Source

STDIN = 0
_CHUNK = 65_536


class Joining(BaseModel):
    """An order: to look also at these sources, which became due while the crawl was at work.

    `last`: the crawl begins nothing new after that, because the configuration has changed and the
    next crawl is to begin with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = ()
    last: bool = False


class Orders:
    """Reads lines from a file descriptor. Python's file objects would read ahead, and the event
    loop would not see what has already arrived.
    """

    def __init__(self, descriptor: int = STDIN) -> None:
        self.descriptor = descriptor
        self.ended = False
        self._rest = b""

    def first(self) -> bytes:
        """Waits for the first line. If the input ends before there is one, returns what came."""
        while b"\n" not in self._rest and not self.ended:
            self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def more(self) -> list[bytes]:
        """The lines that are complete now. To be called when something can be read; else it
        blocks.
        """
        self._take()
        return self.at_hand()

    def at_hand(self) -> list[bytes]:
        """The lines that were read already, such as those that came together with the first one."""
        *lines, self._rest = self._rest.split(b"\n")
        return lines

    def _take(self) -> None:
        chunk = os.read(self.descriptor, _CHUNK)
        self._rest += chunk
        self.ended = not chunk
