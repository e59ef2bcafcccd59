"""One crawl, from what it is told to its report, on Scrapy's engine."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime

from pydantic import ValidationError
from scrapy.crawler import AsyncCrawlerProcess
from twisted.logger import globalLogBeginner

from crawler.pool import WorkerPool
from spiders.crawl_run import CrawlRun
from spiders.fetch.certificates import trust
from spiders.fetch.settings import scrapy_settings
from spiders.leases import leased
from spiders.reading.watch import WatchSpider
from spiders.spec import CrawlSpec, Orders
from spiders.workers import READING, Workers
from storage.database.session import Database, open_database
from storage.errors import ConfigurationError, DatabaseError
from storage.sources.frontier import release
from storage.sources.revisits import offer_due
from storage.sources.states import finish_run, start_run

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


def crawl_as_ordered() -> int:
    """Do the run that the first line on stdin orders. Returns its exit code. Raises
    AccordwatchError if nothing can be done.
    """
    orders = Orders()
    try:
        spec = CrawlSpec.model_validate_json(orders.first())
    except ValidationError as error:
        fault = error.errors()[0]
        where = (".".join(map(str, fault["loc"])), fault["msg"])
        parts = ("the specification on stdin is wrong", *filter(None, where))
        raise ConfigurationError(": ".join(parts)) from error
    return crawl(spec, orders)


def crawl(spec: CrawlSpec, orders: Orders) -> int:
    """Does one run. Returns its exit code. Raises AccordwatchError if nothing can be done."""
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
    return not (record.exc_info and isinstance(record.exc_info[1], DatabaseError))


def conclude(database: Database, run: CrawlRun) -> int:
    """Stores and emits the report. Returns the exit code. Raises what ended the run early."""
    if run.error is not None:
        raise run.error
    report = run.report.finish()
    code = 1 if run.report.failed else 0
    with database.begin() as s:
        finish_run(s, run.run_id, datetime.now(UTC), report)
    run.report.finished(report, code)
    return code
