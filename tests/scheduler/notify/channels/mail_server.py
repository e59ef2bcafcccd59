"""A real SMTP server on the loopback, that refuses, stalls and breaks off as a test asks."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = b"correct horse"


@dataclass
class MailServer:
    """What arrived, and how the server behaves. `replies` are answers to DATA, used up one by one,
    then 250.
    """

    port: int = 0
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    conversations: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self.replies.pop(0) if self.replies else "250 taken"
        if reply.startswith("250") or reply == "accept and drop":
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.contents.append(envelope.content)
            self.accepted += [(recipient, message) for recipient in envelope.rcpt_tos]
        if reply.endswith("drop"):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for _, message in self.accepted]

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.accepted]


@contextmanager
def serving(
    server: MailServer, *, tls: ssl.SSLContext | None = None, implicit: bool = False
) -> Iterator[MailServer]:
    """Serve on a free port: with `tls` STARTTLS (TLS from the start if `implicit`) and a login."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        server.conversations += 1
        options: dict[str, Any] = {"hostname": "mail.example", "loop": loop}
        if tls is not None:
            options |= {"authenticator": _let_in, "auth_require_tls": not implicit}
        return SMTP(server, tls_context=None if implicit else tls, **options)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    starting = loop.create_server(protocol, "127.0.0.1", server.port, ssl=tls if implicit else None)
    # Not in this thread, in which a browser's loop may run.
    listening = asyncio.run_coroutine_threadsafe(starting, loop).result(5)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    if hasattr(listening, "close_clients"):  # Python 3.13
        listening.close_clients()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _let_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
) -> AuthResult:
    right = isinstance(login, LoginPassword) and login.password == PASSWORD
    return AuthResult(
        success=right, handled=right, message=None if right else "535 5.7.8 wrong password"
    )
