"""Fetching one URL for the command line, under the rules of a crawl.

A child process runs a small Scrapy engine, because Twisted's reactor can be started only once in a
process. It reads {"url", "settings"} from stdin, and writes one line of JSON followed by the raw
body.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.fetch.settings import CrawlSettings, scrapy_settings
from storage.errors import ConfigurationError, FetchError, RefusedAddress
from storage.records import Fetched

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure as TwistedFailure

REFUSED = ("scheme", "private_address", "robots")
SLACK_S = 20.0  # to start Python and fetch robots.txt, in addition to crawl.timeout_s a request


def fetch_once(url: str, settings: CrawlSettings) -> Fetched:
    """Fetch `url`, following redirects, up to crawl.max_bytes.

    Raises RefusedAddress (for the scheme, a private network or robots.txt) or FetchError, with one
    line that says why.
    """
    asked = json.dumps({"url": url, "settings": settings.model_dump(mode="json")}).encode()
    command = [sys.executable, "-P", "-m", "crawler.fetch.one_page"]
    patience_s = settings.timeout_s * (settings.redirects + 2) + SLACK_S
    try:
        child = subprocess.run(  # noqa: S603 - our own module
            command, input=asked, capture_output=True, timeout=patience_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise FetchError(f"{url}: no answer after {patience_s:.0f} s") from None
    head, _, body = child.stdout.partition(b"\n")
    if not head:
        lines = child.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit {child.returncode}"
        raise FetchError(f"{url}: the fetching process failed: {reason}")
    answer = json.loads(head)
    if "reason" in answer:
        error = RefusedAddress if answer["reason"] in REFUSED else FetchError
        raise error(answer["line"])
    return Fetched(
        url,
        answer["final_url"],
        answer["content_type"],
        body,
        datetime.fromisoformat(answer["fetched_at"]),
    )


def _crawl(url: str, settings: CrawlSettings) -> dict[str, Any]:
    """Run the engine; return {"final_url", ..., "body"}, or {"reason", "line"} if it failed."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.fetch.failures import explain
    from crawler.fetch.responses import refuse_status, to_fetched

    outcome: dict[str, Any] = {"reason": "failed", "line": f"{url}: nothing was fetched"}

    class OnceSpider(Spider):
        name = "once"

        async def start(self) -> AsyncIterator[Request]:
            yield Request(url, callback=self.take, errback=self.fail, dont_filter=True)

        def take(self, response: Response) -> None:
            if (failure := refuse_status(response.status, response.body, url)) is not None:
                outcome.update(reason=failure.reason, line=failure.line)
                return
            fetched = to_fetched(response, url)
            outcome.clear()
            outcome.update(
                final_url=fetched.final_url,
                content_type=fetched.content_type,
                fetched_at=fetched.fetched_at.isoformat(),
                body=fetched.body,
            )

        def fail(self, failure: TwistedFailure) -> None:
            told = explain(failure.value or Exception("unknown"), url)
            outcome.update(reason=told.reason, line=told.line)

    process = AsyncCrawlerProcess(
        scrapy_settings(settings.model_copy(update={"delay_s": 0.0}), log_level="ERROR")
    )
    process.crawl(OnceSpider)
    process.start()
    return outcome


def main() -> int:
    """Run as the child process. The exit code is 0 with an answer, and 1 without."""
    from crawler.fetch.certificates import trust

    asked = json.loads(sys.stdin.buffer.read())
    settings = CrawlSettings.model_validate(asked["settings"])
    try:
        trust(settings.ca_file)
        answer = _crawl(asked["url"], settings)
    except (ConfigurationError, ValueError) as error:  # ValueError: Scrapy cannot read the address
        answer = {"reason": "failed", "line": str(error)}
    body = answer.pop("body", b"")
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + body)
    sys.stdout.buffer.flush()
    return 1 if "reason" in answer else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a regular exit takes 0.1 s to tear down uvloop and Twisted
