"""Tries sources once, as a child process: one Scrapy engine, one request at a time to a host.

Reads a CheckJob as JSON from stdin, and writes a SourceTry as a JSON line for each source, as the
answers come.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider

from crawler.extract.articles.reasons import REASONS
from crawler.extract.encoding import find_kind
from crawler.extract.extract import extract
from spiders.checks.source_tries import TRY, CheckJob, SourceTry, failed, offered, with_offer
from spiders.fetch.browser import Renderer
from spiders.fetch.certificates import trust
from spiders.fetch.responses import Failure, answer_at, explain, refuse_status, to_fetched
from spiders.fetch.settings import scrapy_settings
from spiders.kinds.feed import texts
from spiders.kinds.offer import Offer
from spiders.kinds.table import KINDS, bytes_of, read_source
from spiders.local import table as local
from spiders.mail import reader as mail
from storage.errors import ConfigurationError, UnreadableError
from storage.records import DocumentKind, Fetched
from storage.source import Source, SourceKind

if TYPE_CHECKING:
    from scrapy.http import Response


def read(fetched: Fetched, source: Source) -> Offer:
    """What a source offers in this answer; nothing if it is a challenge or a parked domain."""
    offer = read_source(fetched, source)
    if (KINDS[source.kind].is_page or offer.failed) and (wall := _wall(fetched)) is not None:
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
        self.room = asyncio.Semaphore(job.crawl.concurrency)

    async def start(self) -> AsyncIterator[Request]:
        await asyncio.gather(*map(self.check, host_by_host(self.sources)))
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # makes this function the generator that Scrapy wants
            yield request

    async def check(self, source: Source) -> None:
        """Tries a source, and writes what came of it."""
        try:
            async with self.room:
                tried = await self.tried(source)
        except UnreadableError as error:
            tried = SourceTry(failed(source, f"{error.reason}: {error}", datetime.now(UTC)))
        except Exception as error:  # the edge: one source must not end the others
            problem = f"failed: {type(error).__name__}: {error}"[:300]
            tried = SourceTry(failed(source, problem, datetime.now(UTC)))
        sys.stdout.buffer.write(TRY.dump_json(tried) + b"\n")
        sys.stdout.buffer.flush()

    async def tried(self, source: Source) -> SourceTry:
        """What a source offers. Raises UnreadableError if there is no answer."""
        contents: dict[str, str] = {}
        if local.is_local(source):
            offer = await asyncio.to_thread(local.sample, source, self.crawl.max_bytes)
        elif source.kind is SourceKind.IMAP:
            offer = await asyncio.to_thread(mail.sample, source, self.crawl)
        else:
            fetched, offer = await self.answer(source, KINDS[source.kind].first_address(source))
            if offer.more and not offer.candidates:
                fetched, offer = await self.answer(source, offer.more[0])
            if self.texts and source.kind is SourceKind.FEED and not offer.failed:
                contents = await asyncio.to_thread(texts, fetched)
        return with_offer(offered(source, offer, datetime.now(UTC)), offer, contents)

    async def answer(self, source: Source, url: str) -> tuple[Fetched, Offer]:
        """What an address of a source answers, and what that offers. It is requested once more
        where one lost packet may have been all. Raises UnreadableError.
        """
        answer = await self.requested(source, url)
        if isinstance(answer, Failure) and answer.transient and answer.until_at is None:
            answer = await self.requested(source, url)
        if isinstance(answer, Failure):
            raise UnreadableError(answer.reason, answer.line)
        if source.javascript and KINDS[source.kind].is_page:
            try:
                answer = await self.renderer.render(answer, {"delay_s": source.delay_s})
            except Exception as error:  # whatever the browser does, it is reported
                why = explain(error, source.url)
                raise UnreadableError(why.reason, why.line) from error
        fetched = to_fetched(answer, source.url)
        return fetched, await asyncio.to_thread(read, fetched, source)

    async def requested(self, source: Source, url: str) -> Response | Failure:
        meta = {"delay_s": source.delay_s, "download_maxsize": bytes_of(source.kind, self.crawl)}
        answer = await answer_at(self.crawler.engine, url, meta, called=source.url)
        if isinstance(answer, Failure):
            return answer
        return refuse_status(answer.status, answer.body, source.url) or answer

    async def download(self, request: Request) -> Response:
        engine: Any = self.crawler.engine
        response: Response = await engine.download_async(request)
        return response


def host_by_host(sources: Iterable[Source]) -> Iterator[Source]:
    """The sources in an order in which hosts take turns, so that no host makes the others wait."""
    hosts: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[urlsplit(source.url).netloc].append(source)
    turns = chain.from_iterable(zip_longest(*hosts.values()))
    return (source for source in turns if source is not None)


def main() -> int:
    from scrapy.crawler import AsyncCrawlerProcess

    job = CheckJob.model_validate_json(sys.stdin.buffer.read())
    try:
        trust(job.crawl.ca_file)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    polite = job.crawl.model_copy(update={"per_host": 1})
    process = AsyncCrawlerProcess(scrapy_settings(polite, log_level="CRITICAL"))
    process.crawl(CheckSpider, job=job)
    process.start()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a regular exit takes 0.1 s to tear down uvloop and Twisted
