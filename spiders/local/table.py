"""The kinds of sources that lie on this machine: a new one is a module with `files` and `read`, and
a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spiders.local import files, mailbox, warc
from spiders.local.files import Held, HeldFile, Portion, Room
from storage.records import LOCAL_SOURCES, Source, SourceKind


@dataclass(frozen=True, slots=True)
class LocalKind:
    """`files` lists what there is, `read` gives the documents of a file from a place on, `past` the
    place behind the document at a place, unread; None if a file is one document. They are run in a
    worker.
    """

    files: Callable[[Source], Held]
    read: Callable[[Source, HeldFile, int, Room], Portion]
    past: Callable[[HeldFile, int, Room], int] | None = None


LOCAL_KINDS: Mapping[SourceKind, LocalKind] = {
    SourceKind.FOLDER: LocalKind(files.files, files.read),
    SourceKind.WARC: LocalKind(warc.files, warc.read, warc.past),
    SourceKind.MAILBOX: LocalKind(mailbox.files, mailbox.read, mailbox.past),
}


def is_local(source: Source) -> bool:
    """Whether a source lies on this machine, so that nothing is asked for."""
    return source.kind in LOCAL_SOURCES


def list_files(source: Source) -> Held:
    """The files of a source."""
    return LOCAL_KINDS[source.kind].files(source)


def read_portion(source: Source, file: HeldFile, at: int, room: Room) -> Portion:
    """Some documents of a file. Raises UnreadableError if the file cannot be read at all."""
    return LOCAL_KINDS[source.kind].read(source, file, at, room)


def place_past(source: Source, file: HeldFile, at: int, room: Room) -> int | None:
    """The place behind the document at a place; None if there is nothing behind it. Raises
    UnreadableError.
    """
    past = LOCAL_KINDS[source.kind].past
    behind = None if past is None else past(file, at, room)
    return behind if behind != at else None
