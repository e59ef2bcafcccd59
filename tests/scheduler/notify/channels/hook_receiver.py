"""A real webhook receiver on the loopback that verifies with the reference library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSByZWNlaXZlciE="
OLD_SECRET = "whsec_" + "YW4gb2xkZXIgc2VjcmV0IG9mIGl0IQ=="


@dataclass
class Receiver:
    """What arrived and was verified. `answers` (status, headers) are used up one by one, then 204."""

    secret: str = SECRET
    accepted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    attempts: int = 0
    echoes: bool = False  # an answer that is no success repeats the address, as many servers do
    said: str = ""  # the body of every answer
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""

    @property
    def ids(self) -> list[str]:
        return [message_id for message_id, _ in self.accepted]


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.attempts += 1
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.bodies.append(body)
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            if status < 300:
                verified = Webhook(receiver.secret).verify(body, dict(self.headers))
                receiver.accepted.append((self.headers["webhook-id"], verified))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            said = f"nothing at {self.path}".encode() if receiver.echoes else receiver.said.encode()
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
