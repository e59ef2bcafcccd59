"""Answers compressed on their way, where nobody can learn something from their length."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_LEAST = 1_000  # bytes; below that the headers are most of an answer
_LEVEL = 4  # 300 kB take 6 ms of processor; level 9, which is the usual one, takes 16


class Compressed:
    """ASGI middleware: gzip for clients that accept it.

    BREACH needs a foreign site that makes a reader's browser ask us again and again, with guesses
    in the address that stand beside the page's secrets: what another site asks is not compressed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=_LEAST, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_of_another_site(Headers(scope=scope)):
            await self._plain(scope, receive, send)
            return
        await self._compressed(scope, receive, send)


def _is_of_another_site(headers: Headers) -> bool:
    """What every browser says of its own accord, on https and on loopback."""
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
