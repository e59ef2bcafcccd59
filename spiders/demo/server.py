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

from spiders.demo.site import OUTLETS, HttpAnswer, Pages, build_site

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

PATHS = {
    "courrier": ("feed", "/feed/", "fr", ""),
    "nafida": ("feed", "/atom.xml", "ar", ""),
    "monitor": ("sitemap", "/sitemap-news.xml", "en", ""),
    "bulletin": ("listing", "/news/", "es", "\n    link_selector: main h3 a"),
}


def demo_configuration(address: str) -> str:
    """The accordwatch.yaml for the site at `address` (http://host:port of its first outlet)."""
    parts = urlsplit(address)
    first = parts.port or 80
    hosts = {key: f"{parts.hostname}:{first + number}" for number, key in enumerate(OUTLETS)}
    allowed = ", ".join(f'"{host}"' for host in hosts.values())
    sources = "\n".join(_source(key, host) for key, host in hosts.items())
    return f"""# Written by `accordwatch demo`: a local news site, one subscription to all.
database: sqlite:///accordwatch.db
known_agreements: false  # the demo shows what it crawls, and nothing else

crawl:
  contact: demo@accordwatch.example
  # the demo's own site; other private addresses are refused
  allow_private: [{allowed}]
  max_bytes: 2097152
  patience_s: 0

sources:
{sources}

alerts:
  max_age_days: 36500  # the demo's articles are old; a real watch keeps 30

channels:
  - id: files
    kind: file  # .eml and .html in digests/

subscriptions:
  - id: demo
    name: Agreements of the demo
    channels: [files]
    rate: immediately
"""


def _source(key: str, host: str) -> str:
    kind, path, language, extra = PATHS[key]
    return f"""  - id: {key}
    name: {OUTLETS[key]}
    kind: {kind}
    url: http://{host}{path}
    language: {language}
    delay_s: 0  # our own server: no need to be slow{extra}"""
