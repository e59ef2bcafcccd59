"""The crawl process, which kills itself, its parent or both where it is told to.

python -m tests.scheduler.dying_crawl BOUNDARY AT VICTIM DELAY < SPEC: it says "crawl PID" on stderr when it begins.
"""

from __future__ import annotations

import os
import signal
import sys

from crawler.ingest import ingest
from spiders import crawl, document_fetcher, process, writer
from spiders import crawl_run as run
from spiders.frontier import FetchQueue
from spiders.report import RunReport
from tests.scheduler.dying import around, soon
from tests.warm.server import CALLER_VARIABLE

# How often a crawl of the demo's site reaches each.
CRAWL_BOUNDARIES = {
    "in start": 1,
    "in poll": 4,
    "after poll": 4,
    "in crawl claim": 16,
    "after crawl claim": 48,
    "before fetch": 48,
    "after fetch": 40,
    "after judge": 42,
    "in store": 10,
    "in outbox": 10,
    "after store": 10,
    "in finish": 1,
    "after finish": 1,
}
VICTIMS = ("all", "crawl", "run")
BATCH = 4  # a store transaction each few documents: as many states in between as a long crawl has


def dying(victim: str) -> None:
    """Kill the run that started us, this process, or both. Its workers end as they lose it."""
    if victim in ("all", "run"):
        os.kill(int(os.environ[CALLER_VARIABLE]), signal.SIGKILL)
    if victim in ("all", "crawl"):
        os.killpg(0, signal.SIGKILL)


def arm(boundary: str, at: int, victim: str, delay_s: float) -> None:
    def hook(owner: object, name: str, *, before: str = "", after: str = "") -> None:
        ours = {"before": boundary == before != "", "after": boundary == after != ""}
        around(owner, name, **ours, at=at, dying=soon(delay_s, lambda: dying(victim)))

    hook(crawl, "start_run", after="in start")
    hook(run, "record", after="in poll")
    hook(RunReport, "polled", before="after poll")
    hook(FetchQueue, "_claim", after="in crawl claim")
    hook(RunReport, "taken_up", before="after crawl claim")
    hook(document_fetcher.DocumentFetcher, "document", before="before fetch")
    hook(document_fetcher, "to_fetched", after="after fetch")
    hook(writer.Writer, "add", before="after judge")
    hook(writer.DocumentStore, "store", after="in store")
    hook(ingest, "queue_changes", after="in outbox")
    hook(writer.DocumentStore, "report_on", before="after store")
    hook(crawl, "finish_run", after="in finish")
    hook(RunReport, "finished", before="after finish")


if __name__ == "__main__":
    print("crawl", os.getpid(), file=sys.stderr, flush=True)
    writer.BATCH = BATCH
    arm(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
    sys.exit(process.main())
