"""The demo's site as a process: an HTTP server for each outlet, on neighbouring loopback ports; and
the configuration that crawls it.
"""

from __future__ import annotations

import errno
import hashlib
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from spiders.demo.site import OUTLETS, HttpAnswer, Pages, build_site, templates

NOT_FOUND = HttpAnswer(b"<h1>404</h1>", status=404)
# A fixed port, so that a second demo finds its documents at the addresses that it knows.
USUAL_PORT = 28640
ATTEMPTS = 50  # to find as many neighbouring free ports as there are outlets


class OutletServer(ThreadingHTTPServer):
    """One outlet's host."""

    daemon_threads = True

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.pages = pages
        super().__init__((host, port), OutletHandler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing if the client hung up, as a crawler does at its size limit."""
        if not isinstance(sys.exception(), ConnectionError):
            # typeshed knows requests as sockets only
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class OutletHandler(BaseHTTPRequestHandler):
    """Answers with the outlet's pages. `{base}` in a body becomes the outlet's own address."""

    protocol_version = "HTTP/1.1"
    server: OutletServer

    def do_GET(self) -> None:
        answer = self.server.pages.get(urlsplit(self.path).path, NOT_FOUND)
        body = answer.body.replace(b"{base}", f"http://{self.headers['Host']}".encode())
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if answer.status == 200 and self.headers["If-None-Match"] == tag:
            answer, body = HttpAnswer(status=304), b""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the crawl says what it fetched."""


def start(host: str, port: int) -> tuple[int, list[OutletServer]]:
    """Serves all outlets in threads: (first port, servers); port 0: the usual. Raises OSError."""
    site = build_site()
    for first in (port,) if port else (USUAL_PORT, *[0] * ATTEMPTS):
        with suppress(OSError):
            servers = _listen(host, first, site)
            for server in servers:
                threading.Thread(target=server.serve_forever, daemon=True).start()
            return servers[0].server_port, servers
    raise OSError(errno.EADDRINUSE, "the ports are taken")


def _listen(host: str, first: int, site: dict[str, Pages]) -> list[OutletServer]:
    """A server for each outlet, on ports from `first` on (0: any). Raises OSError."""
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


# --- the configuration with which the demo crawls its own site ------------------------------------

_SOURCES = (  # kind, path, language
    ("feed", "/feed/", "fr"),
    ("feed", "/atom.xml", "ar"),
    ("sitemap", "/sitemap-news.xml", "en"),
    ("listing", "/news/", "es"),
)


def demo_configuration(address: str) -> str:
    """The accordwatch.yaml for the site at `address` (http://host:port of its first outlet)."""
    parts = urlsplit(address)
    first = parts.port or 80
    sources = [
        {
            "id": key,
            "name": name,
            "kind": kind,
            "host": f"{parts.hostname}:{first + number}",
            "path": path,
            "language": language,
        }
        for number, ((key, name), (kind, path, language)) in enumerate(
            zip(OUTLETS.items(), _SOURCES, strict=True)
        )
    ]
    return templates().get_template("accordwatch.yaml.j2").render(sources=sources)
