"""Connections on which nothing whole arrives, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from scheduler.web.slow_clients import ImpatientProtocol


class Hasty(ImpatientProtocol):
    limit_s = 0.1


class Patient(ImpatientProtocol):
    """With more time than a test takes, however busy the machine is."""

    limit_s = 600.0


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Say how long the body was."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    said = str(len(body)).encode()
    headers = [(b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


@contextmanager
def connected(protocol: type[asyncio.Protocol]) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = uvicorn.Config(answer, http=protocol, lifespan="off", log_level="error")
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            with socket.create_connection(listening.getsockname(), timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(20)


def read_end(client: socket.socket) -> bytes:
    try:
        return client.recv(1000)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ",
     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"],
)  # fmt: skip
def test_what_does_not_become_whole_is_ended(begun: bytes) -> None:
    with connected(Hasty) as client:
        client.sendall(begun)
        assert read_end(client) == b""


def test_a_whole_request_may_be_answered_as_long_as_it_takes() -> None:
    watched = list[object]()

    class Looking(Patient):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            watched.append(self._ending)

    with connected(Looking) as client:
        for _ in range(2):
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwhole")
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
    assert set(watched) == {None}


def test_a_part_of_the_next_request_is_not_forgotten() -> None:
    class Changing(Patient):
        pass

    with connected(Changing) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        Changing.limit_s = 0.0
        client.sendall(b"GET / HTTP/1.1\r\nHo")
        assert read_end(client) == b""


def test_a_byte_now_and_then_puts_nothing_off() -> None:
    watched = list[object]()

    class Looking(Patient):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            watched.append(self._ending)

    with connected(Looking) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, piece in enumerate((b"GET / HT", b"TP/1.1\r\nHost", b": x\r\n"), start=1):
            client.sendall(piece)
            while len(watched) < number:  # so that each comes alone
                time.sleep(0.001)
        client.sendall(b"\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
    *waits, last = watched
    assert len(set(map(id, waits))) == 1
    assert waits[0] is not None
    assert last is None


def test_within_the_limit_a_request_may_come_in_pieces() -> None:
    with connected(Patient) as client:
        for piece in (b"GET / HT", b"TP/1.1\r\nHost", b": x\r\n", b"\r\n"):
            client.sendall(piece)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
