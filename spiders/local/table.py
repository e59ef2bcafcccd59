"""The kinds of sources that lie on this machine: a new one is a module with `files` and `read`, and
a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from crawler.process.task import Task
from spiders.kinds.offer import Offer
from spiders.local import files, mailbox, warc
from spiders.local.files import Held, HeldFile, Portion, Room
from storage.errors import UnreadableError
from storage.records import Candidate
from storage.source import LOCAL_SOURCES, Source, SourceKind

_PORTIONS = 20  # of a source that is tried; enough to see what is in it

# What lists the files of a source, what gives the documents of a file from a place on, and what the
# place behind the document at a place, unread; None if a file is one document. They are run in a
# worker.
LocalKind = tuple[
    Callable[[Source], Held],
    Callable[[Source, HeldFile, int, Room], Portion[Task]],
    Callable[[HeldFile, int, Room], int] | None,
]
LOCAL_KINDS: Mapping[SourceKind, LocalKind] = {
    SourceKind.FOLDER: (files.files, files.read, None),
    SourceKind.WARC: (warc.files, warc.read, warc.past),
    SourceKind.MAILBOX: (mailbox.files, mailbox.read, mailbox.past),
}


def is_local(source: Source) -> bool:
    """Whether a source lies on this machine, so that no request is sent."""
    return source.kind in LOCAL_SOURCES


def list_files(source: Source) -> Held:
    list_them, _, _ = LOCAL_KINDS[source.kind]
    return list_them(source)


def read_portion(source: Source, file: HeldFile, at: int, room: Room) -> Portion[Task]:
    """Some documents of a file. Raises UnreadableError if the file cannot be read at all."""
    _, read, _ = LOCAL_KINDS[source.kind]
    return read(source, file, at, room)


def place_past(source: Source, file: HeldFile, at: int, room: Room) -> int | None:
    """The place behind a document; None if there is nothing. Raises UnreadableError."""
    _, _, past = LOCAL_KINDS[source.kind]
    behind = None if past is None else past(file, at, room)
    return behind if behind != at else None


def sample(source: Source, max_bytes: int) -> Offer:
    """The first documents of the first files, as many as one look takes: for a try."""
    held, problem = list_files(source)
    candidates: list[Candidate] = []
    for portion in _portions(source, held, Room(source.max_items, max_bytes)):
        candidates += [
            document.candidate for document in portion.documents if document.candidate is not None
        ]
        problem = problem or portion.problem
        if len(candidates) >= source.max_items:
            break
    return Offer(tuple(candidates[: source.max_items]), problem=problem)


def _portions(source: Source, held: tuple[HeldFile, ...], room: Room) -> Iterator[Portion[Task]]:
    for file in held[: max(_PORTIONS, source.max_items)]:
        at, ended, left = 0, False, _PORTIONS
        while not ended and left:
            try:
                portion = read_portion(source, file, at, room)
            except UnreadableError as error:
                yield Portion(problem=f"{error.reason}: {file.name}: {error}")
                break
            yield portion
            at, ended, left = portion.next_at, portion.ended, left - 1
