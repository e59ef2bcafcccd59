"""Where reading a file goes on that has grown since."""

from __future__ import annotations

import hashlib

from spiders.local.files import HeldFile, opened
from spiders.local.marks import FileToRead
from storage.errors import UnreadableError

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
