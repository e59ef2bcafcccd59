"""What every request passes: whose host it names, and which headers its answer carries.

A site of somebody else's that resolves its own name to 127.0.0.1 (DNS rebinding) is refused by the
name that it sends; a form that it posts, by the origin here and by the token that it cannot know.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scheduler.web.site.addresses import row_number
from scheduler.web.site.installation import Reach
from storage.phrases import Phrase

Failed = Callable[[Request, int, str, Mapping[str, str] | None], Response]
_log = logging.getLogger(__name__)
_CHARSET = re.compile(r"charset\*?\s*=\s*['\"]?([^'\";\s]*)", re.IGNORECASE)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would make a browser send our own forms with the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# A browser that came by https comes by https for a year. Only this host: others are not ours.
BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
MAX_BODY = 64 * 1024  # the longest form is a reason and a few fields


class Guard:
    """ASGI middleware: refuses foreign hosts and forms and large bodies, and adds HEADERS."""

    def __init__(self, app: ASGIApp, reach: Reach, failed: Failed) -> None:
        self._app, self._reach, self._failed = app, reach, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Whatever is there to be read has a head (RFC 9110, section 9.3.2); no route has to know.
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope = {**scope, "method": "GET"}
        has_begun = False
        secure = self._reach.secure_cookies or scope.get("scheme") == "https"
        added = HEADERS | BY_HTTPS if secure else HEADERS

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        refused = _refusal(scope["method"], Headers(scope=scope), self._reach)
        try:
            answer = self._failed(Request(scope), *refused, None) if refused else self._app
            await answer(scope, receive, send_guarded)
        except Exception:  # the process edge: a fault of ours is an answer like any other
            _log.exception("a fault of Accordwatch itself")
            if has_begun:
                raise
            fault = Phrase("An error in Accordwatch itself; its log on the server says more.")
            await self._failed(Request(scope), 500, fault, None)(scope, receive, send_guarded)


def _refusal(method: str, headers: Headers, reach: Reach) -> tuple[int, str] | None:
    """The status and the reason with which a request is refused; None if it may pass."""
    host = headers.get("host", "")
    bracketed, bracket, _ = host.lower().rpartition("]")  # of IPv6, before the port
    name = bracketed + bracket if bracket else host.lower().partition(":")[0]
    if not reach.answers_to(name):
        return 421, Phrase(
            "This page does not answer to that name: open http://127.0.0.1, or start it"
            " with --name and the name that it has."
        )
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    # A body that comes in chunks says nowhere how long it will be, whatever else it says. What is
    # deleted is named by its address: programs send no body, nor its length.
    written = headers.get("content-length", "0" if method == "DELETE" else "")
    if "transfer-encoding" in headers or not written:
        form = "The request did not state its length (Content-Length), so it was not read."
        return 411, Phrase(form)
    length = row_number(written)
    if length is None or length > MAX_BODY:
        return 413, Phrase("The form is too long.")
    charset = _CHARSET.search(headers.get("content-type", ""))
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        # Python decodes "unicode_escape" to halves of characters, which nothing can write.
        return 415, Phrase("Send the form in UTF-8.")
    site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
    is_foreign = origin is not None and origin.partition("://")[2] != host
    if is_foreign or site not in ("same-origin", "none"):
        return 403, Phrase("This form was sent by another site.")
    return None


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
        # Every browser says so of its own accord, on https and on loopback.
        site = "none"
        if scope["type"] == "http":
            site = Headers(scope=scope).get("sec-fetch-site", "none")
        is_ours = site in ("same-origin", "none")
        await (self._compressed if is_ours else self._plain)(scope, receive, send)
