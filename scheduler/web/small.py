"""The daemon's own small web server: /healthz, /metrics, /unsubscribe.

It answers a few requests an hour, for which the standard library's server is enough.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from scheduler.configuration.config import Configuration
from scheduler.web.answers import UnsubscribePage, ask_to_unsubscribe, healthz, unsubscribe
from scheduler.web.metrics import METRICS_TYPE, metrics
from storage.database.session import Database
from storage.errors import ConfigurationError, DatabaseError

_HTML = "text/html; charset=utf-8"
_MAX_BODY = 4096  # a one-click POST has 26 bytes
_TIMEOUT_S = 10.0  # for a client that does not finish its request
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen. Port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Served:
    """What the answers are made of. All but the database is asked for again each time."""

    database: Database
    chosen: Callable[[], Configuration]
    stuck: Callable[[], list[str]]
    failing: Callable[[], Mapping[str, str]]


def parse_listen(written: str) -> Listen:
    """Reads an address such as "127.0.0.1:9180". Raises ConfigurationError for anything else."""
    host, _, port = written.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(
            f"{written!r} is not an address to listen on; write one like 127.0.0.1:9180"
        )
    return Listen(host.strip("[]"), int(port))


@contextmanager
def serving(listen: Listen, served: Served) -> Iterator[str]:
    """Serve in other threads while the block runs. The value of the block is the address."""
    handler = type("Handler", (_Handler,), {"served": served})
    try:
        server = ThreadingHTTPServer((listen.host, listen.port), handler)
    except OSError as error:
        place = f"{listen.host}:{listen.port}"
        raise ConfigurationError(
            f"cannot listen on {place}: {error.strerror}; choose another with --listen"
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="web", daemon=True
    )
    thread.start()
    try:
        yield f"http://{listen.host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Served
    timeout = _TIMEOUT_S
    server_version, sys_version = "Accordwatch", ""

    def do_GET(self) -> None:
        served, now = self.served, datetime.now(UTC)
        path = urlsplit(self.path).path
        try:
            if path == "/healthz":
                strict = "strict" in parse_qs(urlsplit(self.path).query, keep_blank_values=True)
                stuck, failing = served.stuck(), served.failing()
                health = healthz(
                    served.database, served.chosen(), stuck, failing, now, strict=strict
                )
                self._answer(health.code, "application/json", json.dumps(health.said).encode())
            elif path == "/metrics":
                self._answer(200, METRICS_TYPE, metrics(served.database, served.chosen(), now))
            elif path == "/unsubscribe":
                self._show(ask_to_unsubscribe(served.database, served.chosen(), self._token()))
            else:
                self._answer(404, "text/plain", b"not here\n")
        except DatabaseError as error:
            self._answer(503, "text/plain", f"{error}\n".encode())

    def do_POST(self) -> None:
        self._drain()
        if urlsplit(self.path).path != "/unsubscribe":
            self._answer(404, "text/plain", b"not here\n")
            return
        try:
            page = unsubscribe(
                self.served.database, self.served.chosen(), self._token(), datetime.now(UTC)
            )
        except DatabaseError as error:
            self._answer(503, "text/plain", f"{error}\n".encode())
        else:
            self._show(page)

    def _token(self) -> str:
        return parse_qs(urlsplit(self.path).query).get("t", [""])[0]

    def _drain(self) -> None:
        length = self.headers.get("content-length", "0")
        self.rfile.read(min(int(length), _MAX_BODY) if length.isdigit() else 0)

    def _show(self, page: UnsubscribePage) -> None:
        self._answer(page.code, _HTML, page.html.encode())

    def _answer(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _CSP,
        }
        headers |= {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing, since the addresses of requests hold tokens."""
