"""Tells systemd about our state: sd_notify(3), a datagram to the socket that it names."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

MICROSECONDS = 1_000_000


def notify(message: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send "READY=1", "WATCHDOG=1" and the like. Returns False if nobody listens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.sendto(message.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return False  # a manager that is gone is no reason to stop working
    return True


def watchdog_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd expects to hear from us, in seconds; None if it does not."""
    written = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(written) / MICROSECONDS if written.isdigit() and int(written) and meant else None
