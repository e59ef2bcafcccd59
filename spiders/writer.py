"""The one thread that writes to the database, and how it stores judged documents.

SQLite takes one writer at a time, and a batch of fifty documents costs one flush to disk instead of
fifty.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from crawler.ingest.ingest import Unstored, ingest
from spiders.reading.polls import found_validators, of_settled
from spiders.reading.source_reading import Arrival, Settled
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from storage.database.session import Database, Session
from storage.documents.documents import Stored
from storage.documents.quarantine import Untried, set_aside, take_back
from storage.errors import DatabaseError, UnstorableError
from storage.sources.frontier import all_done, give_up
from storage.sources.ledger import write
from storage.sources.manners import save_validators
from storage.sources.revisits import note_seen, plan_revisits, planned_among

T = TypeVar("T")

BATCH = 50  # documents in a transaction; storing 50 takes about as long as one flush to disk
BATCH_S = 1.0  # how long a document may wait for others
# It waits longer where storing takes long, so that this takes a tenth of the time: of twice as many
# documents together each takes four fifths of the statements.
BUSY_SHARE = 0.1
MOST_S = 5.0  # but not longer than this: nobody is notified of a report before
MAX_WAITING = 200  # documents that may wait before the crawl itself waits


# How a batch is stored in the writer's transaction, and what happens with the result after it.
Store = Callable[[Session, Sequence[Any]], Sequence[Any]]
OnCommit = Callable[[Sequence[Any]], None]


class _Call(NamedTuple):
    """Work, and where its result goes. `after_documents`: those that were handed over before it
    are stored before it.
    """

    work: Callable[[Session], Any]
    future: Future[Any]
    after_documents: bool


class Writer:
    """Runs database work in the order in which it is given. After an error of the database itself,
    `failed` is set and nothing more is written. Leases on the frontier run out, so the next run
    fetches those documents again.
    """

    def __init__(self, database: Database, store: Store, on_commit: OnCommit) -> None:
        self.database, self.store, self.on_commit = database, store, on_commit
        self.failed: BaseException | None = None
        self._queue: queue.Queue[Any] = queue.Queue()  # a _Call or a document; None: close
        self._room = threading.Semaphore(MAX_WAITING)
        self._wait_s = BATCH_S
        self._thread = threading.Thread(target=self._run, name="writer")
        self._thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Runs `work` in a transaction of its own. Returns the future of its result or error."""
        future: Future[T] = Future()
        self._queue.put(_Call(work, future, after_documents=False))
        return future

    async def call(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a transaction of its own and awaits its result."""
        return await asyncio.wrap_future(self.submit(work))

    async def call_after(self, work: Callable[[Session], T]) -> T:
        """Runs `work` as `call` does, once the documents are stored that were handed over."""
        future: Future[T] = Future()
        self._queue.put(_Call(work, future, after_documents=True))
        return await asyncio.wrap_future(future)

    async def add(self, arrival: Any) -> None:
        """Puts a document into the next batch. Waits only if too many documents wait already."""
        if not self._room.acquire(blocking=False):
            await asyncio.to_thread(self._room.acquire)
        self._queue.put(arrival)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        batch: list[Any] = []
        due_at = 0.0  # on the monotonic clock: when the batch is stored, full or not
        while True:
            timeout_s = max(0.0, due_at - time.monotonic()) if batch else None
            try:
                got = self._queue.get(timeout=timeout_s)
            except queue.Empty:
                self._flush(batch)
                continue
            if got is None:
                self._flush(batch)
                return
            if isinstance(got, _Call):
                if got.after_documents:
                    self._flush(batch)
                self._answer(got)
            else:
                if not batch:
                    due_at = time.monotonic() + self._wait_s
                batch.append(got)
            is_due = len(batch) >= BATCH or time.monotonic() >= due_at
            if batch and is_due:
                self._flush(batch)

    def _answer(self, call: _Call) -> None:
        work, future = call.work, call.future
        if not future.set_running_or_notify_cancel():  # its caller was cancelled
            return
        try:
            if self.failed is not None:
                raise self.failed
            with self.database.begin() as s:
                result = work(s)
        except Exception as error:  # the caller's; an error of the database itself concerns all
            if isinstance(error, DatabaseError) and not isinstance(error, UnstorableError):
                self.failed = error
            future.set_exception(error)
        else:
            future.set_result(result)

    def _flush(self, batch: list[Any]) -> None:
        arrivals = batch.copy()
        batch.clear()
        if not arrivals:
            return
        self._room.release(len(arrivals))
        if self.failed is not None:
            return
        began_at = time.monotonic()
        try:
            with self.database.begin() as s:
                settled = self.store(s, arrivals)
            self.on_commit(settled)
        except Exception as error:  # the edge of the thread: the run ends with this error
            self.failed = error
        took_s = time.monotonic() - began_at
        self._wait_s = min(MOST_S, max(BATCH_S, took_s / BUSY_SHARE))


# --- how a batch of documents is stored -----------------------------------------------------------

UNSTORABLE = "unstorable"  # the database does not take the document, whatever the reason
SET_ASIDE = "set_aside"  # our own code could not store it; a later version may


class DocumentStore:
    """Stores batches of documents for one run, knowing nothing of threads or the engine."""

    def __init__(self, spec: CrawlSpec, run_id: int, report: RunReport) -> None:
        self.spec, self.run_id, self.report = spec, run_id, report

    def store(self, s: Session, arrivals: Sequence[Arrival]) -> list[Settled]:
        """Stores documents, register, news and frontier rows in the caller's transaction."""
        now = datetime.now(UTC)
        ingested = ingest(
            s,
            [arrival.judged for arrival in arrivals],
            self.spec.subscriptions,
            now=now,
            run_id=self.run_id,
            crawl=True,
            max_age_days=self.spec.max_age_days,
        )
        problems = {problem.index: problem for problem in ingested.problems}
        revisited = planned_among(s, (one.document_id for one in ingested.stored if one))
        arrived = list(zip(arrivals, ingested.stored, strict=True))
        reports = [
            (stored.document_id, arrival.source_id)
            for arrival, stored in arrived
            if stored is not None and _may_report(arrival)
        ]
        plan_revisits(s, reports, now)
        settled = [
            _left_out(arrival, problems.get(index))
            if stored is None
            else Settled(arrival, stored, _outcome(s, arrival, stored, revisited, now))
            for index, (arrival, stored) in enumerate(arrived)
        ]
        done = [
            (one.arrival.row.id, one.outcome, one.stored.document_id)
            for one in settled
            if one.arrival.row is not None and one.stored is not None
        ]
        all_done(s, done)
        for one in settled:
            _settle(s, one, now)
        take_back(s, [one.arrival.url for one in settled if one.stored is not None])
        write(s, now, ((one.arrival.source_id, of_settled(one)) for one in settled))
        return settled

    def report_on(self, settled: Sequence[Settled]) -> None:
        """Writes the outcome of each document into the report; to be called after the commit."""
        for item in settled:
            arrival, url = item.arrival, item.arrival.url
            if item.stored is None:
                self.report.skipped(arrival.source_id, url, item.outcome, f"{url}: {item.problem}")
                continue
            self.report.stored(
                arrival.source_id,
                url,
                arrival.judged.document.title,
                item.outcome,
                relevant=arrival.judged.has_alert,
            )


def _settle(s: Session, settled: Settled, now: datetime) -> None:
    """Gives up the row of a document that is not stored; saves validators of a watched page."""
    arrival, stored = settled.arrival, settled.stored
    if arrival.row is not None and stored is None:
        give_up(s, arrival.row.id, settled.outcome)
    answer = arrival.answer
    if settled.outcome == SET_ASIDE:
        # A watched page is read again at the next look, because its validators are not saved.
        document = arrival.judged.document if answer is None else None
        set_aside(s, Untried(arrival.url, arrival.source_id, document), settled.problem, now)
    elif answer is not None:
        has_news = stored is not None and (stored.created or stored.changed)
        save_validators(s, answer.url, found_validators(answer, now, has_news=has_news))


def _left_out(arrival: Arrival, problem: Unstored | None) -> Settled:
    outcome = SET_ASIDE if problem is not None and problem.is_fault else UNSTORABLE
    return Settled(arrival, None, outcome, problem.message if problem is not None else "")


def _outcome(
    s: Session, arrival: Arrival, stored: Stored, revisited: set[int], now: datetime
) -> str:
    """How a document was stored. Reports, and what may be one, will be looked at again: they are
    added to those `revisited`.
    """
    was_planned = stored.document_id in revisited
    if was_planned:
        note_seen(s, stored.document_id, now, changed=stored.changed)
    if _may_report(arrival):
        revisited.add(stored.document_id)
    if stored.created:
        return "stored"
    if stored.changed:
        return "changed"
    return "unchanged" if was_planned else "duplicate"


def _may_report(arrival: Arrival) -> bool:
    """Whether a document is a report or may be one, and came by the frontier."""
    verdict = arrival.judged.verdict
    return arrival.row is not None and (verdict.relevant or verdict.near_miss)
