"""Later pages of an article."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from spiders.document_fetcher import DocumentFetcher
from storage.errors import UnreadableError
from storage.records import Candidate, SourceKind
from storage.sources.frontier import FrontierRow
from tests.spiders.answers import URL, fetched, source
from tests.storage.given import judged


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
