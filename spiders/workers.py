"""The worker pool as the spider uses it: bytes go out, offers and judged documents come back."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from crawler.fetch.addresses import host_and_port
from crawler.pool import WorkerPool
from crawler.process import Task
from spiders.kinds.offer import Offer
from spiders.kinds.table import read_source
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
        return _named(
            await self._done(self.pool.submit("process", Task(fetched, candidate, source))), source
        )

    async def judge_page(
        self, fetched: Fetched, candidate: Candidate, source: Source, before: str | None
    ) -> Judged:
        """The same of a watched page, with its parts; `before` is its text at the last look."""
        task = Task(fetched, candidate, source, before)
        judged = _named(await self._done(self.pool.submit("process_page", task)), source)
        return replace(judged, parts=tuple(_named(part, source) for part in judged.parts or ()))

    @staticmethod
    async def _done(future: Future[Any]) -> Any:
        try:
            return await asyncio.wrap_future(future)
        except (
            RuntimeError
        ) as error:  # the pool's word for: closed, or workers end as soon as they begin
            raise AccordwatchError(
                f"the worker processes cannot run: {error}; see the log above"
            ) from error


def _named(judged: Judged, source: Source) -> Judged:
    document = judged.document
    if source.name and document.url and host_and_port(document.url) == host_and_port(source.url):
        return replace(judged, document=replace(document, outlet=source.name))
    return judged


def ready() -> None:
    """Done by a worker that has loaded what it needs."""
