"""A crawl as a process: `python -P -m spiders.crawl`.

The first line on stdin is a CrawlSpec as JSON. Further lines (`spiders.spec`) are sources that
became due meanwhile. Event lines in JSON go to stdout: {"event": "source" | "document" | "problem",
...} while it works, {"event": "finished", "exit", "report"} at the end, or {"event": "failed",
"why"} where there can be no report. Logs go to stderr.

Exit 0: all well. 1: some sources failed. 2: nothing could be done. 70: it crashed by a fault of
ours. SIGTERM ends it within seconds. SIGKILL loses nothing: what was claimed and not stored is
fetched by the next run.

Imports stand in the functions because the worker processes load this module too, and need neither
Scrapy nor the database.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spiders.run import CrawlRun
    from spiders.spec import CrawlSpec, Orders
    from storage.database.session import Database


_PR_SET_PDEATHSIG = 1  # prctl(2)
PARENT_VARIABLE = "ACCORDWATCH_PARENT"  # the id of the process that started us

# Python itself ends with 1 after an uncaught exception, which here means that sources failed.
CRASHED = 70  # EX_SOFTWARE of sysexits.h

# Of the database's pages, in memory. With the usual 64 MB the 20,000th document is stored as fast,
# and a crawl grows by what it stores.
CACHE_MB = 8

# Scrapy's warnings about answers over crawl.max_bytes
TOLD_IN_THE_REPORT = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.httpcompression",
)

# Where Scrapy prints the stack of a database that failed
TOLD_AT_THE_END = ("scrapy.core.engine", "scrapy.core.scraper", "asyncio")


def crawl(spec: CrawlSpec, orders: Orders) -> int:
    """Does one run. Returns its exit code. Raises AccordwatchError if nothing can be done."""
    from crawler.pool import WorkerPool
    from spiders.fetch.certificates import trust
    from spiders.leases import leased
    from spiders.run import CrawlRun
    from spiders.workers import READING, Workers
    from storage.database.session import open_database

    trust(spec.crawl.ca_file)
    database = open_database(spec.database_url, cache_mb=CACHE_MB)
    workers = spec.workers or os.cpu_count() or 1
    pool = WorkerPool(spec.rules, workers, functions_of=(READING,))
    try:
        with leased(database, spec) as (allowed, leases):
            run = CrawlRun(allowed, begin(database, allowed), database, Workers(pool), leases)
            try:
                run.workers.begin()
                fetch_all(run, orders)
            finally:
                run.finish()
        return conclude(database, run)
    finally:
        pool.close()
        database.close()


def begin(database: Database, spec: CrawlSpec) -> int:
    """Begins a run, and ends the leases of one that was killed. Returns the id of the run."""
    from storage.sources.frontier import release
    from storage.sources.revisits import offer_due
    from storage.sources.states import start_run

    now = datetime.now(UTC)
    source_ids = [source.id for source in (*spec.sources, *spec.others)]
    with database.begin() as s:
        if spec.worker is not None:
            release(s, now, source_ids)
        else:
            release(s, now)
        offer_due(s, source_ids, now)
        return spec.run_id if spec.run_id is not None else start_run(s, now)


def fetch_all(run: CrawlRun, orders: Orders) -> None:
    from scrapy.crawler import AsyncCrawlerProcess
    from twisted.logger import globalLogBeginner

    from spiders.fetch.settings import scrapy_settings
    from spiders.reading.watch import WatchSpider

    # Keep Twisted from printing the stack of a bad certificate, twice; the report has it in a line.
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    logging.getLogger("twisted").addFilter(
        lambda record: "verifying certificate" not in record.getMessage()
    )
    process = AsyncCrawlerProcess(scrapy_settings(run.spec.crawl))
    for name in TOLD_IN_THE_REPORT:  # after Scrapy has set up its logging
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in TOLD_AT_THE_END:
        logging.getLogger(name).addFilter(_is_no_failure_of_the_database)
    process.crawl(WatchSpider, run=run, orders=orders)
    # the spider installs its own signal handlers, which do not wait for slow servers
    process.start(install_signal_handlers=False)


def _is_no_failure_of_the_database(record: logging.LogRecord) -> bool:
    """Whether a log record is another than that the database failed. That ends the run, and is
    reported in one line at its end; each request in flight would print a stack of fifty lines
    before.
    """
    from storage.errors import DatabaseError

    return not (record.exc_info and isinstance(record.exc_info[1], DatabaseError))


def conclude(database: Database, run: CrawlRun) -> int:
    """Stores and emits the report. Returns the exit code. Raises what ended the run early."""
    from storage.sources.states import finish_run

    if run.error is not None:
        raise run.error
    report = run.report.finish()
    code = 1 if run.report.failed else 0
    with database.begin() as s:
        finish_run(s, run.run_id, datetime.now(UTC), report)
    run.report.finished(report, code)
    return code


def main() -> int:
    """The entry of the child process; see the module."""
    try:
        return _ordered()
    except Exception as error:  # the edge of the process
        traceback.print_exc()
        fault = " ".join(f"{type(error).__name__}: {error}".split())
        _emit_failure(f"it crashed by a fault of ours: {fault}")
        return CRASHED


def _ordered() -> int:
    from pydantic import ValidationError

    from spiders.spec import CrawlSpec, Orders
    from storage.errors import AccordwatchError

    # Have Linux send us SIGTERM when the thread that started us is gone. An orphaned crawl would
    # work beside the next one, and everything would be fetched twice.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.environ.get(PARENT_VARIABLE, str(os.getppid())) != str(os.getppid()):
        sys.exit(2)  # the parent was gone before we looked
    orders = Orders()
    try:
        return crawl(CrawlSpec.model_validate_json(orders.first()), orders)
    except ValidationError as error:
        fault = error.errors()[0]
        where = (".".join(map(str, fault["loc"])), fault["msg"])
        why = ": ".join(("the specification on stdin is wrong", *filter(None, where)))
        sys.stderr.write(f"spiders.crawl: {why}\n")
    except AccordwatchError as error:
        why = str(error)
        sys.stderr.write(f"{why}\n")
    _emit_failure(why)
    return 2


def _emit_failure(why: str) -> None:
    line = json.dumps({"event": "failed", "why": why}, ensure_ascii=False)
    with contextlib.suppress(OSError):  # nobody listens any more
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
