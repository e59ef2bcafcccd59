"""The portions in which an archive is read, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from crawler.process.several import ToRead
from crawler.process.task import Task
from scheduler.backfill.archives import is_web_archive
from scheduler.backfill.rows import read_rows
from spiders.local import warc
from spiders.local.files import HeldFile
from spiders.local.portion import FileDocument, Portion, Room
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Source, SourceKind

PAGES = 20  # documents of a web archive that are cut out at a time: a second of work
ROWS = 200  # of a file of texts, which are small and quickly judged
# A film of some gigabytes among the pages is passed; its time is limited as that of all else.
_IN_VAIN = 500
_CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ArchivePortion:
    """Some documents of an archive, and those that could not be taken out of it as (name, reason,
    sentence). The next ones begin at `next_at`. `problem` says what is wrong from there on.
    """

    documents: tuple[ToRead, ...]
    next_at: int
    ended: bool
    refused: tuple[tuple[str, str, str], ...] = ()
    problem: str | None = None


# Cuts a portion out of an archive at a place, maybe in another process, which may have to be
# stopped. Raises UnreadableError if nothing can be read there.
Cutter = Callable[[HeldFile, int, Room], Portion]


def portions_of(
    file: HeldFile, at: int, cut: Cutter, columns: Mapping[str, str], max_bytes: int
) -> Iterator[ArchivePortion]:
    """Yield the portions of an archive from the place `at` on; the last one has `ended`."""
    if is_web_archive(file):
        yield from _of_web(file, at, cut, max_bytes)
    else:
        yield from _of_rows(file, at, columns)


# --- web archives -------------------------------------------------------------------------------


def cut_here(file: HeldFile, at: int, room: Room) -> Portion:
    """Cut a portion out of a web archive. Run in a worker; raises UnreadableError."""
    return warc.read(_source_of(file), file, at, room)


def _source_of(file: HeldFile) -> Source:
    return Source(id="", kind=SourceKind.WARC, url=file.url)


def _of_web(file: HeldFile, at: int, cut: Cutter, max_bytes: int) -> Iterator[ArchivePortion]:
    """Of a portion that cannot be read, each record is read by itself: the one at fault costs
    itself alone.
    """
    alone = 0
    whole = Room(PAGES, max_bytes, times_in_vain=_IN_VAIN)
    while True:
        room = replace(whole, documents=1, scanned_bytes=1) if alone else whole
        try:
            found = cut(file, at, room)
        except UnreadableError as error:
            if error.reason != _CLOSED and not alone:
                alone = PAGES
                continue
            yield (last := _past(file, at, room, error))
            if last.ended:
                return
            at, alone = last.next_at, alone - 1
            continue
        alone = max(0, alone - 1)
        yield _portion(found)
        if found.ended:
            return
        at = found.next_at


def _past(file: HeldFile, at: int, room: Room, error: UnreadableError) -> ArchivePortion:
    """A portion that holds only the record that cannot be read; the end of the file if nobody can
    say where the next one begins.
    """
    try:
        behind = at if error.reason == _CLOSED else warc.past(file, at, room)
    except UnreadableError:
        behind = at
    line = f"{file.name}: the record at byte {at:,}: {error}"
    if behind == at:
        return ArchivePortion((), at, ended=True, problem=f"{error.reason}: {line}")
    return ArchivePortion((), behind, ended=False, refused=((file.url, error.reason, line),))


def _portion(found: Portion) -> ArchivePortion:
    return ArchivePortion(
        tuple(_to_read(one) for one in found.documents),
        found.next_at,
        found.ended,
        tuple((one.url, one.reason, one.line) for one in found.skipped),
        found.problem,
    )


def _to_read(one: FileDocument) -> ToRead:
    return ToRead(Task(one.fetched, one.candidate), one.seen_on)


# --- files of texts -----------------------------------------------------------------------------


def _of_rows(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[ArchivePortion]:
    rows = read_rows(file, at, columns)
    try:
        while batch := list(islice(rows, ROWS)):
            at = batch[-1].next_at
            documents = tuple(row.document for row in batch if row.document is not None)
            refused = tuple((file.url, "no_document", row.fault) for row in batch if row.fault)
            yield ArchivePortion(documents, at, ended=False, refused=refused)
    except AccordwatchError as error:
        yield ArchivePortion((), at, ended=True, problem=f"broken: {error}")
        return
    yield ArchivePortion((), at, ended=True)
