"""What is at hand is read again if its worker was killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.pool import WorkerPool
from crawler.worker import RulesSpec
from spiders import workers
from spiders.crawl_run import again_at
from spiders.document_fetcher import DocumentFetcher
from spiders.fetch.responses import Failure
from spiders.spec import Orders
from spiders.workers import Workers
from storage.errors import UnreadableError
from storage.records import Candidate
from storage.source import SourceKind
from storage.sources.frontier import FrontierRow
from tests.spiders.answers import NOW, URL, fetched, source
from tests.storage.given import judged


def _killed_at_first(sign: Path, times: int) -> int:
    """As the kernel does where memory is short."""
    tries = len(sign.read_text()) if sign.exists() else 0
    if tries < times:
        sign.write_text("x" * (tries + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return tries


def _broken(sign: Path) -> None:
    with sign.open("a") as file:
        file.write("x")
    raise UnreadableError("broken", "it is damaged")


def test_what_is_at_hand_is_read_again_if_its_worker_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACK_OFF_S", (0.0, 0.0))
    with WorkerPool(RulesSpec(), workers=1) as pool:
        read = Workers(pool).run
        assert asyncio.run(read(_killed_at_first, tmp_path / "a", 2)) == 2
        with pytest.raises(UnreadableError, match="ended its worker"):
            asyncio.run(read(_killed_at_first, tmp_path / "b", 9))
        with pytest.raises(UnreadableError, match="damaged"):
            asyncio.run(read(_broken, tmp_path / "c"))
    assert (tmp_path / "c").read_text() == "x"


def wait_s(attempts: int, until_s: float | None = None, reason: str = "http_503") -> float:
    """How long a document waits after so many failures; `until_s` is what its server asked for."""
    row = FrontierRow(1, URL, "s", Candidate(URL), attempts)
    until_at = None if until_s is None else NOW + timedelta(seconds=until_s)
    return (
        again_at(row, Failure(reason, "no", transient=True, until_at=until_at), NOW) - NOW
    ).total_seconds()


def test_a_document_waits_longer_after_each_attempt_as_documented() -> None:
    assert [wait_s(attempts) for attempts in range(1, 7)] == [5, 600, 7200, 43_200, 43_200, 43_200]


@pytest.mark.parametrize(("attempts", "waited_s"), [(1, 2), (2, 600), (3, 7200)])
def test_a_short_wish_does_not_use_up_all_attempts_within_a_minute(
    attempts: int, waited_s: float
) -> None:
    assert wait_s(attempts, until_s=2) == waited_s


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_a_long_wish_is_obeyed_to_the_full(attempts: int) -> None:
    assert wait_s(attempts, until_s=80_000) == 80_000


def test_what_was_never_asked_for_waits_no_longer_than_the_pause() -> None:
    assert wait_s(5, until_s=60, reason="paused") == 60


def test_pages_that_do_not_come_in_time_are_left_out() -> None:
    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    async def read() -> Any:
        run: Any = SimpleNamespace(sources={"s": source(SourceKind.FEED)})
        fetcher = DocumentFetcher(run, never, never)
        fetcher.pages_s = 0
        row = FrontierRow(1, URL, "s", Candidate(URL), 1)
        return await fetcher.with_later_pages(first, fetched("<p>one"), row)

    one = judged(1)
    first = replace(one, document=replace(one.document, next_page=f"{URL}?page=2"))
    assert asyncio.run(asyncio.wait_for(read(), 60)) is first


@pytest.mark.parametrize("may_pass", [True, False])
def test_a_document_whose_worker_was_stopped_is_tried_again(may_pass: bool) -> None:
    """Neither the limit of time nor a lack of memory says anything of the document."""

    async def judge(*_: Any) -> Any:
        raise UnreadableError("broken", "reading it ended its worker process", may_pass=may_pass)

    run: Any = SimpleNamespace(
        sources={"s": source(SourceKind.FEED)}, workers=SimpleNamespace(judge=judge)
    )
    fetcher = DocumentFetcher(run, judge, judge)
    answer = HtmlResponse(URL, body=b"<p>one")
    failure = asyncio.run(fetcher.judge(answer, FrontierRow(1, URL, "s", Candidate(URL), 1)))
    assert failure is not None
    assert (failure.reason, failure.transient) == ("broken", may_pass)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_lines_that_come_together_are_told_apart(pipe: tuple[int, int]) -> None:
    orders = Orders(pipe[0])
    os.write(pipe[1], b"first\nsecond\nthi")
    assert orders.first() == b"first"
    assert orders.at_hand() == [b"second"]
    os.write(pipe[1], b"rd\n")
    assert orders.more() == [b"third"]
    os.close(pipe[1])
    assert (orders.more(), orders.ended) == ([], True)


def test_a_first_line_without_an_end_is_what_came_before_the_end(pipe: tuple[int, int]) -> None:
    orders = Orders(pipe[0])
    os.write(pipe[1], b"{}")
    os.close(pipe[1])
    assert (orders.first(), orders.ended, orders.at_hand()) == (b"{}", True, [])
