"""A small reverse proxy on real sockets: /watch/... of its own is the page behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from tests import loopback

_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "keep-alive"})


@contextmanager
def proxying(backend: int, prefix: str, *, strips: bool, scheme: str = "https") -> Iterator[int]:
    """Serve as long as the block lasts; the value is the proxy's port.

    It says which `scheme` it was asked by, as one that ends TLS does, and strips the prefix or not.
    """

    class Handler(loopback.Handler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not (self.path + "/").startswith(f"{prefix}/"):
                self.send_error(404, "outside of what is proxied")
                return
            path = (self.path[len(prefix) :] or "/") if strips else self.path
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sent = dict(self.headers.items())
            sent |= {"X-Forwarded-Proto": scheme, "X-Forwarded-For": self.client_address[0]}
            connection = HTTPConnection("127.0.0.1", backend, timeout=30)
            connection.request(self.command, path, body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP | {"content-length", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_POST = do_GET

    with loopback.answering(Handler) as port:
        yield port
