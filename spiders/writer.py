"""The one thread that writes to the database.

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
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from storage.database.session import Database, Session
from storage.errors import DatabaseError, UnstorableError

T = TypeVar("T")

BATCH = 50  # documents in a transaction; storing 50 takes about as long as one flush to disk
BATCH_S = 1.0  # how long a document may wait for others
# It waits longer where storing takes long, so that this takes a tenth of the time: of twice as many
# documents together each takes four fifths of the statements.
BUSY_SHARE = 0.1
MOST_S = 5.0  # but not longer than this, since a report is told no sooner
MAX_WAITING = 200  # documents that may wait before the crawl itself waits


class Store(Protocol):
    """Where batches go: `spiders.storing.DocumentStore`, or what a test puts in its place."""

    def store(self, s: Session, arrivals: Sequence[Any], /) -> Sequence[Any]:
        """Stores a batch in the writer's transaction; returns what became of each arrival."""

    def tell(self, settled: Sequence[Any], /) -> None:
        """Takes what `store` returned, once the transaction is committed."""


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[Session], Any]
    future: Future[Any]
    is_last: bool = False  # documents that were handed over before are stored before


class Writer:
    """Runs database work in the order in which it is given.

    After an error of the database itself, `failed` is set and nothing more is written. Leases on
    the frontier run out, so the next run fetches those documents again.
    """

    def __init__(self, database: Database, documents: Store) -> None:
        self.database, self.documents = database, documents
        self.failed: BaseException | None = None
        self._queue: queue.Queue[Any] = queue.Queue()  # calls and arrivals; None: close
        self._room = threading.Semaphore(MAX_WAITING)
        self._wait_s = BATCH_S
        self._thread = threading.Thread(target=self._run, name="writer")
        self._thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Runs `work` in a transaction of its own. Returns the future of its result or error."""
        future: Future[T] = Future()
        self._queue.put(_Call(work, future))
        return future

    async def call(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a transaction of its own and awaits its result."""
        return await asyncio.wrap_future(self.submit(work))

    async def call_after(self, work: Callable[[Session], T]) -> T:
        """Runs `work` as `call` does, once the documents are stored that were handed over."""
        future: Future[T] = Future()
        self._queue.put(_Call(work, future, is_last=True))
        return await asyncio.wrap_future(future)

    async def keep(self, arrival: Any) -> None:
        """Puts a document into the next batch. Waits only if too many documents wait already."""
        if not self._room.acquire(blocking=False):
            await asyncio.to_thread(self._room.acquire)
        self._queue.put(arrival)

    def close(self) -> None:
        """Writes what waits, then ends the thread."""
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
                if got.is_last:
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
        if not call.future.set_running_or_notify_cancel():  # whoever asked was told to end
            return
        try:
            if self.failed is not None:
                raise self.failed
            with self.database.begin() as s:
                result = call.work(s)
        except Exception as error:  # the caller's; an error of the database itself concerns all
            if isinstance(error, DatabaseError) and not isinstance(error, UnstorableError):
                self.failed = error
            call.future.set_exception(error)
        else:
            call.future.set_result(result)

    def _flush(self, batch: list[Any]) -> None:
        """Stores the batch and empties it."""
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
                settled = self.documents.store(s, arrivals)
            self.documents.tell(settled)
        except Exception as error:  # the edge of the thread: the run ends with this error
            self.failed = error
        took_s = time.monotonic() - began_at
        self._wait_s = min(MOST_S, max(BATCH_S, took_s / BUSY_SHARE))
