"""Which addresses may be fetched: http(s), no private network, except each host and port that was opened for it."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
Address = IPv4Address | IPv6Address
PRIVATE = "{host} is a private address; list it as host:port under crawl.allow_private if it is meant"


def literal_address(host: str) -> Address | None:
    """The address that `host` spells, in every form that connect() takes (127.1, 0x7f000001, ::1); None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet; an IPv4 address inside an IPv6 one decides."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def refuse(url: str, allowed: frozenset[str]) -> tuple[str, str] | None:
    """(reason, sentence) if `url` must not be fetched as it is written; None where only its name's address decides.

    `allowed` holds "host:port" of private servers that the configuration opened.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "scheme", f"{url[:200]}: not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "scheme", f"{url[:200]}: only http and https are fetched"
    address = literal_address(host)
    if address is None or is_public(address) or f"{host}:{port or _default_port(parts.scheme)}" in allowed:
        return None
    return "private_address", PRIVATE.format(host=host)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def host_and_port(url: str) -> str:
    """ "host:port" of an http(s) URL: the name of its politeness slot."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or _default_port(parts.scheme)}"
