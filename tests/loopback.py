"""What all HTTP servers of tests do, whatever each of them answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import TypeVar

HTML = "text/html; charset=utf-8"
_Server = TypeVar("_Server", bound=HTTPServer)


class Handler(BaseHTTPRequestHandler):
    """Sends an answer whole, and logs nothing."""

    def answer(
        self,
        body: bytes = b"",
        content_type: str = HTML,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def at_work(server: _Server) -> Iterator[_Server]:
    """Serve in a thread of its own until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(handler: type[Handler], host: str = "127.0.0.1") -> Iterator[int]:
    """A server on a free port, which is the value."""
    with at_work(ThreadingHTTPServer((host, 0), handler)) as server:
        yield server.server_port
