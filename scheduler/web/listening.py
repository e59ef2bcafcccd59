"""Sockets on which our servers listen."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from storage.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen. Port 0 takes a free one."""

    host: str
    port: int


def parse_listen(written: str) -> Listen:
    """Reads an address such as "127.0.0.1:9180". Raises ConfigurationError for anything else."""
    host, _, port = written.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(
            f"{written!r} is not an address to listen on; write one like 127.0.0.1:9180"
        )
    return Listen(host.strip("[]"), int(port))


def listening_at(place: Listen, choose: str) -> socket.socket:
    """A socket that listens.

    Raises ConfigurationError for an address that is taken or forbidden. `choose` says how to choose
    another one.
    """
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((place.host, place.port))
        listening.listen(128)  # who comes before all is loaded waits
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {place.host}:{place.port}: {error.strerror}; {choose}"
        ) from error
    return listening
