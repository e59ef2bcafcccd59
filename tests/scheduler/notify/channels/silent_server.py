"""A server that takes connections and never answers, until its test lets them go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager


class SilentServer:
    """Holds each connection until `until` says so, and counts them."""

    def __init__(self, until: Callable[[], bool]) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.connections = 0
        self.let_go = 0  # connections that were held until `until` said so
        self._until, self._end = until, threading.Event()

    def hold(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:  # the test is over
                return
            with closing(line):
                self.connections += 1
                while not self._end.wait(0.02) and not self._until() and not _left(line):
                    pass
                self.let_go += self._until()

    def end(self) -> None:
        self._end.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


def _left(line: socket.socket) -> bool:
    """Whether the other side has hung up."""
    line.settimeout(0.01)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@contextmanager
def holding(until: Callable[[], bool]) -> Iterator[SilentServer]:
    server = SilentServer(until)
    thread = threading.Thread(target=server.hold)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()
