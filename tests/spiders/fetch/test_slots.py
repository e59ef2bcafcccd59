"""The slots of Scrapy's downloader, as they are when requests are sent."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from types import SimpleNamespace

import pytest
from scrapy import Request, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.utils.test import get_crawler

from spiders.fetch.settings import CrawlSettings, scrapy_settings
from spiders.fetch.slots import (
    MAX_CRAWL_DELAY_S,
    ON_THE_WAY_S,
    HostDownloader,
    SlotMiddleware,
    as_sent,
    obey_crawl_delay,
    slot_delay_s,
    slow_down,
)

HOST = "a.org:443"


def with_open_slot() -> tuple[Downloader, Slot]:
    """A downloader of ours that has asked HOST before."""
    downloader = Downloader(
        get_crawler(settings_dict=scrapy_settings(CrawlSettings(delay_s=1, per_host=4)))
    )
    downloader.slots[HOST] = slot = Slot(
        downloader.domain_concurrency, downloader._delay, downloader._jitter
    )
    return downloader, slot


def test_a_delay_is_kept_to_the_full() -> None:
    downloader, slot = with_open_slot()
    slow_down(downloader, HOST, 7.0)
    assert {slot.download_delay() for _ in range(50)} == {7.0}


def test_a_crawl_delay_is_obeyed_one_request_at_a_time() -> None:
    downloader, slot = with_open_slot()
    obey_crawl_delay(downloader, HOST, 12.0)
    kept_s = 12.0 + ON_THE_WAY_S
    assert (slot.concurrency, slot.download_delay()) == (1, kept_s)
    assert downloader.per_slot_settings[HOST] == {
        "delay": kept_s,
        "concurrency": 1,
    }  # for a slot that is opened again
    assert slot_delay_s(downloader, HOST, 1.0) == kept_s


def test_a_crawl_delay_beyond_reason_is_cut() -> None:
    downloader, _ = with_open_slot()
    obey_crawl_delay(downloader, HOST, 3600.0)
    assert slot_delay_s(downloader, HOST, 1.0) == MAX_CRAWL_DELAY_S + ON_THE_WAY_S


def test_the_longest_delay_that_was_asked_for_holds() -> None:
    downloader, slot = with_open_slot()
    for delay_s in (3.0, 9.0, 2.0):
        slow_down(downloader, HOST, delay_s)
    assert slot.download_delay() == slot_delay_s(downloader, HOST, 1.0) == 9.0


def test_the_configured_delay_holds_where_nothing_else_was_asked_for() -> None:
    crawler = get_crawler(settings_dict=scrapy_settings(CrawlSettings(delay_s=2.5)))
    crawler.engine = SimpleNamespace(downloader=Downloader(crawler))  # type: ignore[assignment]  # all that is asked of it
    slots = SlotMiddleware(crawler)
    slots.process_request(Request("https://a.org/page"))
    slots.process_request(Request("https://b.org/page", meta={"delay_s": 6.0}))
    downloader = crawler.engine.downloader
    asked = [slot_delay_s(downloader, f"{host}:443", 9.0) for host in ("a.org", "b.org", "c.org")]
    assert asked == [2.5 + ON_THE_WAY_S, 6.0 + ON_THE_WAY_S, 9.0]


def test_a_short_delay_grows_by_a_quarter() -> None:
    assert as_sent(0.4) == 0.5


@pytest.mark.parametrize(("answer_s", "wait_s"), [(5.0, 1.0), (0.1, 0.9 + ON_THE_WAY_S)])
def test_a_request_that_was_long_on_its_way_counts_from_its_answer(
    answer_s: float, wait_s: float
) -> None:
    crawler = get_crawler(settings_dict=scrapy_settings(CrawlSettings()))
    downloader = HostDownloader(crawler)
    downloader.slots[HOST] = slot = Slot(1, as_sent(1.0), 0.0)
    slot.lastseen = monotonic() - answer_s
    asked = Request("https://a.org/", meta={"download_slot": HOST})
    crawler.signals.send_catch_log(signals.headers_received, request=asked)
    waits_s = slot.download_delay() - (monotonic() - slot.lastseen)
    assert waits_s == pytest.approx(wait_s, abs=0.05)


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
