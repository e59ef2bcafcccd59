"""Reads the sources of a run that lie on this machine.

Their documents do not go by the frontier: they are at hand. Files are read by the workers, a
portion at a time; the documents of a portion are judged side by side and handed to the writer, and
once they are stored it is noted how far the file was read. A killed run reads a portion again, and
finds its documents stored.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from crawler.process.task import Task
from spiders.crawl_run import CrawlRun
from spiders.local.files import CLOSED, HeldFile, Portion, Room, Skipped, opened
from spiders.local.table import list_files, place_past, read_portion
from spiders.reading.polls import of_files
from spiders.reading.source_reading import Arrival
from storage.database.session import Session
from storage.errors import UnreadableError
from storage.records import Judged
from storage.source import Source
from storage.sources.ledger import write
from storage.sources.manners import Validators, save_validators, validators
from storage.sources.states import record_poll, source_state
from storage.sources.tables import Poll

PORTION = 20  # documents of a file that are read and judged at a time
AT_ONCE = 4  # files; a folder has many with one document each


@dataclass(slots=True)
class ReadingAtHand:
    """A look at a source whose documents are at hand, in files or a mailbox: how many of them were
    `taken`, how many files or messages are `left` for later looks, and what was wrong as one line.
    `room` is for how many documents more from files.
    """

    source: Source
    room: int = 0
    taken: int = 0
    left: int = 0
    failed: bool = False
    problem: str | None = None

    @property
    def share(self) -> int:
        """How many documents one of the files that are read at once may give now."""
        return min(PORTION, self.room, max(1, self.room // AT_ONCE))


class LocalReader:
    """Reads sources without a request."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    async def poll(self, source: Source) -> None:
        """Reads a source and records the look, unless the run is stopped: it stays due then."""
        reading = ReadingAtHand(source, source.max_items)
        try:
            held, reading.problem = await self.run.workers.run(list_files, source)
        except UnreadableError as error:
            held, reading.problem = (), f"{error.reason}: {error}"
        reading.failed = reading.problem is not None and not held
        await self.read(reading, await self.run.writer.call(lambda s: waiting(s, source, held)))
        await record_look(self.run, reading, "file")

    async def read(self, reading: ReadingAtHand, files: Sequence[FileToRead]) -> None:
        for number in range(0, len(files), AT_ONCE):
            if self.run.report.stopped or reading.room <= 0:
                reading.left += len(files) - number
                return
            some = files[number : number + AT_ONCE]
            await asyncio.gather(*(self.read_file(reading, *one) for one in some))

    async def read_file(self, reading: ReadingAtHand, file: HeldFile, mark: Validators) -> None:
        """Reads a file to its end, a portion at a time. Of a portion that cannot be read each
        document is read by itself: the one at fault costs itself alone.
        """
        at = await asyncio.to_thread(start_of, file, mark)
        ended, alone = False, 0  # how many documents are still read by themselves
        while not ended:
            most = min(1, reading.share) if alone else reading.share
            if most <= 0 or self.run.report.stopped:
                reading.left += 1
                return
            reading.room -= most
            scanned = {"scanned_bytes": 1} if alone else {}
            room = Room(most, self.run.spec.crawl.max_bytes, **scanned)
            portion = await self.portion(reading, file, at, room)
            reading.room += most - (len(portion.documents) if portion else 0)
            alone = max(0, alone - 1) if portion else PORTION
            if portion is None:
                continue
            if portion.is_closed:
                return
            await self.take(reading, file, portion)
            at, ended = portion.next_at, portion.ended

    async def portion(
        self, reading: ReadingAtHand, file: HeldFile, at: int, room: Room
    ) -> Portion[Task] | None:
        """The next documents of a file; None if these have to be read one by one. A document that
        cannot be read is passed; what may not be read is tried at each look.
        """
        source = reading.source
        try:
            portion: Portion[Task] = await self.run.workers.run(
                read_portion, source, file, at, room
            )
        except UnreadableError as error:
            if error.reason == CLOSED or error.may_pass:
                reading.problem = reading.problem or f"{error.reason}: {file.name}: {error}"
                return Portion(is_closed=True)
            behind = await self.place_past(source, file, at, room)
            if behind is not None and room.scanned_bytes > 1:
                return None
            place = "" if behind is None else f" (before byte {behind:,})"
            line = f"{file.name}{place}: {error}"
            skipped = ((file.url, error.reason, line),)
            return Portion((), at if behind is None else behind, behind is None, skipped)
        return portion

    async def place_past(self, source: Source, file: HeldFile, at: int, room: Room) -> int | None:
        """The place behind a document that cannot be read; None if none is known."""
        try:
            behind: int | None = await self.run.workers.run(place_past, source, file, at, room)
        except UnreadableError:
            return None
        return behind

    async def take(self, reading: ReadingAtHand, file: HeldFile, portion: Portion[Task]) -> None:
        """Judges and stores the documents of a portion, and notes how far the file was read."""
        source, run = reading.source, self.run
        reading.problem = reading.problem or portion.problem
        taken, reasons = await store_found(run, source, portion.documents, portion.skipped)
        reading.taken += taken
        head = await asyncio.to_thread(head_of, file, portion.next_at)
        place = f"{portion.next_at} {_ENDED}" if portion.ended else str(portion.next_at)

        def note_progress(s: Session) -> None:
            now = datetime.now(UTC)
            save_validators(s, _key(source, file), Validators(file.stamp, place, head, now))
            write(s, now, [(source.id, of_files(reasons))])

        await run.writer.call_after(note_progress)
        run.report.progress()


# --- how far each file was read -------------------------------------------------------------------
#
# That is stored like the validators of an address: as ETag the stamp of the file, as Last-Modified
# the place where reading stopped ("81920", "81920 end"), as hash that of its first bytes.

_ENDED = "end"
FileToRead = tuple[HeldFile, Validators]


def waiting(s: Session, source: Source, files: Sequence[HeldFile]) -> list[FileToRead]:
    """Those of the files that have something that was not read, each with what is known of it."""
    marked = ((file, validators(s, _key(source, file))) for file in files)
    return [
        (file, mark)
        for file, mark in marked
        if mark.etag != file.stamp or not (mark.last_modified or "").endswith(_ENDED)
    ]


def _key(source: Source, file: HeldFile) -> str:
    return f"{source.kind} {source.id} {file.name}"


# --- where reading a file goes on that has grown since --------------------------------------------

HEAD = 65_536  # bytes by which a file is known to begin as it did


def start_of(file: HeldFile, mark: Validators) -> int:
    """The place from which a file is read: where it was left, if it begins as it did then."""
    at = int((mark.last_modified or "0").partition(" ")[0])
    if at > file.size:
        return 0
    is_same = file.stamp == mark.etag
    return at if is_same or (mark.body_hash and mark.body_hash == head_of(file, at)) else 0


def head_of(file: HeldFile, at: int) -> str | None:
    """A hash of how a file begins, up to the place `at`; None if there is nothing to compare."""
    if not at or file.member:
        return None
    try:
        with opened(file.path) as stream:
            head = stream.read(min(at, HEAD))
    except (UnreadableError, OSError):
        return None
    return hashlib.blake2b(head, digest_size=16).hexdigest()


# --- documents that are at hand -------------------------------------------------------------------


async def store_found(
    run: CrawlRun, source: Source, tasks: Sequence[Task], skipped: Sequence[Skipped]
) -> tuple[int, list[str]]:
    """Has documents judged side by side and hands them to the writer. Returns how many these are,
    and why each of the others, the `skipped` ones too, is not stored.
    """
    for url, reason, line in skipped:
        run.report.skipped(source.id, url, reason, line)
    reasons = [reason for _, reason, _ in skipped]
    taken = 0
    for document in await asyncio.gather(*(_judge(run, source, task) for task in tasks)):
        if isinstance(document, str):
            reasons.append(document)
            continue
        taken += 1
        run.report.fetched(source.id)
        await run.writer.add(Arrival(document, source.id, from_file=True))
    return taken, reasons


async def _judge(run: CrawlRun, source: Source, task: Task) -> Judged | str:
    """A document, judged; the reason if it cannot be read, which is reported."""
    url = task.fetched.url
    try:
        named = task if task.source is not None else replace(task, source=source)
        judged: Judged = await run.workers.run("process", named)
    except UnreadableError as error:
        run.report.skipped(source.id, url, error.reason, f"{url}: {error}")
        return error.reason
    return judged


async def record_look(run: CrawlRun, reading: ReadingAtHand, what: str) -> None:
    """Records how a look went, once all that it brought is stored, unless the run is stopped.
    `what` is left for later looks. A source without anything new offers what it did before.
    """
    source, taken, line = reading.source, reading.taken, reading.problem
    failed, left = reading.failed, reading.left
    if run.report.stopped:
        return
    if line is None and left:
        line = f"later: {left:,} {what}{' is' if left == 1 else 's are'} left for later looks"

    def record(s: Session) -> int:
        now = datetime.now(UTC)
        offered = taken or (0 if failed else source_state(s, source.id).last_offered)
        record_poll(s, source.id, Poll(now, not failed, offered, taken), line)
        write(s, now, [(source.id, of_files((), looks=1, failed=failed, left=left))])
        return offered

    offered = await run.writer.call(record)
    run.report.polled(source.id, offered, taken, line, failed=failed)
