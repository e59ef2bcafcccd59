"""The child process of a session: a small Scrapy engine that fetches one address after the other.

It reads its settings and then a JSON line for each address from stdin, and writes for each a line
of JSON followed by the raw body.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from spiders.fetch.certificates import trust
from spiders.fetch.responses import Failure, answer_at, refuse_status, to_fetched
from spiders.fetch.robots import RobotsMiddleware
from spiders.fetch.session import CLUE_HEADERS
from spiders.fetch.settings import CrawlSettings, scrapy_settings
from storage.errors import ConfigurationError


class SessionSpider(Spider):
    name = "session"
    requests = 0

    async def start(self) -> AsyncIterator[Request]:
        self.crawler.signals.connect(self.count, signals.request_reached_downloader)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
            self.requests = 0
            answer, body = await _answer(self.crawler, json.loads(line))
            _put(answer | {"requests": self.requests}, body)
        nothing: tuple[Request, ...] = ()
        for request in nothing:  # makes this function the generator that Scrapy wants
            yield request

    def count(self) -> None:
        self.requests += 1


def _serve(settings: CrawlSettings) -> None:
    """Run the engine until stdin ends; each address that is read there is fetched."""
    process = AsyncCrawlerProcess(scrapy_settings(settings, log_level="ERROR"))
    process.crawl(SessionSpider)
    process.start()


async def _answer(crawler: Crawler, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the head and the body of an answer; of a failure the reason and its line."""
    url = wanted["url"]
    meta = {} if wanted["most"] is None else {"redirect_ttl": max(0, wanted["most"] - 1)}
    answer = await answer_at(crawler.engine, url, meta)
    if not isinstance(answer, Failure):
        answer = refuse_status(answer.status, answer.body, url) or answer
    if isinstance(answer, Failure):
        return {"reason": answer.reason, "line": answer.line}, b""
    robots = crawler.get_downloader_middleware(RobotsMiddleware)
    fetched = to_fetched(answer, url)
    head = {
        "final_url": fetched.final_url,
        "content_type": fetched.content_type,
        "fetched_at": fetched.fetched_at.isoformat(),
        "headers": {
            name: b", ".join(values).decode("latin-1")
            for name in CLUE_HEADERS
            if (values := answer.headers.getlist(name))
        },
        "sitemaps": robots.sitemaps_at(fetched.final_url) if robots else (),
    }
    return head, fetched.body


def _put(answer: dict[str, Any], body: bytes) -> None:
    head = json.dumps(answer | {"length": len(body)}).encode()
    sys.stdout.buffer.write(head + b"\n" + body)
    sys.stdout.buffer.flush()


def main() -> None:
    settings = CrawlSettings.model_validate(json.loads(sys.stdin.buffer.readline())["settings"])
    try:
        trust(settings.ca_file)
        _serve(settings)
    except ConfigurationError as error:
        while sys.stdin.buffer.readline():
            _put({"reason": "failed", "line": str(error), "requests": 0}, b"")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # a regular exit takes 0.1 s to tear down uvloop and Twisted
