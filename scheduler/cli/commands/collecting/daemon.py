"""`daemon` and `worker`: processes that collect and send until they are stopped."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.invocation import INVOCATION
from scheduler.jobs.daemon.daemon import serve
from scheduler.jobs.workers.leader import lead
from scheduler.jobs.workers.worker import work
from scheduler.web.server import parse_listen


def daemon(
    *,
    listen: Annotated[
        str | None,
        Parameter(help="Answer /healthz, /metrics and /unsubscribe there, like 127.0.0.1:9180."),
    ] = None,
    workers: Annotated[
        bool, Parameter(negative="", help="Lead: put jobs in the queue for `accordwatch worker`.")
    ] = False,
) -> int:
    """With --workers, a second one stands by, and takes over when the first is gone. SIGTERM ends
    it. SIGHUP makes it read the configuration again.
    """
    config, listen_at = INVOCATION.get().config, parse_listen(listen) if listen else None
    if not workers:
        return serve(config, listen_at)
    return lead(config, listen_at)


def worker(
    *,
    queues: Annotated[
        str, Parameter(help="Which jobs it takes, with commas between them.")
    ] = "crawl,judge,notify,backfill",
    concurrency: Annotated[int, Parameter(help="How many jobs it does at the same time.")] = 1,
) -> int:
    """SIGTERM ends it within ten seconds; what it was doing is done by another one."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    return work(INVOCATION.get().config, names, max(1, concurrency))
