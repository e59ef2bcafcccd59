"""Connections on which nothing whole arrives end: uvicorn waits for a request as long as it takes.

Without it, some hundred clients that send a byte now and then hold a page without a proxy for ever.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class ImpatientProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]  # of two, the installed
    """uvicorn's protocol, with a limit from the first byte of a request, or from connecting, to its
    end. A request has at most 64 KiB (`guard.MAX_BODY`), which a slow line sends in seconds.
    """

    limit_s: ClassVar[float] = 20.0
    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_whole():
            self._let_be()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_be()
        super().connection_lost(exc)

    def _is_whole(self) -> bool:
        """Whether all of a request is there, and its answer under way."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def _watch(self) -> None:
        if self._ending is None:
            self._ending = self.loop.call_later(self.limit_s, self._end)

    def _let_be(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self) -> None:
        self._ending = None
        if not self._is_whole():
            self.transport.abort()  # who does not send would not take an answer either
