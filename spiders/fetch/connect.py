"""A TCP connection through the address gate, for what is not fetched by Scrapy: mail servers."""

from __future__ import annotations

import contextlib
import socket
from ipaddress import ip_address

from spiders.fetch.private_networks import PRIVATE, is_public
from spiders.fetch.refusals import Refusal


def connect(host: str, port: int, allowed: frozenset[str], timeout_s: float) -> socket.socket:
    """Connect to `host`. The name is resolved once, and only public addresses are tried, unless
    "host:port" is among the `allowed`.

    Raises Refusal ("private_address"), or an OSError if nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    is_open = f"{host.lower()}:{port}" in allowed
    addresses = [
        address
        for _, _, _, _, address in found
        if is_open or is_public(ip_address(str(address[0]).partition("%")[0]))
    ]
    if not addresses:
        raise Refusal("private_address", PRIVATE.format(host=host))
    *others, last = addresses
    for address in others:
        with contextlib.suppress(OSError):
            return socket.create_connection((str(address[0]), port), timeout_s)
    return socket.create_connection((str(last[0]), port), timeout_s)
