"""Archives, from their bytes to their results: a file of JSON lines an archive, a line a portion.

A line is written when its portion is read, so that reading goes on in the middle of an archive
after any end, and a line that breaks off is dropped. Results are those of one version of an
archive, one filter and one version of the rules: if one of them differs, it is read anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from crawler.judgement.probability.rates import FALSE_ALARMS
from crawler.pool import WorkerPool
from crawler.process.task import Several, Task, WantedDocuments, name_of, together
from crawler.worker import RulesSpec
from scheduler.jobs.backfill.portions import ArchivePortion, Cutter, cut_here, portions_of
from scheduler.jobs.job import Job
from scheduler.jobs.locks import holding
from spiders.local.files import HeldFile, Room
from storage.database.session import Database
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, DocumentKind
from storage.workers.queue import has_queue, open_keys

SUFFIX = ".read"  # JSON lines, but no archive of documents for a backfill of the folder above
_MOST_REFUSALS = 50  # of an archive that are stored with their sentences; the rest are counted


@dataclass(slots=True)
class ArchiveResult:
    """What came of an archive so far, in numbers of documents. The next one begins at `at`."""

    name: str
    size: int = 0
    at: int = 0
    ended: bool = False
    problem: str | None = None
    read: int = 0
    outside: int = 0
    found: int = 0
    near: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def add(self, line: dict[str, Any]) -> None:
        self.at, self.ended, self.problem = line["at"], line["ended"], line["problem"]
        self.read += line["read"]
        self.outside += line["outside"]
        self.found += len(line["found"])
        self.near += len(line["near"])
        self.refused.update(line["refused"])
        self.refusals += line["refusals"][: _MOST_REFUSALS - len(self.refusals)]

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"refused": dict(self.refused)}


@dataclass(frozen=True, slots=True)
class BackfillOrder:
    """The documents `wanted` of archives, the folder of their results, and the rules."""

    folder: Path
    rules: str
    wanted: WantedDocuments
    columns: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 10_000_000
    false_alarms: float = FALSE_ALARMS  # in 10,000 ordinary documents

    def head(self, file: HeldFile) -> dict[str, Any]:
        """The first line of a file of results: the archive, filter and rules that they are of."""
        return {
            "archive": file.name,
            "stamp": file.stamp,
            "since": _written_day(self.wanted.since),
            "until": _written_day(self.wanted.until),
            "languages": sorted(self.wanted.languages),
            "columns": [list(pair) for pair in sorted(self.columns.items())],
            "rules": self.rules,
        }

    def path(self, file: HeldFile) -> Path:
        digest = hashlib.sha256(file.name.encode()).hexdigest()[:12]
        stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(file.name).name)
        return self.folder / f"{stem[:80]}-{digest}{SUFFIX}"


def _written_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


class ResultFile:
    """The file of results of one archive. Raises BusyError while another process writes it."""

    def __init__(self, order: BackfillOrder, file: HeldFile) -> None:
        self.path = order.path(file)
        self._head = order.head(file)
        self.result = ArchiveResult(file.name, file.size)
        self._stream: IO[bytes] | None = None
        self._opened = ExitStack()

    def __enter__(self) -> ResultFile:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._opened.enter_context(holding(self.path))
            valid_bytes = _read_results(self.path, self._head, self.result)
            self._stream = self.path.open("r+b" if valid_bytes else "wb")
            self._opened.callback(self._stream.close)
            self._stream.truncate(valid_bytes)
            self._stream.seek(valid_bytes)
            if not valid_bytes:
                self._write(self._head)
        except OSError as error:
            self._opened.close()
            raise AccordwatchError(f"{self.path}: cannot be written: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def append(self, portion: ArchivePortion, several: Several) -> None:
        refused = (*portion.skipped, *several.refused)
        line = {
            "at": portion.next_at,
            "ended": portion.ended,
            "problem": portion.problem,
            "read": several.read,
            "outside": several.outside,
            "refused": dict(Counter(reason for _, reason, _ in refused)),
            "refusals": [f"{reason}: {text}" for _, reason, text in refused][:_MOST_REFUSALS],
            "near": [list(one) for one in several.near],
            "found": [
                asdict(document) | {"published_on": _written_day(document.published_on)}
                for document in several.found
            ],
        }
        try:
            self._write(line)
        except OSError as error:
            raise AccordwatchError(f"{self.path}: cannot be written: {error.strerror}") from error
        self.result.add(line)

    def _write(self, line: dict[str, Any]) -> None:
        stream = self._stream
        if stream is None:
            raise AccordwatchError(f"{self.path}: is not open")
        stream.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def result_so_far(order: BackfillOrder, file: HeldFile) -> ArchiveResult:
    """The stored result of an archive, which another process may be reading now."""
    result = ArchiveResult(file.name, file.size)
    _read_results(order.path(file), order.head(file), result)
    return result


def _read_results(path: Path, head: dict[str, Any], result: ArchiveResult) -> int:
    """Add the lines of a file to `result`. Returns the length in bytes of its valid lines: none
    beyond one that breaks off, or if its head is another.
    """
    valid_bytes = 0
    with suppress(FileNotFoundError), path.open("rb") as stream:
        for number, line in enumerate(stream):
            try:
                row = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                row = None
            if row is None or (number == 0 and row != head):
                break
            if number:
                result.add(row)
            valid_bytes += len(line)
    return valid_bytes


def found_documents(order: BackfillOrder, file: HeldFile) -> Iterator[Document]:
    """Yield what was found in an archive: alerts, and what waits for review."""
    with order.path(file).open("rb") as stream:
        next(stream)
        for line in stream:
            for row in json.loads(line)["found"]:
                day = row["published_on"]
                read = Document(**row | {"kind": DocumentKind(row["kind"])})
                yield replace(read, published_on=date.fromisoformat(day) if day else None)


# --- one archive, from its bytes to its results ---------------------------------------------------

_AT_A_TIME = 10  # documents that a worker judges as one task
_AHEAD = 2  # portions that are judged while the next one is cut out: no worker waits

Judging = Callable[[Sequence[Task | Document], WantedDocuments], "Future[Several]"]


def read_archive(
    file: HeldFile,
    order: BackfillOrder,
    cut: Cutter,
    judge: Judging,
    on_result: Callable[[ArchiveResult], bool],
) -> ArchiveResult:
    """Read an archive on to its end. `on_result` takes each result, and returns whether to go on.
    Raises AccordwatchError if the results cannot be written.
    """
    with ResultFile(order, file) as results:
        result = results.result
        if not on_result(result) or result.ended:
            return result
        at_work: deque[tuple[ArchivePortion, list[Callable[[], Several]]]] = deque()
        for portion in portions_of(file, result.at, cut, order.columns, order.max_bytes):
            at_work.append((portion, _chunks(portion, order.wanted, judge)))
            while len(at_work) > (0 if portion.ended else _AHEAD):
                done, chunks = at_work.popleft()
                results.append(done, together(judged() for judged in chunks))
                if not on_result(result):
                    return result
    return result


def _chunks(
    portion: ArchivePortion, wanted: WantedDocuments, judge: Judging
) -> list[Callable[[], Several]]:
    """Have the documents of a portion judged; what is returned waits for it. If a worker had to be
    stopped, each is judged alone: the one at fault costs itself.
    """

    def judged(
        some: Sequence[Task | Document], future: Future[Several], *, alone: bool = False
    ) -> Several:
        try:
            return future.result()
        except UnreadableError as error:
            if alone:
                name = name_of(some[0])
                return Several(read=1, refused=((name, error.reason, f"{name}: {error}"),))
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
    on_result: Callable[[ArchiveResult], None],
    stop: threading.Event | None = None,
) -> list[ArchiveResult]:
    """Read archives in worker processes; return what came of each, in their order. One that cannot
    be read to its end says why. Once `stop` is set, it ends after the portions at work, and the
    next call goes on there. Raises AccordwatchError if results cannot be written,
    and KeyboardInterrupt once all are.
    """
    lock, stopped = threading.Lock(), stop or threading.Event()

    def report(result: ArchiveResult) -> bool:
        with lock:
            on_result(result)
        return not stopped.is_set()

    with (
        WorkerPool(replace(spec, warm=True), workers, _MEMORY_MB) as pool,
        ThreadPoolExecutor(min(len(files), workers + 1)) as threads,
    ):

        def judge(documents: Sequence[Task | Document], wanted: WantedDocuments) -> Future[Several]:
            return pool.submit("judge_several", (tuple(documents), wanted))

        def cut(file: HeldFile, at: int, room: Room) -> ArchivePortion:
            portion: ArchivePortion = pool.submit(cut_here, file, at, room).result()
            return portion

        futures = [threads.submit(read_archive, file, order, cut, judge, report) for file in files]
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


def found_by_age(files: Sequence[HeldFile], order: BackfillOrder) -> list[Document]:
    """What was found, the oldest first, since a later state of a page is its version. Those without
    a day come first; few documents of an archive report something.
    """
    found = (document for file in files for document in found_documents(order, file))
    return sorted(
        found,
        key=lambda document: (
            document.published_on or date.min,
            document.url or "",
            document.title,
        ),
    )


# --- archives as jobs of the workers of a team, one archive a job ---------------------------------
#
# Archives and results lie in folders that all machines see under the same names. A worker that dies
# costs its archive what was not written yet: another one goes on from there.

QUEUE = "backfill"
_LOOK_S = 2.0
_MOST_TRIES = 3  # of an archive whose job failed


def read_on_workers(
    database: Database,
    files: Sequence[HeldFile],
    order: BackfillOrder,
    on_result: Callable[[ArchiveResult], None],
    look_s: float = _LOOK_S,
) -> list[ArchiveResult]:
    """Have workers read archives; return what came of each, in their order. Raises AccordwatchError
    if nobody leads workers, or the database is lost; a later call goes on from there.
    """
    with database.read() as s:
        if not has_queue(s):
            raise AccordwatchError(
                "--on-workers: nobody leads workers yet; start `accordwatch daemon --workers`"
            )
    from scheduler.jobs.queue import JobQueue  # its library is an extra

    queue, tries = JobQueue(database.url), Counter[str]()
    done: dict[str, ArchiveResult] = {}
    while len(done) < len(files):
        waiting = [file for file in files if file.name not in done]
        for file in waiting:
            result = result_so_far(order, file)
            on_result(result)
            if result.ended or result.problem:
                done[file.name] = result
        with database.read() as s:
            open_now = open_keys(s)
        jobs = {}
        for file in (one for one in waiting if one.name not in done):
            job = job_of(file, order)
            if tries[file.name] >= _MOST_TRIES and job.key not in open_now:
                line = f"broken: {file.name}: each worker that read it failed; its log says why"
                done[file.name] = ArchiveResult(file.name, file.size, problem=line)
                on_result(done[file.name])
            elif job.key not in open_now:
                jobs[job.key] = job
                tries[file.name] += 1
        queue.put(list(jobs.values()))
        if len(done) < len(files):
            time.sleep(look_s)
    return [done[file.name] for file in files]


def job_of(file: HeldFile, order: BackfillOrder) -> Job:
    args = {"file": file, "order": order}
    key = f"backfill:{order.path(file)}"
    return Job("backfill", QUEUE, key, to_jsonable_python(args))


def order_of(args: Mapping[str, Any]) -> tuple[HeldFile, BackfillOrder]:
    file = TypeAdapter(HeldFile).validate_python(args["file"])
    return file, TypeAdapter(BackfillOrder).validate_python(args["order"])
