"""The worker pool as the spider uses it: bytes go in, offers and judged documents come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from crawler.pool import WorkerPool
from crawler.process.task import Task
from spiders.kinds.offer import Offer
from spiders.kinds.table import read_source
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, Fetched, Judged
from storage.source import Source

READING = read_source.__module__  # what workers import to read sources
# Between the attempts to read what is at hand. Memory that others take is often free again soon.
BACK_OFF_S = (1.0, 10.0)


class Workers:
    """Runs functions in the pool and awaits them. They raise UnreadableError if these bytes cannot
    be read, and another AccordwatchError if no bytes can be read at all: the rules cannot be used,
    or no worker starts.
    """

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool

    def begin(self) -> None:
        """Lets the workers start while the first requests are under way."""
        self.pool.begin()

    async def read(self, fetched: Fetched, source: Source) -> Offer:
        offer: Offer = await self._done(self.pool.submit(read_source, fetched, source))
        return offer

    async def judge(self, what: Task | Document, stage: str = "process") -> Judged:
        judged: Judged = await self._done(self.pool.submit(stage, what))
        return judged

    async def run(self, stage: str | Callable[..., Any], *payload: Any) -> Any:
        """What a stage returns, tried again if its failure may pass: what is at hand goes by no
        frontier, where it could wait for another attempt.
        """
        for wait_s in BACK_OFF_S:
            try:
                return await self._done(self.pool.submit(stage, *payload))
            except UnreadableError as error:
                if not error.may_pass:
                    raise
            await asyncio.sleep(wait_s)
        return await self._done(self.pool.submit(stage, *payload))

    @staticmethod
    async def _done(future: Future[Any]) -> Any:
        try:
            return await asyncio.wrap_future(future)
        except (
            RuntimeError
        ) as error:  # the pool is closed, or its workers end as soon as they begin
            raise AccordwatchError(
                f"the worker processes cannot run: {error}; see the log above"
            ) from error
