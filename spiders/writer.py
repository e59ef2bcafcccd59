"""The one thread that writes: SQLite takes one writer, and a batch costs one flush to disk instead of fifty."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from storage.database.session import Database, Session
from storage.errors import DatabaseError, UnstorableError

T = TypeVar("T")

BATCH = 50  # documents a transaction; 50 are stored in about the time that one flush takes
BATCH_S = 1.0  # how long a document may wait for others
MAX_WAITING = 200  # documents that may wait before the crawl itself waits


class StoreBatch(Protocol):
    """Stores items within one transaction; what it returns is called once the transaction is committed."""

    def __call__(self, s: Session, items: list[Any], /) -> Callable[[], None]: ...


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[Session], Any]
    future: Future[Any]


class Writer:
    """Runs database work in order. After an error of the database itself `failed` is set, and nothing more is written:
    leases run out, so the next run fetches those documents again.
    """

    def __init__(self, database: Database, store: StoreBatch) -> None:
        self.database, self.store = database, store
        self.failed: BaseException | None = None
        self._queue: queue.Queue[_Call | list[Any] | None] = queue.Queue()
        self._room = threading.Semaphore(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="writer")
        self._thread.start()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Runs `work` in a transaction of its own; the future of its result, or of its error."""
        future: Future[T] = Future()
        self._queue.put(_Call(work, future))
        return future

    async def call(self, work: Callable[[Session], T]) -> T:
        """`submit`, awaited."""
        return await asyncio.wrap_future(self.submit(work))

    async def keep(self, item: Any) -> None:
        """Puts an item into the next batch; waits only if too many wait already."""
        if not self._room.acquire(blocking=False):
            await asyncio.to_thread(self._room.acquire)
        self._queue.put([item])

    def close(self) -> None:
        """Writes what waits, then ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        batch: list[Any] = []
        due = 0.0
        while True:
            try:
                got = self._queue.get(timeout=max(0.0, due - time.monotonic()) if batch else None)
            except queue.Empty:
                self._flush(batch)
                continue
            if isinstance(got, _Call):
                self._answer(got)
            elif got is not None:
                due = due if batch else time.monotonic() + BATCH_S
                batch.extend(got)
            if got is None or len(batch) >= BATCH or (batch and time.monotonic() >= due):
                self._flush(batch)
            if got is None:
                return

    def _answer(self, call: _Call) -> None:
        if not call.future.set_running_or_notify_cancel():  # whoever asked was told to end
            return
        try:
            if self.failed is not None:
                raise self.failed
            with self.database.begin() as s:
                result = call.work(s)
        except Exception as error:  # belongs to whoever asked; one of the database itself, to all
            if isinstance(error, DatabaseError) and not isinstance(error, UnstorableError):
                self.failed = error
            call.future.set_exception(error)
        else:
            call.future.set_result(result)

    def _flush(self, batch: list[Any]) -> None:
        items = batch.copy()
        batch.clear()
        if not items:
            return
        self._room.release(len(items))
        if self.failed is not None:
            return
        try:
            with self.database.begin() as s:
                committed = self.store(s, items)
            committed()
        except Exception as error:  # the edge of the thread: the run ends with this error
            self.failed = error
