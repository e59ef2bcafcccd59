"""Reads a source: requests its addresses and has what they offer, or a watched page, stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.process.task import Task
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
from spiders.kinds.table import first_address
from spiders.reading.polls import begin, validators_key
from spiders.reading.records import (
    AnswerValidators,
    SourceAnswer,
    SourceReading,
    distrusts,
    same_validators,
    wants_full_look,
)
from spiders.run import CrawlRun
from storage.documents.texts import text_of_page
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Source, SourceKind
from storage.sources.frontier import unseen
from storage.sources.manners import LastAnswer, Validators, answers, validators

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)

SECOND_LOOK_S = 2.0  # a source that fails is tried again after this: one lost packet proves nothing
TURN_S = 3600  # undated parts of an index are read in turn, others after this

AnswerAt = Callable[[str, Source, dict[str, str] | None], Awaitable["Response | Failure"]]


@dataclass(frozen=True, slots=True)
class Look:
    """An address of a source to be requested, at `address` since the source moved."""

    url: str
    address: str
    depth: int
    known: Validators

    @property
    def nothing(self) -> SourceAnswer:
        """An answer in which nothing is known yet."""
        has_moved = self.address != self.url
        return SourceAnswer(self.url, self.depth, self.address if has_moved else None)


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
        urls = [first_address(reading.source)]
        for depth in range(reading.deepest + 1):
            found: list[str] = []
            for number, url in enumerate(urls):
                if self.run.report.stopped:
                    return None
                if reading.full:
                    reading = reading.leaving(urls[number:])
                    break
                reading = reading.after(await self.look(reading, url, depth))
                found += reading.further()
            if depth == 0 and reading.resumed is not None:
                found.append(reading.resumed)
            due, left = await self.next_ones(reading, found)
            urls, reading = due, reading.leaving(left)
        return reading

    async def next_ones(
        self, reading: SourceReading, found: list[str]
    ) -> tuple[list[str], list[str]]:
        """(the addresses among `found` to be requested at this look, those left for later ones)."""
        fresh = reading.not_yet_fetched(found)
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
        look = Look(url, reading.address_of(url), depth, known)
        answer = await self.look_once(reading, look)
        has_failed = answer.failure is not None or reading.after(answer).failed
        if look.address != url and has_failed:
            look = Look(url, url, depth, Validators(distrusted_at=known.distrusted_at))
            answer = await self.look_once(reading, look)
        failure = answer.failure
        if failure is not None and failure.transient and failure.until_at is None:
            await asyncio.sleep(SECOND_LOOK_S)
            answer = await self.look_once(reading, look)
        return answer

    async def look_once(self, reading: SourceReading, look: Look) -> SourceAnswer:
        url, known = look.address, look.known
        in_full = wants_full_look(known, datetime.now(UTC), reading.patience)
        headers = {} if in_full else conditional_headers(known.etag, known.last_modified)
        response = await self.answer_at(url, reading.source, headers)
        if isinstance(response, Failure):
            return replace(look.nothing, failure=response)
        if response.status == NOT_MODIFIED:
            return replace(look.nothing, not_modified=True)
        if reading.source.kind is SourceKind.WORDPRESS and look.depth and response.status == 400:
            return look.nothing  # how WordPress says that the page before was the last one
        if (failure := refuse_status(response.status, response.body, url)) is not None:
            return replace(look.nothing, failure=failure)
        answer = look.nothing
        try:
            answer = await self.read(response, reading, look)
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

    async def read(self, response: Response, reading: SourceReading, look: Look) -> SourceAnswer:
        """Reads one answer of a source, unless it is the same as before."""
        found = await self.seen(response, reading, look)
        answer = replace(look.nothing, validators=found, moved_to=moved_to(response))
        if found.body_hash == look.known.body_hash:
            return answer
        offer = await self.run.workers.read(to_fetched(response, look.url), reading.source)
        if offer.failed:  # what moved there may be an error page
            answer = replace(answer, moved_to=None)
        if reading.source.kind is SourceKind.PAGE:  # it goes by no frontier
            return replace(answer, offer=offer, unseen=())
        urls = [candidate.url for candidate in offer.candidates]
        fresh = await self.run.writer.call(lambda s: unseen(s, urls))
        return replace(answer, offer=offer, unseen=fresh)

    async def seen(
        self, response: Response, reading: SourceReading, look: Look
    ) -> AnswerValidators:
        """The validators of an answer, and whether the server would have called it unchanged."""
        known, digest = look.known, body_hash(response.body)
        etag, last_modified = validators_of(response)
        found = AnswerValidators(
            validators_key(reading.source, look.url), etag, last_modified, digest
        )
        if known.body_hash in (None, digest) or not (known.etag or known.last_modified):
            return found
        lied = same_validators(known, etag, last_modified)
        now = datetime.now(UTC)
        is_proof = wants_full_look(known, now, reading.patience) and not distrusts(known, now)
        if is_proof and not lied:
            headers = conditional_headers(known.etag, known.last_modified)
            answer = await self.answer_at(look.address, reading.source, headers)
            lied = not isinstance(answer, Failure) and answer.status == NOT_MODIFIED
        return replace(found, lied=lied)

    async def store_page(self, response: Response, source: Source, answer: SourceAnswer) -> None:
        """Judges and stores a watched page that has changed. Does nothing for other sources."""
        if source.kind is not SourceKind.PAGE or answer.offer is None or answer.validators is None:
            return
        for page in answer.offer.candidates[:1]:
            fetched = to_fetched(response, answer.url)
            before = await self.run.writer.call(lambda s: text_of_page(s, source.id, source.url))
            task = Task(fetched, page, source, before)
            judged = await self.run.workers.judge(task, "process_page")
            await self.run.store_page(judged, source, answer.validators)


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
