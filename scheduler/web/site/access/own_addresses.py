"""Addresses of our own, what a proxy in front says, and addresses of sources without secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from spiders.catalog.secrets import hide

_LONGEST_PATH = 2000
_IN_TEXT = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"']+", re.IGNORECASE)
HIDDEN = "***"


class Prefix:
    """ASGI middleware: the page lies under `root_path`, whether a proxy strips that or not."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app, self._root = app, root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root and scope["type"] == "http":
            path: str = scope["path"]
            whole = path if path.startswith(f"{self._root}/") else self._root + path
            if path == self._root:
                whole = f"{path}/"
            scope = {**scope, "root_path": self._root, "path": whole}
        await self._app(scope, receive, send)


class TrustedProxy:
    """ASGI middleware: of `proxies`, X-Forwarded-For and -Proto are believed, and the name of who
    has logged in there, in the header `login_header` ("" for none). Nobody else may say either.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str], login_header: str) -> None:
        trusting = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type]  # as ASGI
        self._app: Any = trusting if proxies else app
        self._networks = [ip_network(one, strict=False) for one in proxies]
        self._header = login_header.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "proxy_login": self._login(scope)}
        await self._app(scope, receive, send)

    def _login(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        try:
            is_trusted = any(ip_address(peer) in network for network in self._networks)
        except ValueError:  # a socket of this machine has no address
            return ""
        given = [value for name, value in scope["headers"] if name == self._header]
        if not self._header or not is_trusted or len(given) != 1:
            return ""  # of two, one is a stranger's that the proxy let through
        return str(given[0].decode("utf-8", "replace")).strip()


def own_path(request: HTTPConnection) -> str:
    """The path without what the page lies under."""
    root, path = request.scope.get("root_path", ""), request.scope["path"]
    return path[len(root) :] or "/" if root and _is_below(path, root) else path


def asked_address(request: HTTPConnection) -> str:
    """The whole address that was asked for, as RFC 3986 has it: quoted anew, since what arrives is
    decoded, or holds what its sender did not quote.
    """
    path = str(request.base_url).rstrip("/") + quote(own_path(request))
    query = urlencode(request.query_params.multi_items(), errors="replace")
    return f"{path}?{query}" if query else path


def safe_next(wanted: str) -> str:
    """Where to go after logging in: a path of our own, else the front page."""
    is_plain = wanted.isprintable() and "\\" not in wanted and len(wanted) <= _LONGEST_PATH
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    if not (is_plain and is_path) or wanted.partition("?")[0] in ("/login", "/logout"):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else wanted


def without_secrets(url: str) -> str:
    """The address of a source without user, password, parameters and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def error_without_secrets(text: str, url: str) -> str:
    """What went wrong at an address, without what its parameters say and without those of other
    addresses.
    """
    shown = _IN_TEXT.sub(lambda found: without_secrets(found[0]), text)
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    user = parts.netloc.rpartition("@")[0]
    for secret in (parts.query, user, parts.fragment):
        shown = hide(shown, secret) if secret else shown
    return shown.replace(unquote(user), HIDDEN) if user else shown


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")
