"""Sockets on which we listen, and the server of the daemon, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storage.errors import ConfigurationError

if TYPE_CHECKING:
    import uvicorn

    from scheduler.web.operations import Operated

_ENDS_WITHIN_S = 2  # answers that are under way when the daemon ends


Listen = tuple[str, int]  # the host and the port on which to listen; port 0 takes a free one


def parse_listen(written: str) -> Listen:
    """Reads an address such as "127.0.0.1:9180". Raises ConfigurationError for anything else."""
    host, _, port = written.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(
            f"{written!r} is not an address to listen on; write one like 127.0.0.1:9180"
        )
    return host.strip("[]"), int(port)


def listening_at(place: Listen, choose: str) -> socket.socket:
    """A socket that listens.

    Raises ConfigurationError for an address that is taken or forbidden. `choose` says how to choose
    another one.
    """
    host, port = place
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(place)
        listening.listen(128)  # who comes before all is loaded waits
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {error.strerror}; {choose}"
        ) from error
    return listening


@contextmanager
def serving(listen: Listen, operated: Operated) -> Iterator[str]:
    """Serve the daemon's part of the page in another thread while the block runs. The value of the
    block is the address.

    Raises ConfigurationError if the address is taken.
    """
    listening = listening_at(listen, "choose another with --listen")
    port = listening.getsockname()[1]
    begun: Future[uvicorn.Server] = Future()
    thread = threading.Thread(
        target=_serve, args=(operated, listening, begun), name="web", daemon=True
    )
    thread.start()
    try:
        yield f"http://{listen[0]}:{port}"
    finally:
        begun.result().should_exit = True
        thread.join()
        listening.close()


def _serve(operated: Operated, listening: socket.socket, begun: Future[uvicorn.Server]) -> None:
    """Answer until the server is told to end. What it needs is loaded here, so that the daemon need
    not wait for it.
    """
    try:
        import uvicorn

        from scheduler.web.operations import daemon_application

        settings = uvicorn.Config(
            daemon_application(operated),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,  # the addresses of requests hold tokens
            server_header=False,
            timeout_graceful_shutdown=_ENDS_WITHIN_S,
        )
        server = uvicorn.Server(settings)
    except BaseException as error:
        begun.set_exception(error)
        raise
    begun.set_result(server)
    server.run(sockets=[listening])
