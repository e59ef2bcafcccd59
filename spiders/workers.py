"""The worker pool as the spider uses it: bytes go out, offers and judged documents come back."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from crawler.fetch.addresses import host_and_port
from crawler.pool import WorkerPool
from crawler.process import Task
from spiders.kinds import read_source
from spiders.offer import Offer
from storage.errors import AccordwatchError
from storage.records import Candidate, Fetched, Judged, Source


class Workers:
    """Awaitable fronts of the pool's functions. Both raise UnreadableError where bytes cannot be read, and another
    AccordwatchError where no bytes can be: the rules cannot be used, or no worker starts.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool

    def warm(self) -> None:
        """Lets the workers load rules and models while the first requests are under way."""
        self.pool.submit(ready)

    async def read(self, fetched: Fetched, source: Source) -> Offer:
        """What a source offers in this answer."""
        offer: Offer = await self._done(self.pool.submit(read_source, fetched, source))
        return offer

    async def judge(self, fetched: Fetched, candidate: Candidate, source: Source) -> Judged:
        """The document in this answer, extracted, judged and fingerprinted; the outlet by its name in the catalog."""
        judged: Judged = await self._done(self.pool.submit("process", Task(fetched, candidate, source)))
        document = judged.document
        if source.name and document.url and host_and_port(document.url) == host_and_port(source.url):
            return replace(judged, document=replace(document, outlet=source.name))
        return judged

    @staticmethod
    async def _done(future: Future[Any]) -> Any:
        try:
            return await asyncio.wrap_future(future)
        except RuntimeError as error:  # the pool's word for: closed, or workers end as soon as they begin
            raise AccordwatchError(f"the worker processes cannot run: {error}; see the log above") from error


def ready() -> None:
    """Done by a worker that has loaded what it needs."""
