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
    workers: Annotated[
        bool,
        Parameter(negative="", help="Lead: put jobs in the queue for `accordwatch worker`."),
    ] = False,
) -> int:
    """Crawl what is due, send what is due, watch over both.

    With --workers, it has workers do that; a second one stands by, and takes over when the first
    is gone. SIGTERM ends it. SIGHUP makes it read the configuration again.
    """
    from scheduler.daemon.daemon import serve
    from scheduler.web.server import parse_listen

    config, asked = INVOCATION.get().config, parse_listen(listen) if listen else None
    if not workers:
        return serve(config, asked)
    from scheduler.workers.leader import lead

    return lead(config, asked)
