"""A network of its own for each process, as if it stood on a machine of its own.

Namespaces of the kernel hang on a bridge, which has the addresses of the web; it needs root and
`ip`. PostgreSQL is reached through its socket, which is a file and needs no network.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

NETWORK = "10.231"
_BRIDGE = "aw-bridge"


@contextmanager
def namespaces(names: Sequence[str], addresses: Sequence[str]) -> Iterator[dict[str, list[str]]]:
    """With what the command line of each process has to begin, by its name."""
    made = [f"aw-{number}" for number in range(len(names))]
    _ip("link", "add", _BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{NETWORK}.0.1/16", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        for address in addresses:
            _ip("addr", "add", f"{address}/32", "dev", _BRIDGE)
        for number, one in enumerate(made):
            _add(number, one)
        yield {name: ["ip", "netns", "exec", one] for name, one in zip(names, made, strict=True)}
    finally:
        for one in made:
            subprocess.run(["ip", "netns", "del", one], check=False)  # which may not be there yet
        _ip("link", "del", _BRIDGE)


def _add(number: int, name: str) -> None:
    cable = f"aw-cable-{number}"
    _ip("netns", "add", name)
    _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
    _ip("link", "set", cable, "master", _BRIDGE, "up")
    _ip("-n", name, "addr", "add", f"{NETWORK}.255.{number + 1}/16", "dev", "eth0")
    for device in ("eth0", "lo"):
        _ip("-n", name, "link", "set", device, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
