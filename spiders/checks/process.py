"""Tries sources once, as a child process: one Scrapy engine, one request at a time to a host.

Reads a CheckJob as JSON from stdin, and writes a SourceTry as a JSON line for each source, as the
answers come.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider

from crawler.extract.articles.reasons import REASONS
from crawler.extract.encoding import find_kind
from crawler.extract.extract import extract
from spiders.checks.run import TRY, CheckJob, SourceTry, failed, offered, with_offer
from spiders.fetch.browser import Renderer
from spiders.fetch.responses import Failure, explain, impossible, refuse_status, to_fetched
from spiders.fetch.settings import CrawlSettings, scrapy_settings
from spiders.kinds.feed import texts
from spiders.kinds.offer import Offer
from spiders.kinds.table import PAGES, bytes_of, first_address, read_source
from spiders.local import table as local
from spiders.mail import reader as mail
from storage.errors import ConfigurationError, UnreadableError
from storage.records import DocumentKind, Fetched, Source, SourceKind

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure as TwistedFailure


_OF_PAGES = (SourceKind.LISTING, SourceKind.PAGE)


def read(fetched: Fetched, source: Source) -> Offer:
    """What a source offers in this answer; nothing if it is a challenge or a parked domain."""
    offer = read_source(fetched, source)
    if (source.kind in _OF_PAGES or offer.failed) and (wall := _wall(fetched)) is not None:
        return Offer(problem=wall)
    return offer


def _wall(fetched: Fetched) -> str | None:
    if find_kind(fetched.body, fetched.content_type) is not DocumentKind.HTML:
        return None
    try:
        extract(fetched, watched=True)
    except UnreadableError as error:
        return f"{error.reason}: {error}" if error.reason in REASONS else None
    return None


class CheckSpider(Spider):
    """Requests each source, a second time if that may help, and one part of an index."""

    name = "check"

    def __init__(self, job: CheckJob) -> None:
        super().__init__()
        self.sources, self.crawl, self.texts = job.sources, job.crawl, job.texts
        self.renderer = Renderer(self.download, job.crawl)

    async def start(self) -> AsyncIterator[Request]:
        for source in filter(is_at_hand, self.sources):
            emit(await asyncio.to_thread(try_at_hand, source, self.crawl))
        for source in host_by_host(one for one in self.sources if not is_at_hand(one)):
            for request in self.request(source, first_address(source)):
                yield request

    def request(
        self, source: Source, url: str, *, second: bool = False, part: bool = False
    ) -> Iterator[Request]:
        """The request for an address of a source."""
        meta = {"source": source, "second": second, "part": part, "delay_s": source.delay_s}
        meta["download_maxsize"] = bytes_of(source.kind, self.crawl)
        try:
            yield Request(url, callback=self.take, errback=self.fail, dont_filter=True, meta=meta)
        except ValueError:  # Scrapy cannot read the address
            emit_failed(source, _line(impossible(url)))

    async def download(self, request: Request) -> Response:
        engine: Any = self.crawler.engine
        response: Response = await engine.download_async(request)
        return response

    async def take(self, response: Response) -> AsyncIterator[Request]:
        source, part = response.meta["source"], response.meta["part"]
        if (why := refuse_status(response.status, response.body, source.url)) is not None:
            for again in self.over(response.url, response.meta, why):
                yield again
            return
        if source.javascript and source.kind in PAGES:
            try:
                response = await self.renderer.render(response, {"delay_s": source.delay_s})
            except Exception as error:  # the edge: whatever the browser does, it is reported
                emit_failed(source, _line(explain(error, source.url)))
                return
        try:
            fetched = to_fetched(response, source.url)
            offer = await asyncio.to_thread(read, fetched, source)
            has_texts = self.texts and source.kind is SourceKind.FEED and not offer.failed
            found = await asyncio.to_thread(texts, fetched) if has_texts else {}
        except UnreadableError as error:
            emit_failed(source, f"{error.reason}: {error}")
            return
        except Exception as error:  # the edge: one source must not end the others
            emit_failed(source, f"failed: {type(error).__name__}: {error}"[:300])
            return
        if offer.more and not offer.candidates and not part:
            for one in self.request(source, offer.more[0], part=True):
                yield one
        else:
            emit(with_offer(offered(source, offer, datetime.now(UTC)), offer, found))

    def fail(self, failure: TwistedFailure) -> Iterator[Request]:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source = request.meta["source"]
        why = explain(failure.value or Exception("unknown"), source.url)
        yield from self.over(request.url, request.meta, why)

    def over(self, url: str, meta: Mapping[str, Any], why: Failure) -> Iterator[Request]:
        """Tries once more where one lost packet may have been all; else reports the failure."""
        source = meta["source"]
        if why.transient and why.until_at is None and not meta["second"]:
            yield from self.request(source, url, second=True, part=meta["part"])
        else:
            emit_failed(source, _line(why))


def is_at_hand(source: Source) -> bool:
    """Whether the documents of a source come without a web request."""
    return local.is_local(source) or source.kind is SourceKind.IMAP


def try_at_hand(source: Source, crawl: CrawlSettings) -> SourceTry:
    """The try of a source that lies on this machine or is a mailbox on a server."""
    try:
        is_local = local.is_local(source)
        offer = local.sample(source, crawl.max_bytes) if is_local else mail.sample(source, crawl)
        return with_offer(offered(source, offer, datetime.now(UTC)), offer)
    except Exception as error:  # the edge: one source must not end the others
        problem = f"failed: {type(error).__name__}: {error}"[:300]
        return SourceTry(failed(source, problem, datetime.now(UTC)))


def host_by_host(sources: Iterable[Source]) -> Iterator[Source]:
    """The sources in an order in which hosts take turns, so that no host makes the others wait."""
    hosts: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[urlsplit(source.url).netloc].append(source)
    turns = chain.from_iterable(zip_longest(*hosts.values()))
    return (source for source in turns if source is not None)


def emit(tried: SourceTry) -> None:
    sys.stdout.buffer.write(TRY.dump_json(tried) + b"\n")
    sys.stdout.buffer.flush()


def emit_failed(source: Source, problem: str) -> None:
    emit(SourceTry(failed(source, problem, datetime.now(UTC))))


def _line(why: Failure) -> str:
    return f"{why.reason}: {why.line}"


def main() -> int:
    from scrapy.crawler import AsyncCrawlerProcess

    from spiders.fetch.certificates import trust

    job = CheckJob.model_validate_json(sys.stdin.buffer.read())
    try:
        trust(job.crawl.ca_file)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    polite = job.crawl.model_copy(update={"per_host": 1})
    settings = scrapy_settings(polite, log_level="CRITICAL")
    process = AsyncCrawlerProcess(settings | {"CONCURRENT_REQUESTS": job.crawl.concurrency})
    process.crawl(CheckSpider, job=job)
    process.start()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a regular exit takes 0.1 s to tear down uvloop and Twisted
