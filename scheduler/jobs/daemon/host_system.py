"""Tells systemd about our state: sd_notify(3), a datagram to the socket that it names."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from queue import Empty, SimpleQueue

from storage.database.session import Database

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


# --- the signals that tell a daemon to end or to read its configuration ---------------------------

_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """Keeps the signals that came until the main thread asks for them.

    An event would not do: a signal is handled between any two steps of the main thread, even while
    that thread holds the lock of the event for which it waits. To put a value into this queue takes
    no lock.
    """

    def __init__(self) -> None:
        self._came: SimpleQueue[int] = SimpleQueue()

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Keep signals meanwhile, in the place of what Python does with them."""
        before = {
            number: signal.signal(number, lambda came, _: self._came.put(came)) for number in _HEARD
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def next(self, within_s: float) -> int | None:
        """Return the next signal, or None if none comes within so many seconds."""
        with contextlib.suppress(Empty):
            return self._came.get(timeout=within_s)
        return None


# --- what a process that lives for months gives back of its memory --------------------------------

# glibc has up to eight pools of memory a processor, and each thread takes from another one. Jobs
# and crawls have threads of their own, so that what one job needed once stood free in each pool:
# 20 MB more after five crawls, and more with each.
_ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h


def keep_little() -> None:
    """Let all threads share few pools of memory. Does nothing where the C library is no glibc."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_back(database: Database) -> None:
    """Return to the system what is free in the pools, and pages that the database keeps."""
    database.close_idle()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
