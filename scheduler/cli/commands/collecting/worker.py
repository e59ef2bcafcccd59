"""`worker`: takes jobs from the queue on PostgreSQL, on any machine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import INVOCATION


def worker(
    *,
    queues: Annotated[
        str, Parameter(help="Which jobs it takes, with commas between them.")
    ] = "crawl,judge,tell,backfill",
    concurrency: Annotated[int, Parameter(help="How many jobs it does at the same time.")] = 1,
) -> int:
    """Take jobs that a leader (`daemon --workers`) puts in the queue, until it is told to end.

    Needs PostgreSQL and the extra `workers`. SIGTERM ends it within ten seconds; what it was doing
    is done by another one.
    """
    from scheduler.workers.worker import work

    names = [name.strip() for name in queues.split(",") if name.strip()]
    return work(INVOCATION.get().config, names, max(1, concurrency))
