"""The daemon's own small application: /healthz, /metrics, /unsubscribe."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.configuration.config import Configuration
from scheduler.web.listening import Listen, listening_at
from storage.database.session import Database

if TYPE_CHECKING:
    import socket

    import uvicorn
    from starlette.applications import Starlette

_ENDS_WITHIN_S = 2  # answers that are under way when the daemon ends
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Served:
    """What the answers are made of. All but the database is asked for again each time."""

    database: Database
    chosen: Callable[[], Configuration]
    stuck: Callable[[], list[str]]
    failing: Callable[[], Mapping[str, str]]


@contextmanager
def serving(listen: Listen, served: Served) -> Iterator[str]:
    """Serve in another thread while the block runs. The value of the block is the address.

    Raises ConfigurationError if the address is taken.
    """
    listening = listening_at(listen, "choose another with --listen")
    port = listening.getsockname()[1]
    begun: Future[uvicorn.Server] = Future()
    thread = threading.Thread(
        target=_serve, args=(served, listening, begun), name="web", daemon=True
    )
    thread.start()
    try:
        yield f"http://{listen.host}:{port}"
    finally:
        begun.result().should_exit = True
        thread.join()
        listening.close()


def _serve(served: Served, listening: socket.socket, begun: Future[uvicorn.Server]) -> None:
    """Answer until the server is told to end. What it needs is loaded here, so that the daemon need
    not wait for it.
    """
    try:
        import uvicorn

        from scheduler.web.slow_clients import ImpatientProtocol

        settings = uvicorn.Config(
            _application(served),
            http=ImpatientProtocol,
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


def _application(served: Served) -> Starlette:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from scheduler.web import answers
    from scheduler.web.metrics import METRICS_TYPE, metrics
    from storage.errors import DatabaseError

    def health(request: Request) -> Response:
        strict = "strict" in request.query_params
        stuck, failing, now = served.stuck(), served.failing(), datetime.now(UTC)
        found = answers.healthz(
            served.database, served.chosen(), stuck, failing, now, strict=strict
        )
        return Response(json.dumps(found.said), found.code, _HEADERS, "application/json")

    def numbers(request: Request) -> Response:
        body = metrics(served.database, served.chosen(), datetime.now(UTC))
        return Response(body, 200, _HEADERS | {"Content-Type": METRICS_TYPE})

    def leave(request: Request) -> Response:
        token = request.query_params.get("t", "")
        if request.method == "POST":
            page = answers.unsubscribe(served.database, served.chosen(), token, datetime.now(UTC))
        else:
            page = answers.ask_to_unsubscribe(served.database, served.chosen(), token)
        return Response(page.html, page.code, _HEADERS, "text/html")

    def not_here(request: Request, error: Exception) -> Response:
        return Response("not here\n", 404, _HEADERS, "text/plain")

    def no_database(request: Request, error: Exception) -> Response:
        return Response(f"{error}\n", 503, _HEADERS, "text/plain")

    return Starlette(
        routes=[
            Route("/healthz", health),
            Route("/metrics", numbers),
            Route("/unsubscribe", leave, methods=["GET", "POST"]),
        ],
        exception_handlers={404: not_here, 405: not_here, DatabaseError: no_database},
    )
