"""`web`: the page and the API, on this machine."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, configured_rules, opened_database
from scheduler.cli.output import say
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    import uvicorn


def web(
    *,
    host: Annotated[str, Parameter(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one.")] = 8080,
    edit: Annotated[
        str | None,
        Parameter(help="Let the page take decisions, kept under this name; else it only reads."),
    ] = None,
) -> None:
    """Open the register, the search and the review queue to a browser, and the API to programs.

    Only this machine is answered. Ctrl-C ends it.
    """
    import uvicorn

    from scheduler.web.site.application import create_site
    from scheduler.web.site.installation import Installation

    chosen = configuration()
    with _listening(host, port) as listening, opened_database(chosen) as database:
        served = Installation(
            database, chosen, (edit or "").strip() or None, rules=lambda: configured_rules(chosen)
        )
        settings = uvicorn.Config(
            create_site(served), log_level="warning", access_log=False, server_header=False
        )
        with _ending_at_signals(server := uvicorn.Server(settings)):
            shown = f"[{host}]" if ":" in host else host
            say(f"Open http://{shown}:{listening.getsockname()[1]}/ (Ctrl-C ends)")
            server.run(sockets=[listening])


@contextmanager
def _ending_at_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the server, and the command well: uvicorn would raise them again
    when it has ended.
    """
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, server.handle_exit) for one in ends}
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # ours are set
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ConfigurationError for an address that it may not, or cannot,
    take.
    """
    from scheduler.web.site.guard import LOOPBACK

    if host not in LOOPBACK:
        raise ConfigurationError(
            f"--host {host}: the page has no users yet, so it answers this machine alone; "
            "use 127.0.0.1, and a tunnel (ssh -L) from elsewhere"
        )
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port {port} is no port; choose one from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)  # who comes before all is loaded waits
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port"
        ) from error
    return listening
