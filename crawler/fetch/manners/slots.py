"""Politeness per host and port: the delay between two requests is that of the source, else the configured one.

Scrapy names its slots by host alone; two servers on one machine are two servers to us.
A request may carry `meta["delay_s"]`; the longest delay asked for a host holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from crawler.fetch.addresses import host_and_port

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler

MAX_CRAWL_DELAY_S = (
    30.0  # robots.txt files with 3,600 exist: that would be a handful of documents a day
)


class SlotMiddleware:
    """Names the slot of every request and gives a new slot its delay."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.delay_s = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # a redirected request arrives with the slot of the host that it came from
        request.meta["download_slot"] = name = host_and_port(request.url)
        delay_s = request.meta.get("delay_s")
        slow_down(
            self.crawler.engine.downloader, name, self.delay_s if delay_s is None else delay_s
        )


def slot_delay_s(downloader: Downloader, slot_name: str, default_s: float) -> float:
    """Seconds that a slot waits between requests; `default_s` where none was asked for yet."""
    return float(downloader.per_slot_settings.get(slot_name, {}).get("delay", default_s))


def obey_crawl_delay(downloader: Downloader, slot_name: str, asked_s: float) -> None:
    """Makes a slot do what a robots.txt asks: one request at a time, so long after the one before, within reason."""
    slow_down(downloader, slot_name, min(asked_s, MAX_CRAWL_DELAY_S))
    downloader.per_slot_settings[slot_name]["concurrency"] = 1
    if (slot := downloader.slots.get(slot_name)) is not None:
        slot.concurrency = 1


def slow_down(downloader: Downloader, slot_name: str, delay_s: float) -> None:
    """Makes a slot wait at least `delay_s` seconds between requests."""
    asked = downloader.per_slot_settings.setdefault(slot_name, {"delay": delay_s})
    asked["delay"] = max(asked["delay"], delay_s)
    if (slot := downloader.slots.get(slot_name)) is not None:
        slot.delay = max(slot.delay, delay_s)
