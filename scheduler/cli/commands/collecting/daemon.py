"""`daemon`: does everything on a schedule until it is told to end."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import INVOCATION


def daemon(
    *,
    listen: Annotated[
        str | None,
        Parameter(help="Answer /healthz, /metrics and /unsubscribe there, like 127.0.0.1:9180."),
    ] = None,
) -> int:
    """Crawl what is due, send what is due, watch over both.

    SIGTERM ends it. SIGHUP makes it read the configuration again.
    """
    from scheduler.daemon.daemon import serve
    from scheduler.web.listening import parse_listen

    return serve(INVOCATION.get().config, parse_listen(listen) if listen else None)
