"""The crawl process, with a downloader that loses some requests: neither an answer nor a failure
comes of them.

python -m tests.spiders.never_answered < SPEC
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.engine import ExecutionEngine

from spiders import process
from spiders.reading import watch

LOST = ("/a", "/never-feed")
ANSWER_S = 1.0  # what is lost has to be noticed within a test


def arm() -> None:
    download = ExecutionEngine.download_async

    async def lossy(self: ExecutionEngine, request: Request) -> Any:
        if urlsplit(request.url).path in LOST:
            await asyncio.Event().wait()
        return await download(self, request)

    ExecutionEngine.download_async = lossy  # type: ignore[method-assign]
    watch.ANSWER_S = ANSWER_S


if __name__ == "__main__":
    arm()
    sys.exit(process.main())
