"""The demo's site as a process: one HTTP server an outlet, on neighbouring ports of a loopback address."""

from __future__ import annotations

import errno
import hashlib
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from spiders.demo.site import OUTLETS, Answer, Pages, build_site

NOT_FOUND = Answer(b"<h1>404</h1>", status=404)
USUAL_PORT = (
    28640  # so that the demo, run again, finds its documents at the addresses that it knows
)
ATTEMPTS = 50  # searches for as many neighbouring free ports as there are outlets


class OutletServer(ThreadingHTTPServer):
    """One outlet's host."""

    daemon_threads = True

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.pages = pages
        super().__init__((host, port), OutletHandler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Silent where a client hung up, as a crawler does over its size limit."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typeshed: a socket only


class OutletHandler(BaseHTTPRequestHandler):
    """Answers from the outlet's pages; `{base}` in a body becomes the outlet's own address."""

    protocol_version = "HTTP/1.1"
    server: OutletServer

    def do_GET(self) -> None:
        answer = self.server.pages.get(urlsplit(self.path).path, NOT_FOUND)
        body = answer.body.replace(b"{base}", f"http://{self.headers['Host']}".encode())
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if answer.status == 200 and self.headers["If-None-Match"] == tag:
            answer, body = Answer(status=304), b""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the crawl tells what it fetched."""


def start(host: str, port: int) -> tuple[int, list[OutletServer]]:
    """Serves all outlets in threads; (first port, servers). Port 0: the usual one, or any that is free.

    Raises OSError if the ports are taken.
    """
    site = build_site()
    for first in (port,) if port else (USUAL_PORT, *[0] * ATTEMPTS):
        with suppress(OSError):
            servers = _listen(host, first, site)
            for server in servers:
                threading.Thread(target=server.serve_forever, daemon=True).start()
            return servers[0].server_port, servers
    raise OSError(errno.EADDRINUSE, "the ports are taken")


def _listen(host: str, first: int, site: dict[str, Pages]) -> list[OutletServer]:
    """A server an outlet, on neighbouring ports from `first` (0: any). Raises OSError, with none left open."""
    servers: list[OutletServer] = []
    try:
        for key in OUTLETS:
            port = servers[0].server_port + len(servers) if servers else first
            servers.append(OutletServer(host, port, site[key]))
    except OSError:
        for server in servers:
            server.server_close()
        raise
    return servers
