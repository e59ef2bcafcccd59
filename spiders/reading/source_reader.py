"""Reads a source: requests its addresses and has what they offer, or a watched page, stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.process.task import Task
from spiders.crawl_run import CrawlRun
from spiders.fetch.responses import (
    NOT_MODIFIED,
    Failure,
    body_hash,
    conditional_headers,
    moved_to,
    refuse_status,
    to_fetched,
    validators_of,
)
from spiders.kinds.table import KINDS
from spiders.reading.polls import begin, validators_key
from spiders.reading.source_reading import (
    SourceAnswer,
    SourceReading,
    distrusts,
    same_validators,
    wants_full_look,
)
from storage.documents.texts import text_of_page
from storage.errors import AccordwatchError, UnreadableError
from storage.source import Source
from storage.sources.frontier import unseen
from storage.sources.manners import LastAnswer, Validators, answers, validators

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)

SECOND_LOOK_S = 2.0  # a source that fails is tried again after this: one lost packet proves nothing
TURN_S = 3600  # undated parts of an index are read in turn, others after this

AnswerAt = Callable[[str, Source, dict[str, str] | None], Awaitable["Response | Failure"]]


class SourceReader:
    """Reads the sources of a run. `answer_at` requests an address: its answer or failure."""

    def __init__(self, run: CrawlRun, answer_at: AnswerAt) -> None:
        self.run, self.answer_at = run, answer_at

    async def poll(self, source: Source) -> None:
        """Reads a source and records the look, unless the run is stopped: it stays due then."""
        begun = await self.run.writer.call(lambda s: begin(s, source, datetime.now(UTC)))
        reading = await self.read_all(begun)
        if reading is not None:
            await self.run.record(reading)

    async def read_all(self, reading: SourceReading) -> SourceReading | None:
        """Reads a source and, level by level, the addresses that its answers name. Returns None if
        it did not come to the end. The addresses are requested one by one: all parts of a sitemap
        index at once would fill the queue of their host and make the documents behind them wait too
        long.
        """
        urls = [reading.kind.first_address(reading.source)]
        for depth in range(reading.kind.deepest + 1):
            addresses: list[str] = []
            for number, url in enumerate(urls):
                if self.run.report.stopped:
                    return None
                if reading.full:
                    reading = reading.leaving(urls[number:])
                    break
                reading = reading.after(await self.look(reading, url, depth))
                addresses += reading.further()
            if depth == 0 and reading.resumed is not None:
                addresses.append(reading.resumed)
            due, left = await self.next_ones(reading, addresses)
            urls, reading = due, reading.leaving(left)
        return reading

    async def next_ones(
        self, reading: SourceReading, addresses: list[str]
    ) -> tuple[list[str], list[str]]:
        """(those of the `addresses` to be requested at this look, those left for later ones)."""
        fresh = reading.not_yet_fetched(addresses)
        if not fresh:
            return [], []
        last_answers = await self.run.writer.call(lambda s: answers(s, fresh))
        turn = int(datetime.now(UTC).timestamp() // TURN_S)
        due, certain = parts_due(fresh, reading.changed_at, last_answers, turn)
        now = reading.with_room(due)
        return now, due[len(now) : certain]

    async def look(self, reading: SourceReading, url: str, depth: int) -> SourceAnswer:
        """Requests one address, twice if that may help; the old one if the new one fails."""
        key = validators_key(reading.source, url)
        known = await self.run.writer.call(lambda s: validators(s, key))
        address = reading.address_of(url)
        begun = SourceAnswer(url, depth, address if address != url else None)
        answer = await self.look_once(reading, begun, known)
        has_failed = answer.failure is not None or reading.after(answer).failed
        if address != url and has_failed:
            begun, known = SourceAnswer(url, depth), Validators(distrusted_at=known.distrusted_at)
            answer = await self.look_once(reading, begun, known)
        failure = answer.failure
        if failure is not None and failure.transient and failure.until_at is None:
            await asyncio.sleep(SECOND_LOOK_S)
            answer = await self.look_once(reading, begun, known)
        return answer

    async def look_once(
        self, reading: SourceReading, answer: SourceAnswer, known: Validators
    ) -> SourceAnswer:
        """Requests an address. Returns the answer, in which nothing but its address is known yet,
        with what came; `known` are the validators of the last one.
        """
        url = answer.address or answer.url
        in_full = wants_full_look(known, datetime.now(UTC), reading.patience)
        headers = {} if in_full else conditional_headers(known.etag, known.last_modified)
        response = await self.answer_at(url, reading.source, headers)
        if isinstance(response, Failure):
            return replace(answer, failure=response)
        if response.status == NOT_MODIFIED:
            return replace(answer, not_modified=True)
        if answer.depth and response.status == reading.kind.end_status:
            return answer  # the page before was the last one
        if (failure := refuse_status(response.status, response.body, url)) is not None:
            return replace(answer, failure=failure)
        try:
            answer = await self.read(response, reading, answer, known)
            await self.store_page(response, reading.source, answer)
        except UnreadableError as error:
            failure = Failure(error.reason, f"{url}: {error}", transient=False)
        except AccordwatchError:  # nothing can be read at all
            raise
        except Exception as error:  # the edge: one source must not end the run
            log.exception("%s: reading failed", url)
            failure = Failure("failed", f"{url}: {error}"[:300], transient=False)
        else:
            return answer
        return replace(answer, failure=failure)

    async def read(
        self, response: Response, reading: SourceReading, answer: SourceAnswer, known: Validators
    ) -> SourceAnswer:
        """Reads one answer of a source, unless it is the same as before."""
        current = Validators(*validators_of(response), body_hash(response.body))
        lied = await self.lied(reading, answer, known, current)
        answer = replace(answer, validators=current, lied=lied, moved_to=moved_to(response))
        if current.body_hash == known.body_hash:
            return answer
        offer = await self.run.workers.read(to_fetched(response, answer.url), reading.source)
        if offer.failed:  # what moved there may be an error page
            answer = replace(answer, moved_to=None)
        if reading.kind.is_watched:  # it goes by no frontier
            return replace(answer, offer=offer, unseen=())
        urls = [candidate.url for candidate in offer.candidates]
        fresh = await self.run.writer.call(lambda s: unseen(s, urls))
        return replace(answer, offer=offer, unseen=fresh)

    async def lied(
        self, reading: SourceReading, answer: SourceAnswer, known: Validators, current: Validators
    ) -> bool:
        """Whether the server would have called unchanged what has changed since `known`."""
        is_same = known.body_hash in (None, current.body_hash)
        if is_same or not (known.etag or known.last_modified):
            return False
        now, has_lied = datetime.now(UTC), same_validators(known, current)
        is_proof = wants_full_look(known, now, reading.patience) and not distrusts(known, now)
        if has_lied or not is_proof:
            return has_lied
        headers = conditional_headers(known.etag, known.last_modified)
        again = await self.answer_at(answer.address or answer.url, reading.source, headers)
        return not isinstance(again, Failure) and again.status == NOT_MODIFIED

    async def store_page(self, response: Response, source: Source, answer: SourceAnswer) -> None:
        """Judges and stores a watched page that has changed. Does nothing for other sources."""
        is_watched = KINDS[source.kind].is_watched
        if not is_watched or answer.offer is None or answer.validators is None:
            return
        for page in answer.offer.candidates[:1]:
            fetched = to_fetched(response, answer.url)
            before = await self.run.writer.call(lambda s: text_of_page(s, source.id, source.url))
            task = Task(fetched, page, source, before)
            judged = await self.run.workers.judge(task, "process_page")
            await self.run.store_page(judged, source, answer)


# --- which parts of a sitemap index are read at this look -----------------------------------------

# Of parts without a date nobody knows which one has changed. These are read in turn, the first and
# the last one at every look: sites add new documents at one of the two ends.
MAX_UNDATED = 10
_NEVER = datetime.min.replace(tzinfo=UTC)


def parts_due(
    parts: Sequence[str],
    changed_at: Mapping[str, datetime],
    last_answers: Mapping[str, LastAnswer],
    turn: int,
) -> tuple[list[str], int]:
    """(the parts to be read, in this order; how many of them are certain to hold something). A
    part is certain if it was never read whole, or has changed since: `changed_at` is when it
    changed by the index, `last_answers` is when each was read whole last. The newest
    come first. `turn` is a number that rises from look to look.
    """
    certain = [part for part in parts if _is_certain(part, changed_at, last_answers)]
    certain.sort(key=lambda part: changed_at.get(part, _NEVER), reverse=True)
    undated = [part for part in parts if part not in changed_at and part in last_answers]
    return certain + _in_turn(undated, turn), len(certain)


def _is_certain(
    part: str, changed_at: Mapping[str, datetime], last_answers: Mapping[str, LastAnswer]
) -> bool:
    if part not in last_answers:
        return True
    if part not in changed_at:
        return False
    # The clock of the site may be behind ours, so another date than then counts whatever it is.
    at, listed_at = last_answers[part]
    return changed_at[part] != listed_at or changed_at[part] >= at


def _in_turn(parts: Sequence[str], turn: int) -> list[str]:
    if len(parts) <= MAX_UNDATED:
        return list(parts)
    inner, count = list(parts[1:-1]), MAX_UNDATED - 2
    begin = turn * count % len(inner)
    return [parts[0], parts[-1], *(inner[begin:] + inner[:begin])[:count]]
