"""Fetches a document that was claimed from the frontier, has it judged, and hands it to the
writer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from crawler.extract.articles.reasons import MAY_PASS
from crawler.process.task import Task
from spiders.crawl_run import CrawlRun
from spiders.fetch.browser import RENDERED
from spiders.fetch.responses import Failure, refuse_status, to_fetched
from spiders.frontier import LEASE_S
from spiders.reading.source_reader import AnswerAt
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Fetched, Judged
from storage.source import Source
from storage.sources.frontier import FrontierRow

if TYPE_CHECKING:
    from scrapy.http import Response

# For all of them together: a row that is not settled before its lease runs out is fetched twice.
PAGES_S = LEASE_S / 3
MOST_PAGES = 9  # beside the first; what has more of them is no article but a catalogue

# Reasons for which a page is opened in the browser, if its source says that scripts build it.
NEED_SCRIPTS = ("needs_scripts", "no_text", "interstitial")
Open = Callable[["Response", Source], Awaitable["Response | Failure"]]

log = logging.getLogger(__name__)


class DocumentFetcher:
    """Fetches documents. `answer_at` requests an address: its answer or failure."""

    def __init__(self, run: CrawlRun, answer_at: AnswerAt, open_in_browser: Open) -> None:
        self.run, self.answer_at, self.open_in_browser = run, answer_at, open_in_browser
        self.pages_s = PAGES_S

    async def fetch(self, row: FrontierRow) -> None:
        """Brings one claimed row to its end, whatever that is."""
        try:
            failure = await self.document(row)
            if failure is not None:
                await self.run.fail(row, failure)
        except AccordwatchError as error:
            self.run.abort(error)
        except Exception:  # the edge: the row is given back when the run ends
            log.exception("%s: what became of it could not be recorded", row.url)
        finally:
            self.run.frontier.settled(row)

    async def document(self, row: FrontierRow) -> Failure | None:
        """Has one document fetched, judged and handed over. Returns a failure if that fails."""
        answer = await self.answer_at(row.url, self.run.sources[row.source_id], None)
        if isinstance(answer, Failure):
            return answer
        return refuse_status(answer.status, answer.body, row.url) or await self.judge(answer, row)

    async def judge(self, response: Response, row: FrontierRow) -> Failure | None:
        """Has an answer extracted, judged and handed over. Returns a failure if that fails."""
        source = self.run.sources[row.source_id]
        try:
            fetched = to_fetched(response, row.url)
            judged = await self.run.workers.judge(Task(fetched, row.candidate, source))
            judged = await self.with_later_pages(judged, fetched, row)
        except UnreadableError as error:
            if (
                source.javascript
                and error.reason in NEED_SCRIPTS
                and RENDERED not in response.flags
            ):
                return await self.judge_opened(response, row)
            transient = error.may_pass or error.reason in MAY_PASS
            return Failure(error.reason, f"{row.url}: {error}", transient=transient)
        except AccordwatchError:  # no document can be judged
            raise
        except Exception as error:  # the edge: one document must not end the run
            log.exception("%s: judging failed", row.url)
            return Failure("failed", f"{row.url}: {error}"[:300], transient=True)
        await self.run.store_document(judged, row)
        return None

    async def judge_opened(self, response: Response, row: FrontierRow) -> Failure | None:
        """Has an answer judged as a browser shows it, since it has no text without."""
        opened = await self.open_in_browser(response, self.run.sources[row.source_id])
        return opened if isinstance(opened, Failure) else await self.judge(opened, row)

    async def with_later_pages(self, judged: Judged, first: Fetched, row: FrontierRow) -> Judged:
        """Reads an article of several pages to its end, leaving out what cannot be had."""
        source = self.run.sources[row.source_id]
        until = asyncio.get_running_loop().time() + self.pages_s
        more: list[Fetched] = []
        while judged.document.next_page is not None and len(more) < MOST_PAGES:
            url = judged.document.next_page
            try:
                async with asyncio.timeout_at(until):
                    answer = await self.answer_at(url, source, None)
            except TimeoutError:
                return judged
            if isinstance(answer, Failure) or refuse_status(answer.status, answer.body, url):
                return judged
            more.append(to_fetched(answer, url))
            try:
                task = Task(first, row.candidate, source, more=tuple(more))
                judged = await self.run.workers.judge(task)
            except UnreadableError:
                return judged
        return judged
