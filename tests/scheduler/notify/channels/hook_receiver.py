"""A real webhook receiver on the loopback that verifies with the reference library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from tests import loopback

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
    class Handler(loopback.Handler):
        def do_POST(self) -> None:
            receiver.attempts += 1
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.bodies.append(body)
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            if status < 300:
                verified = Webhook(receiver.secret).verify(body, dict(self.headers))
                receiver.accepted.append((self.headers["webhook-id"], verified))
            said = f"nothing at {self.path}" if receiver.echoes else receiver.said
            self.answer(said.encode(), status=status, headers=headers)

    with loopback.answering(Handler) as port:
        receiver.url = f"http://127.0.0.1:{port}/hook"
        yield receiver
