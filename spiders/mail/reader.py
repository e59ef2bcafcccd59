"""Reads the mailboxes of a run that lie on servers.

Each message is a document that is at hand, as a file is. Messages are fetched in a thread, some at
a time; once these are stored it is noted how far the mailbox was read. A killed run reads some
messages again, and finds them stored.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from crawler.process.task import Task
from spiders.crawl_run import CrawlRun
from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Offer
from spiders.local.files import Skipped
from spiders.local.reader import ReadingAtHand, record_look, store_found
from spiders.mail.connection import Mailbox, MailFailure, ServerMessage
from spiders.mail.messages import message_in
from spiders.reading.polls import of_files
from storage.database.session import Session
from storage.errors import UnreadableError
from storage.source import Source
from storage.sources.ledger import write
from storage.sources.manners import Validators, save_validators, validators

PORTION = 20  # messages that are fetched, judged and stored together
PORTION_BYTES = 20_000_000  # of them; exceeded by one message at most
AT_ONCE = 4  # servers
STEP_S = 300.0  # for one portion; a server may send a byte now and then for ever

T = TypeVar("T")


class MailReader:
    """Reads mailboxes by IMAP."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        # Threads of its own: slow servers must not take those of files.
        self.threads = ThreadPoolExecutor(AT_ONCE, "imap")

    async def poll(self, source: Source) -> None:
        """Reads a mailbox, stores its messages and records the look. If the run is stopped
        meanwhile, no look is recorded, and the source stays due.
        """
        crawl = self.run.spec.crawl
        box = Mailbox(source, frozenset(crawl.allow_private), crawl.timeout_s)
        reading = ReadingAtHand(source)
        try:
            await self.read(reading, box)
        except MailFailure as failure:
            reading.problem = f"{failure.reason}: {source.url}: {failure}"
        finally:
            await asyncio.shield(self.in_thread(box, box.close))
        reading.failed = reading.problem is not None and not reading.taken
        await record_look(self.run, reading, "message")

    async def read(self, reading: ReadingAtHand, box: Mailbox) -> None:
        source = reading.source
        await self.in_thread(box, box.open)
        before = await self.run.writer.call(lambda s: _span(s, source, box.validity))
        chosen = await self.in_thread(box, lambda: choose(box, before, source.max_items))
        if chosen is None:
            return
        span, chosen_letters, left, to_end = chosen
        reading.left = left + len(chosen_letters)
        for letters in _portions(chosen_letters):
            if self.run.report.stopped:
                return
            span = await self.take(reading, box, span, letters)
        whole = Span(min(1, span.low), span.high) if to_end else span
        await self.run.writer.call_after(lambda s: _settle(s, source, box.validity, whole, ()))

    async def take(
        self, reading: ReadingAtHand, box: Mailbox, span: Span, letters: Sequence[ServerMessage]
    ) -> Span:
        """Stores these messages. Returns what was read then, which was `span` before."""
        source, run = reading.source, self.run
        most = run.spec.crawl.max_bytes
        fetched = await self.in_thread(
            box, lambda: [box.message(uid, most) for uid, size in letters if size <= most]
        )
        place = f"{source.url.rstrip('/')};UIDVALIDITY={box.validity}/;UID="  # RFC 5092
        skipped = [_too_large(size, f"{place}{uid}", most) for uid, size in letters if size > most]
        uids = [uid for uid, size in letters if size <= most]
        tasks: list[Task] = []
        for uid, raw in zip(uids, fetched, strict=True):
            if raw is None:  # somebody has just deleted it
                continue
            one = await self.message(raw, f"{place}{uid}", source)
            (tasks if isinstance(one, Task) else skipped).append(one)  # type: ignore[arg-type]
        taken, reasons = await store_found(run, source, tasks, skipped)
        reading.taken += taken
        reading.left -= len(letters)
        for uid, _ in letters:
            span = replace(span, high=uid) if uid > span.high else replace(span, low=uid)
        await run.writer.call_after(lambda s: _settle(s, source, box.validity, span, reasons))
        run.report.progress()
        return span

    async def message(self, raw: bytes, place: str, source: Source) -> Task | Skipped:
        """A message as a document, read by a worker; why it cannot be read."""
        try:
            task: Task = await self.run.workers.run(message_in, raw, place, source)
        except UnreadableError as error:
            return place, error.reason, f"{place}: {error}"
        return task

    async def in_thread(self, box: Mailbox, work: Callable[[], T]) -> T:
        """What `work` returns, which waits for the server. The thread ends with the waiting."""
        try:
            async with asyncio.timeout(STEP_S):
                return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        except TimeoutError:
            box.break_off()
            raise MailFailure("timeout", f"the server takes longer than {STEP_S:.0f} s") from None
        except asyncio.CancelledError:
            box.break_off()
            raise


def _portions(letters: Sequence[ServerMessage]) -> list[list[ServerMessage]]:
    portions: list[list[ServerMessage]] = []
    size = PORTION_BYTES
    for letter in letters:
        if size >= PORTION_BYTES or len(portions[-1]) >= PORTION:
            portions.append([])
            size = 0
        portions[-1].append(letter)
        size += letter[1]
    return portions


def _too_large(size: int, place: str, most: int) -> Skipped:
    line = f"{place}: the message has {size:,} bytes, more than crawl.max_bytes ({most:,})"
    return place, "too_large", line


def _key(source: Source) -> str:
    return f"{source.kind} {source.id} {source.url}"


def _span(s: Session, source: Source, validity: int) -> Span | None:
    """What was read of a mailbox; None if nothing was, or its numbers mean other messages now."""
    known = validators(s, _key(source))
    if known.etag != str(validity) or known.last_modified is None:
        return None
    low, _, high = known.last_modified.partition(":")
    return Span(int(low), int(high))


def _settle(s: Session, source: Source, validity: int, span: Span, reasons: Sequence[str]) -> None:
    """Saves how far a mailbox was read, and why messages of it were not stored."""
    now = datetime.now(UTC)
    found = Validators(str(validity), f"{span.low}:{span.high}", saved_at=now)
    save_validators(s, _key(source), found)
    if reasons:
        write(s, now, [(source.id, of_files(reasons))])


# --- which messages of a mailbox are read at a look -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """All messages from number `low` to `high` were read; none if `high` is below `low`."""

    low: int
    high: int


def choose(
    box: Mailbox, before: Span | None, most: int
) -> tuple[Span, tuple[ServerMessage, ...], int, bool] | None:
    """(what was read where that begins, at most `most` messages to be read now, in this order, how
    many are left for later looks, whether the oldest is among them or was read before); None if
    the mailbox is empty.
    """
    if not box.count:
        return None
    span = before
    if span is None:  # begins with the newest
        newest = box.uid_at(box.count)
        span = Span(newest + 1, newest)
    # Halving finds both in as many questions as the count has binary digits; a list of all numbers
    # could be long.
    places = range(1, box.count + 1)
    known = box.count
    if box.next_uid is None or box.next_uid > span.high + 1:
        known = bisect_right(places, span.high, key=box.uid_at)
    older = 0 if span.low <= 1 else bisect_left(places, span.low, key=box.uid_at)
    new = box.letters(known + 1, min(box.count, known + most))
    old = box.letters(max(1, older - (most - len(new)) + 1), older)
    left = box.count - known - len(new) + older - len(old)
    return span, (*new, *reversed(old)), left, len(old) == older


# --- what a mailbox on a server holds -------------------------------------------------------------


def sample(source: Source, crawl: CrawlSettings) -> Offer:
    """The newest messages, at most as many as one look takes."""
    box = Mailbox(source, frozenset(crawl.allow_private), crawl.timeout_s)
    try:
        box.open()
        heads = box.heads(max(1, box.count - source.max_items + 1), box.count)
    except MailFailure as failure:
        return Offer(problem=f"{failure.reason}: {failure}")
    finally:
        box.close()
    newest_first = (message_in(head, source.url, source) for head in reversed(heads))
    candidates = (task.candidate for task in newest_first)
    return Offer(tuple(candidate for candidate in candidates if candidate is not None))
