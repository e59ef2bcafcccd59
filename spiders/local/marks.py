"""How far each file was read, so that no document is read twice.

That is kept where the validators of addresses are: a file is asked, too, whether it has changed.
Its size and time are its ETag. What only grows, as a mailbox does, is read on from where we were,
if it still begins as it did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from spiders.local.files import HeldFile, opened
from storage.database.session import Session
from storage.errors import UnreadableError
from storage.records import Source
from storage.sources.validators import save_validators, validators

_ENDED = "end"


@dataclass(frozen=True, slots=True)
class FileMark:
    """Where reading of a file stopped: `at` this place, or after its last document if `ended`.

    `head` is the hash of its first bytes.
    """

    stamp: str
    at: int
    ended: bool
    head: str | None = None


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file that is to be read, and what is known of it."""

    file: HeldFile
    mark: FileMark | None = None


def waiting(s: Session, source: Source, files: Sequence[HeldFile]) -> list[FileToRead]:
    """Those of the files that have something that was not read."""
    marked = (FileToRead(file, _mark(s, source, file)) for file in files)
    return [one for one in marked if not _is_read(one)]


def keep(s: Session, source: Source, file: HeldFile, mark: FileMark, now: datetime) -> None:
    """Keep where a file was left."""
    place = f"{mark.at} {_ENDED}" if mark.ended else str(mark.at)
    save_validators(s, _key(source, file), mark.stamp, place, mark.head, now=now)


def _mark(s: Session, source: Source, file: HeldFile) -> FileMark | None:
    known = validators(s, _key(source, file))
    if known.etag is None:
        return None
    at, _, rest = (known.last_modified or "0").partition(" ")
    return FileMark(known.etag, int(at), rest == _ENDED, known.body_hash)


def _is_read(one: FileToRead) -> bool:
    return one.mark is not None and one.mark.ended and one.mark.stamp == one.file.stamp


def _key(source: Source, file: HeldFile) -> str:
    return f"{source.kind} {source.id} {file.name}"


# --- where reading a file goes on that has grown since --------------------------------------------

HEAD = 65_536  # bytes that tell whether a file still begins as it did


def start_of(one: FileToRead) -> int:
    """The place from which a file is read: where it was left, if it begins as it did then."""
    mark = one.mark
    if mark is None or mark.at > one.file.size:
        return 0
    if one.file.stamp == mark.stamp or (mark.head and mark.head == head_of(one.file, mark.at)):
        return mark.at
    return 0


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
