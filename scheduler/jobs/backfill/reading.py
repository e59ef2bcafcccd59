"""One archive, from its bytes to its results."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from crawler.pool import WorkerPool
from crawler.process.several import Several, ToRead, WantedDocuments, together
from crawler.worker import RulesSpec
from scheduler.configuration.config import Configuration
from scheduler.jobs.backfill.portions import ArchivePortion, Cutter, cut_here, portions_of
from scheduler.jobs.backfill.results import (
    ArchiveResult,
    BackfillOrder,
    ResultFile,
    found_documents,
)
from scheduler.jobs.importing import Imported, import_documents
from spiders.local.files import FileDocument, HeldFile, Portion, Room
from storage.database.session import Database
from storage.errors import UnreadableError

_AT_A_TIME = 10  # documents that a worker judges as one task
_AHEAD = 2  # portions that are judged while the next one is cut out: no worker waits

Judging = Callable[[Sequence[ToRead], WantedDocuments], "Future[Several]"]


def read_archive(
    file: HeldFile,
    order: BackfillOrder,
    cut: Cutter,
    judge: Judging,
    tell: Callable[[ArchiveResult], bool],
) -> ArchiveResult:
    """Read an archive to its end, from where it was left. `tell` hears what was read before, and of
    each portion, and says whether to go on.

    Raises AccordwatchError if the results cannot be kept.
    """
    with ResultFile(order, file) as kept:
        result = kept.result
        if not tell(result) or result.ended:
            return result
        at_work: deque[tuple[ArchivePortion, list[Callable[[], Several]]]] = deque()
        for portion in portions_of(file, result.at, cut, order.columns, order.max_bytes):
            at_work.append((portion, _chunks(portion, order.wanted, judge)))
            while len(at_work) > (0 if portion.ended else _AHEAD):
                done, chunks = at_work.popleft()
                kept.keep(done, together(judged() for judged in chunks))
                if not tell(result):
                    return result
    return result


def _chunks(
    portion: ArchivePortion, wanted: WantedDocuments, judge: Judging
) -> list[Callable[[], Several]]:
    """Has the documents of a portion judged; each of what is returned waits for what came of
    some. If a worker had to be stopped, each of these is judged by itself: the one at fault costs
    itself alone.
    """

    def judged(some: Sequence[ToRead], future: Future[Several], *, alone: bool = False) -> Several:
        try:
            return future.result()
        except UnreadableError as error:
            if alone:
                (one,) = some
                return Several(read=1, refused=((one.name, error.reason, f"{one.name}: {error}"),))
            singles = [((one,), judge([one], wanted)) for one in some]
        return together(judged(*single, alone=True) for single in singles)

    documents = portion.documents
    some = [documents[at : at + _AT_A_TIME] for at in range(0, len(documents), _AT_A_TIME)]
    return [partial(judged, chunk, judge(chunk, wanted)) for chunk in some]


# --- all archives ---------------------------------------------------------------------------------

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

        def judge(documents: Sequence[ToRead], wanted: WantedDocuments) -> Future[Several]:
            return pool.submit("judge_several", (tuple(documents), wanted))

        def cut(file: HeldFile, at: int, room: Room) -> Portion[FileDocument]:
            found: Portion[FileDocument] = pool.submit(cut_here, file, at, room).result()
            return found

        futures = [threads.submit(read_archive, file, order, cut, judge, hear) for file in files]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:  # the threads end before the pool goes away under them
            stopped.set()
            for future in futures:
                future.cancel()
            wait(futures)
            raise
    return [future.result() for future in futures]


def store_found(
    database: Database,
    chosen: Configuration,
    files: Sequence[HeldFile],
    order: BackfillOrder,
    now: datetime,
    *,
    alerts: bool,
) -> Imported:
    """Store what was found, the oldest first: a later state of a page is its version."""
    found = (one for file in files for one in found_documents(order, file))
    # those without a day come first; few of an archive report something
    return import_documents(
        database,
        chosen,
        sorted(found, key=lambda one: (one.published_on or date.min, one.url or "", one.title)),
        now=now,
        alerts=alerts,
    )
