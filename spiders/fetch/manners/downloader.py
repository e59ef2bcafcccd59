"""Scrapy's downloader, which keeps to the number of requests that a host may have at a time, to
its delay whenever it heard the last one, and to the hosts that are ours.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.core.downloader import Downloader, Slot
from twisted.python.failure import Failure

from spiders.fetch.manners.leases import Leases, elsewhere
from spiders.fetch.manners.slots import on_the_way_s

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

_LOST_FOR = timedelta(seconds=30)  # until a lease is asked for again that was lost


class HostDownloader(Downloader):
    """Counts a request from the moment in which it is taken off the queue of its slot.

    Scrapy counts it when its task begins to run. Without a delay all requests that are queued until
    then go out together, whatever the limit of the slot is.
    """

    # Which hosts are ours; None where nobody else asks any.
    leases: Leases | None = None

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.signals.connect(self._heard, signals.headers_received)

    def _heard(self, request: Request) -> None:
        """Let the next request wait for its delay after this answer began: when its server heard
        this one is not known, after a slow connection or on a busy machine.
        """
        if (slot := self.slots.get(self.get_slot_key(request))) is not None:
            slot.lastseen = max(slot.lastseen, monotonic() - on_the_way_s(slot.delay))

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        name = self.get_slot_key(request)
        if self.leases is not None and not self.leases.holds(name):
            return _refused(name, queue_dfd)
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)


async def _refused(host: str, queue_dfd: Deferred[Response]) -> None:
    """End a request that waited for its turn while the lease of its host was lost."""
    refusal = elsewhere(host, datetime.now(UTC) + _LOST_FOR)
    queue_dfd.errback(Failure(refusal))  # type: ignore[no-untyped-call]  # Twisted
