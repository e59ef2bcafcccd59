"""All archives, side by side on the processors of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace

from crawler.pool import WorkerPool
from crawler.process.several import Several, ToRead, WantedDocuments
from crawler.worker import RulesSpec
from scheduler.backfill.portions import cut_here
from scheduler.backfill.reading import BackfillOrder, read_archive
from scheduler.backfill.results import ArchiveResult
from spiders.local.files import HeldFile
from spiders.local.portion import Portion, Room

_HEARD_S = 0.2  # between looks at whether somebody wants it to end
_MEMORY_MB = 1024


def read_archives(
    files: Sequence[HeldFile],
    order: BackfillOrder,
    spec: RulesSpec,
    workers: int,
    tell: Callable[[ArchiveResult], None],
    stop: threading.Event | None = None,
) -> list[ArchiveResult]:
    """Read archives in worker processes; return what came of each, in their order.

    One that could not be read to its end says why; the others go on. Once `stop` is set, it ends
    after the portions that are being read: what is read is kept, and the next call goes on from
    there. Raises AccordwatchError if results cannot be kept, and KeyboardInterrupt once all that
    was at work is kept.
    """
    lock, stopped = threading.Lock(), stop or threading.Event()

    def hear(result: ArchiveResult) -> bool:
        """Take news of an archive from any thread; whether to go on."""
        with lock:
            tell(result)
        return not stopped.is_set()

    with (
        WorkerPool(replace(spec, warm=True), workers, _MEMORY_MB) as pool,
        ThreadPoolExecutor(min(len(files), workers + 1)) as threads,
    ):
        judge, cut = _judging(pool), _cutting(pool)
        futures = [threads.submit(read_archive, file, order, cut, judge, hear) for file in files]
        with _stopping(stopped, futures):
            _wait(futures)
    return [future.result() for future in futures]


def _judging(pool: WorkerPool) -> Callable[[Sequence[ToRead], WantedDocuments], Future[Several]]:
    return lambda documents, wanted: pool.submit("judge_several", (tuple(documents), wanted))


def _cutting(pool: WorkerPool) -> Callable[[HeldFile, int, Room], Portion]:
    def cut(file: HeldFile, at: int, room: Room) -> Portion:
        found: Portion = pool.submit(cut_here, file, at, room).result()
        return found

    return cut


@contextmanager
def _stopping(stopped: threading.Event, futures: Sequence[Future[ArchiveResult]]) -> Iterator[None]:
    """Whatever ends the wait, the threads end before the pool goes away under them."""
    try:
        yield
    except BaseException:
        stopped.set()
        for future in futures:
            future.cancel()
        wait(futures)
        raise


def _wait(futures: Sequence[Future[ArchiveResult]]) -> None:
    """Return when all are done, or raise as soon as one fails."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=_HEARD_S, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
