"""What every request passes: whose host it names, and which headers its answer carries.

The page listens on loopback. A site of somebody else's that resolves its own name to 127.0.0.1
(DNS rebinding) is refused by the name that it sends; a form that it posts, by the origin and by the
token that it cannot know.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
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
MAX_BODY = 64 * 1024  # the longest form is a reason and a few fields


class Guard:
    """ASGI middleware: refuses foreign hosts, foreign forms and large bodies, and adds HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = _refusal(scope["method"], Headers(scope=scope))
        answer = PlainTextResponse(refused[1] + "\n", refused[0]) if refused else self._app
        await answer(scope, receive, send_guarded)


def _refusal(method: str, headers: Headers) -> tuple[int, str] | None:
    """The status and the reason with which a request is refused; None if it may pass."""
    host = headers.get("host", "")
    if _name(host) not in LOOPBACK:
        return 421, "this page answers on loopback only: open http://127.0.0.1"
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    length = headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_BODY:
        return 413, "the form is too long"
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return 403, "this form was sent by another site"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "this form was sent by another site"
    return None


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    bracketed, bracket, _ = host.rpartition("]")
    return bracketed + bracket if bracket else host.partition(":")[0]


def form_token(secret: bytes, action: str) -> str:
    """The token that a form to `action` carries."""
    return hmac.new(secret, action.encode(), hashlib.sha256).hexdigest()


def is_token(secret: bytes, action: str, token: str) -> bool:
    """Whether a form that came back carries its token (compared in constant time)."""
    return hmac.compare_digest(form_token(secret, action).encode(), token.encode())
