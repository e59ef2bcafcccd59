"""A server that speaks as much of the OpenAI chat API as a second reader asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests import loopback

USAGE = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
Answer = Callable[[dict[str, Any]], "Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends: a chat's answer if `text` is given, with `more` fields of its message,
    else `body` as it is; `again_s`: it is sent again each time when these seconds are over, without
    an end.
    """

    text: Any = None
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    finish: str = "stop"
    usage: Any = field(default_factory=USAGE.copy)
    again_s: float | None = None


@dataclass
class ChatServer:
    """`answer` is called for each request with its body; `asked` has the bodies, `keys` the
    Authorization headers. Nothing is sent while `gate` is closed.
    """

    answer: Answer
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    sent_bytes: int = 0


@contextmanager
def chat_server(answer: Answer) -> Iterator[ChatServer]:
    """Serve on a free port of this machine until the block ends."""
    serving = ChatServer(answer)
    serving.gate.set()
    closing = threading.Event()

    class Handler(loopback.Handler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            serving.asked.append(body)
            serving.keys.append(self.headers.get("Authorization", ""))
            serving.gate.wait(30)
            reply = serving.answer(body)
            sent = _completion(reply) if reply.text is not None or reply.more else reply.body
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.again_s is None:
                    self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)
                while reply.again_s is not None and not closing.wait(reply.again_s):
                    self.wfile.write(sent)
                    serving.sent_bytes += len(sent)
            except ConnectionError:
                pass  # who asked has gone

    with loopback.answering(Handler) as port:
        serving.url = f"http://127.0.0.1:{port}/v1"
        try:
            yield serving
        finally:
            serving.gate.set()
            closing.set()


def _completion(reply: Reply) -> bytes:
    message = {"role": "assistant", "content": reply.text, **reply.more}
    choice = {"index": 0, "finish_reason": reply.finish, "message": message}
    done = {"id": "c", "object": "chat.completion", "choices": [choice], "usage": reply.usage}
    return json.dumps(done).encode()
