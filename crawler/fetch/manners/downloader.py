"""Scrapy's downloader, which keeps to the number of requests that a host may have at a time."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader, Slot

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.internet.defer import Deferred


class HostDownloader(Downloader):
    """Counts a request from the moment in which it is taken off the queue of its slot.

    Scrapy counts it when its task begins to run. Without a delay all requests that are queued until
    then go out together, whatever the limit of the slot is.
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)
