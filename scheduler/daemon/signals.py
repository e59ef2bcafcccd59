"""The signals that tell a daemon to end or to read its configuration again."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from queue import Empty, SimpleQueue

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
