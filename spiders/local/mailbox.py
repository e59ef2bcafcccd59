"""Newsletters: the messages in a maildir or an mbox file, each of them a document.

Mailboxes are read here and not by the standard library's `mailbox`, which lists a whole mbox file
before it gives the first message, and cannot go on from a place. Its `email` reads the messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.process.task import Task
from spiders.local.files import (
    Gathered,
    Held,
    HeldFile,
    Portion,
    Room,
    content_of,
    files_of,
    held_file,
    opened,
    path_of,
)
from spiders.mail.messages import message_in
from storage.source import Source

_DELIVERED = ("new", "cur")  # of a maildir; what is in `tmp` is still on its way
_BEGINS = b"From "


def files(source: Source) -> Held:
    """The messages of a maildir, with its folders; or the mbox files."""
    root = path_of(source)
    if not _is_maildir(root):
        return files_of(source, lambda name: True)
    folders = [root, *(one for one in sorted(root.glob(".*")) if _is_maildir(one))]
    held_files = []
    for folder in folders:
        for path in _messages_of(folder):
            # The mail program renames a message when it is read: the name until the colon stays.
            name = f"{folder}/{path.name.partition(':')[0]}"
            if (held := held_file(path, name)) is not None:
                held_files.append(held)
    return tuple(held_files), None


def _is_maildir(path: Path) -> bool:
    return not path.is_symlink() and all((path / name).is_dir() for name in _DELIVERED)


def _messages_of(folder: Path) -> Iterator[Path]:
    for name in _DELIVERED:
        if not (folder / name).is_symlink():
            yield from sorted((folder / name).iterdir())


def read(source: Source, file: HeldFile, at: int, room: Room) -> Portion[Task]:
    """The messages of a file from the place `at` on; a file of a maildir has one."""
    with opened(file.path) as stream:
        is_mbox = stream.read(len(_BEGINS)) == _BEGINS
    if not is_mbox:
        task = message_in(content_of(file, room.max_bytes), file.url, source)
        return Portion((task,), file.size)
    return _of_mbox(source, file, at, room)


# --- mbox ---------------------------------------------------------------------------------------


def _of_mbox(source: Source, file: HeldFile, at: int, room: Room) -> Portion[Task]:
    gathered, end = Gathered(file, room), at
    with opened(file.path) as stream:
        for raw, end in _split(stream, at, room.max_bytes):
            message = f"the message before byte {end:,}"
            if raw is None:
                gathered.skip("too_large", f"{message} is too large")
                continue
            try:
                gathered.add(message_in(raw, file.url, source), len(raw))
            except Exception as error:  # the edge: one message must not cost those beside it
                gathered.skip_unread(message, error)
            if gathered.is_full:
                return gathered.portion(end, ended=False)
    return gathered.portion(end, ended=True)


def past(file: HeldFile, at: int, room: Room) -> int:
    with opened(file.path) as stream:
        return next((end for _, end in _split(stream, at, room.max_bytes)), at)


def _split(stream: BinaryIO, at: int, most: int) -> Iterator[tuple[bytes | None, int]]:
    """(a message without the line that begins it, where it ends), from the place `at` on. Instead
    of a message that has more than `most` bytes None is given.
    """
    stream.seek(at)
    lines: list[bytes] = []
    size, begun, after_empty = 0, False, True
    end = at
    while line := stream.readline(most):
        if line.startswith(_BEGINS) and after_empty:
            if begun:
                yield (b"".join(lines) if size <= most else None), end
            lines, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size <= most:
                lines.append(line[1:] if line.startswith(b">From ") else line)
        end += len(line)
        after_empty = line in (b"\n", b"\r\n")
    if begun:
        yield (b"".join(lines) if size <= most else None), end
