"""Which addresses may be fetched: http(s), no private network, except each host and port that was opened for it."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
PRIVATE = (
    "{host} is a private address; list it as host:port under crawl.allow_private if it is meant"
)

# Our own tables, after IANA's registries of special-purpose addresses (RFC 6890): `is_global` of the standard library
# knows different ranges from one Python to the next.
_RESERVED_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocol assignments; one cloud answers for its machines' secrets at 192.0.0.192
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
_UNICAST_6 = IPv6Network(
    "2000::/3"
)  # all that is given out; what lies outside is local, reserved or not assigned
_RESERVED_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


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
    """Whether an address belongs to the open internet. Where traffic to an IPv6 address ends at an IPv4 address inside
    it, that one decides."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _RESERVED_4)
    inner = _ends_at(address)
    if inner:
        return all(is_public(one) for one in inner)
    return address in _UNICAST_6 and not any(address in network for network in _RESERVED_6)


def _ends_at(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, NAT64, 6to4, Teredo (server and client). Compatible
    (::a.b.c.d) and translated (::ffff:0:a.b.c.d) ones lead nowhere that is public, and lie outside 2000::/3."""
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    found = address.ipv4_mapped or address.sixtofour
    return (found,) if found else address.teredo or ()


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
    if (
        address is None
        or is_public(address)
        or f"{host}:{port or _default_port(parts.scheme)}" in allowed
    ):
        return None
    return "private_address", PRIVATE.format(host=host)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def host_and_port(url: str) -> str:
    """ "host:port" of an http(s) URL: the name of its politeness slot."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or _default_port(parts.scheme)}"
