"""Which addresses may be fetched: http and https, and no private network.

The configuration can make exceptions for a host and port.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from storage.addresses import PORTS

Address = IPv4Address | IPv6Address
PRIVATE = "{host} is a private address; to fetch it, list it as host:port under crawl.allow_private"

# Our own tables, from IANA's registries of special-purpose addresses (RFC 6890): the ranges that
# `is_global` of the standard library knows differ between versions of Python.
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
            "192.0.0.0/24",  # protocol assignments; a cloud provider serves secrets at 192.0.0.192
            "192.0.2.0/24",
            "192.31.196.0/24",  # AS112: name servers for private addresses, often one's own
            "192.52.193.0/24",  # relays of multicast (RFC 7450)
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",  # AS112, too
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
# All addresses that are assigned; everything outside is local, reserved or not assigned.
_UNICAST_6 = IPv6Network("2000::/3")
_RESERVED_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
# A backslash, also escaped, ends the host for some parsers and belongs to a password for others.
_BENT = re.compile(r"\\|%5c", re.IGNORECASE)
# ISATAP (RFC 5214): behind any prefix stands one of these, and then an IPv4 address.
_ISATAP = (0x00005EFE, 0x02005EFE)


def literal_address(host: str) -> Address | None:
    """The address that `host` spells in any form that connect() takes; None for a name."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet. If traffic to an IPv6 address ends at an
    IPv4 address that is embedded in it, that one decides.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _RESERVED_4)
    inner = _ends_at(address)
    if inner:
        return all(is_public(one) for one in inner)
    return address in _UNICAST_6 and not any(address in network for network in _RESERVED_6)


def _ends_at(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to.

    These are embedded in mapped, NAT64, ISATAP, 6to4 and Teredo (server and client) addresses.
    Compatible (::a.b.c.d) and translated (::ffff:0:a.b.c.d) addresses are outside of 2000::/3, and
    therefore refused anyway.
    """
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    found = address.ipv4_mapped or address.sixtofour
    return (found,) if found else address.teredo or ()


def refuse(url: str, allowed: frozenset[str]) -> tuple[str, str] | None:
    """Return (reason, sentence) if `url` must not be fetched; None if it may. A host name is judged
    later, when it is resolved. `allowed` holds the "host:port" of private servers that the
    configuration allows.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "scheme", f"{url[:200]}: is not a URL"
    if _BENT.search(parts.netloc):
        return "scheme", f"{url[:200]}: is not a URL, since a backslash stands before its path"
    if parts.scheme not in ("http", "https") or not host:
        return "scheme", f"{url[:200]}: only http and https are fetched"
    address = literal_address(host)
    if address is None or is_public(address):
        return None
    if f"{host}:{port or PORTS[parts.scheme]}" in allowed:
        return None
    return "private_address", PRIVATE.format(host=host)
