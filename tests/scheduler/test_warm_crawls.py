"""Crawls that are forked from a process that is kept: they end as others do, whoever is killed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.fetch.settings import CrawlSettings
from scheduler import crawl_process, warm_crawls
from scheduler.crawl_process import Ended, Event, crawl
from scheduler.warm_crawls import WarmCrawl, WarmCrawls
from spiders.spec import CrawlSpec
from storage.records import SourceKind
from tests.scheduler.daemon.running_daemon import wait_until
from tests.spiders.crawls import source, spec
from tests.spiders.servers import Site, bad_site
from tests.warm import start as warm


class Watched(WarmCrawls):
    """Knows the crawl that it began last, and what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.last: WarmCrawl | None = None
        super().__init__(self.told.append)

    def begin(self, wanted: CrawlSpec) -> WarmCrawl | None:
        self.last = super().begin(wanted)
        return self.last

    @property
    def pid(self) -> int:
        assert self.last is not None
        return self.last.pid

    @property
    def forked_from(self) -> int:
        """Of the crawl that is at work."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("PPid:")[1].split()[0])


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


@pytest.fixture(scope="module")
def crawls() -> Iterator[Watched]:
    """Kept for all tests, as a daemon keeps it for all crawls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warm_crawls, "COMMAND", warm.command("spiders.warm"))
        patch.setattr(crawl_process, "COMMAND", warm.command("spiders.crawl"))
        kept = Watched()
        yield kept
        kept.close()


@pytest.fixture(autouse=True)
def forget_what_was_told(crawls: Watched) -> None:
    crawls.told.clear()


def _page(folder: Path, site: Site) -> CrawlSpec:
    return spec(folder, site, [source(site, "/watched", SourceKind.PAGE)])


def _many(folder: Path, site: Site) -> CrawlSpec:
    return spec(folder, site, [source(site, "/many", delay_s=0.2)])


def _at_first_document(do: Callable[[], object]) -> Callable[[Event], None]:
    waiting = [do]

    def hear(event: Event) -> None:
        if event["event"] == "document" and waiting:
            waiting.pop()()

    return hear


def _stored(ended: Ended) -> int:
    assert ended.report is not None, ended
    return int(ended.report["totals"]["stored"])


def test_crawls_are_forked_from_one_process(site: Site, tmp_path: Path, crawls: Watched) -> None:
    wanted, from_ = _page(tmp_path, site), []
    for _ in range(2):
        ended = crawl(wanted, lambda _: from_.append(crawls.forked_from), warm=crawls)
        assert (ended.code, ended.why, _stored(ended)) == (0, None, 1)
    assert len(set(from_)) == 1
    assert crawls.told == []


def test_a_crawl_that_is_killed_harms_no_other(site: Site, tmp_path: Path, crawls: Watched) -> None:
    kill = _at_first_document(lambda: os.kill(crawls.pid, signal.SIGKILL))
    ended = crawl(_many(tmp_path, site), kill, warm=crawls)
    assert "killed by SIGKILL" in str(ended.fault)
    assert crawl(_page(tmp_path, site), lambda _: None, warm=crawls).code == 0
    assert crawls.told == []


def test_a_crawl_ends_in_order_when_it_is_told_to(
    site: Site, tmp_path: Path, crawls: Watched
) -> None:
    stop = threading.Event()
    ended = crawl(_many(tmp_path, site), _at_first_document(stop.set), stop=stop, warm=crawls)
    assert ended.code == 0
    assert 0 < _stored(ended) < 40


def test_when_the_process_is_killed_its_crawl_ends_in_order_and_later_ones_begin(
    site: Site, tmp_path: Path, crawls: Watched
) -> None:
    kill = _at_first_document(lambda: os.kill(crawls.forked_from, signal.SIGKILL))
    ended = crawl(_many(tmp_path, site), kill, warm=crawls)
    assert ended.code == 0
    assert 0 < _stored(ended) < 40
    assert crawl(_page(tmp_path, site), lambda _: None, warm=crawls).code == 0
    assert crawls.last is None  # it began as a new process
    (told,) = crawls.told
    assert "killed by SIGKILL" in told
    assert crawl(_page(tmp_path, site), lambda _: None, warm=crawls).code == 0
    assert crawls.last is not None


def test_another_rule_is_loaded_by_another_process(
    site: Site, tmp_path: Path, crawls: Watched
) -> None:
    rules = tmp_path / "mine.yaml"
    rules.write_text("schema: 1\nconcepts: {}\n")
    wanted, from_ = _page(tmp_path, site), []
    for files in ((), (rules,)):
        one = wanted.model_copy(update={"rule_files": files})
        ended = crawl(one, lambda _: from_.append(crawls.forked_from), warm=crawls)
        assert ended.code == 0
    assert len(set(from_)) == 2
    wait_until(lambda: not Path(f"/proc/{from_[0]}").exists(), "the first process to end")


def test_a_process_that_holds_too_much_is_given_up_and_told_once(
    site: Site, tmp_path: Path, crawls: Watched
) -> None:
    little = CrawlSettings(**(_page(tmp_path, site).crawl.model_dump() | {"warm_mb": 1}))
    wanted = _page(tmp_path, site).model_copy(update={"crawl": little})
    for _ in range(2):
        assert crawl(wanted, lambda _: None, warm=crawls).code == 0
        assert crawls.last is None
    (told,) = crawls.told
    assert "crawl.warm_mb is 1" in told
