"""A crawl of twenty sites that are built differently, of which some misbehave: what it asked of
them, and what it kept.

One crawl is shown from many sides. It begins with the slow site; all others become due while it is
at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Event
from typing import Any

import pytest

from scheduler.jobs import crawl_process
from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.filter import Filter
from storage.lists.queries import document_text, search
from storage.source import Source
from tests.localweb.sites import START, TWENTY, Site, site
from tests.localweb.web import Asked, Web, local_web
from tests.storage.opened import session

LATE_S = 0.5  # how long a busy machine may let a request lie before its server notes it


@dataclass(frozen=True, slots=True)
class Crawled:
    """What is left of a crawl: requests by site, texts by address, its report."""

    web: Web
    asked: dict[str, list[Asked]]
    texts: dict[str, str]
    report: dict[str, Any]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    url = f"sqlite:///{tmp_path_factory.mktemp('web') / 'a.db'}"
    with local_web() as web, pytest.MonkeyPatch.context() as patch:
        patch.setattr(crawl_process, "JOIN_S", 0.5)
        sources = web.sources
        slow = sources.pop("slow")
        crawl = {
            "allow_private": list(web.addresses.values()),
            "delay_s": 0,
            "patience_s": 30,
            "timeout_s": 20,
        }
        spec = CrawlSpec(
            database_url=url,
            sources=(slow,),
            crawl=CrawlSettings.model_validate(crawl),
            workers=1,
        )
        began = Event()
        ended = crawl_process.crawl(
            spec, lambda event: began.set(), joining=_once(list(sources.values()), began)
        )
        assert ended.report is not None
        asked = {name: web.asked(name) for name in web.addresses}
        yield Crawled(web, asked, _texts(url), ended.report)


def _once(sources: list[Source], began: Event) -> Callable[[], Sequence[Source]]:
    """All sources, once the crawl has said that it read its first one."""
    waiting = [sources]

    def joining() -> Sequence[Source]:
        return waiting.pop() if waiting and began.is_set() else []

    return joining


def _texts(url: str) -> dict[str, str]:
    with session(url) as s:
        rows = list(search(s, Filter(), everything=True, limit=None))
        return {row.url or "": document_text(s, row.id) or "" for row in rows}


def test_sources_that_become_due_are_read_while_a_slow_host_is_crawled(crawled: Crawled) -> None:
    slow_until = crawled.asked["slow"][-1].began_s
    others = [rows for name, rows in crawled.asked.items() if name != "slow"]
    first_looks = [next(row.began_s for row in rows if row.path == START) for rows in others]
    assert len(first_looks) == 19
    assert (
        min(first_looks) > crawled.asked["slow"][1].began_s
    )  # the slow host had the crawl to itself
    assert max(first_looks) < slow_until


def test_a_slow_host_is_asked_one_by_one_and_never_sooner_than_its_robots_txt_wants(
    crawled: Crawled,
) -> None:
    rows, wanted_s = crawled.asked["slow"], site("slow").crawl_delay_s
    assert wanted_s is not None
    assert len(rows) == 2 + site("slow").count  # its robots.txt, its feed, its articles
    assert all(
        after.began_s - before.began_s >= wanted_s - LATE_S for before, after in pairwise(rows)
    )
    assert all(after.began_s >= before.ended_s for before, after in pairwise(rows))


def test_a_host_that_asks_to_wait_is_left_alone_until_then_and_gives_all_it_has_afterwards(
    crawled: Crawled,
) -> None:
    rows = crawled.asked["busy"]
    refused = next(row for row in rows if row.status == 429)
    # with two requests at a time, one may have been on its way when the server refused
    later = [row for row in rows if row.began_s > refused.ended_s + LATE_S]
    assert all(
        row.began_s - refused.ended_s >= site("busy").retry_after_s - LATE_S for row in later
    )
    assert refused.path in [row.path for row in later if row.status == 200]
    assert_all_stored(crawled, site("busy"))


def test_a_gzip_that_breaks_off_is_fetched_again_and_stored_whole(crawled: Crawled) -> None:
    broken = site("broken-off")
    assert broken.broken_off is not None
    paths = [row.path for row in crawled.asked["broken-off"]]
    assert paths.count(broken.path_of(broken.broken_off)) == 2
    assert_all_stored(crawled, broken)


@pytest.mark.parametrize("name", ["empty-feed", "empty-news"])
def test_a_source_that_has_nothing_is_no_failure(crawled: Crawled, name: str) -> None:
    assert name not in crawled.report["failed_sources"]
    assert crawled.report["sources"][name]["problems"] == []


@pytest.mark.parametrize("of", TWENTY, ids=lambda of: of.name)
def test_what_a_site_offers_is_stored_with_its_text_and_without_what_stands_beside_it(
    crawled: Crawled, of: Site
) -> None:
    assert_all_stored(crawled, of)


def assert_all_stored(crawled: Crawled, of: Site) -> None:
    for path, truth in of.texts.items():
        text = _one_line(crawled.texts[crawled.web.url(of.name, path)])
        assert all(_one_line(paragraph) in text for paragraph in truth.splitlines()), path
        assert not [teaser for teaser in of.teasers if _one_line(teaser) in text], path


def _one_line(text: str) -> str:
    return " ".join(text.split())
