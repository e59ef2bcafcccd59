"""A connection to a mail server, by the addresses that its name has."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from spiders.fetch.refusals import Refusal
from spiders.mail.connection import connect


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that listens on 127.0.0.1 alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the mail server have these addresses."""
    look_up = socket.getaddrinfo

    def looked_up(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        names = addresses if host == "Mail.example" else (host,)
        return [found for name in names for found in look_up(name, port, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


def test_a_private_address_is_refused_unless_its_host_and_port_are_opened(port: int) -> None:
    with pytest.raises(Refusal) as caught:
        connect("127.0.0.1", port, frozenset({f"127.0.0.1:{port + 1}"}), 5)
    assert caught.value.reason == "private_address"
    with connect("127.0.0.1", port, frozenset({f"127.0.0.1:{port}"}), 5) as line:
        assert line.getpeername() == ("127.0.0.1", port)


def test_only_the_public_addresses_of_a_name_are_tried(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def refuse(address: tuple[str, int], timeout_s: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError(address[0])

    named(monkeypatch, "127.0.0.1", "93.184.215.14", "fe80::1%lo", "93.184.215.15")
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(ConnectionRefusedError, match=r"215\.15"):
        connect("Mail.example", port, frozenset(), 5)
    assert tried == ["93.184.215.14", "93.184.215.15"]


@pytest.mark.parametrize("addresses", [("127.0.0.9", "127.0.0.1"), ("127.0.0.1", "127.0.0.9")])
def test_each_address_is_tried_until_one_answers(port: int, addresses: tuple[str, ...]) -> None:
    with pytest.MonkeyPatch.context() as names:
        named(names, *addresses)
        line = connect("Mail.example", port, frozenset({f"mail.example:{port}"}), 5)
    with line:
        assert line.getpeername() == ("127.0.0.1", port)
