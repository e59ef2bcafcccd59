"""Files as sources: which files there are, their bytes, and the portions and documents that readers
of archives, tables and mailboxes cut from them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from crawler.process.task import Task
from storage.errors import UnreadableError
from storage.records import Candidate, Fetched
from storage.source import Source

CLOSED = "closed"  # the reason for what we are not allowed to read
MOST_FILES = 200_000  # of a source; listing them takes seconds, and a folder of more is a mistake


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file with documents. `stamp` differs once its content was changed. `name` is its name among
    the files of the source, also after the mail program has renamed it. `member` is the part of a
    zip file that is meant.
    """

    path: str
    name: str
    stamp: str
    size: int
    member: str = ""

    @property
    def url(self) -> str:
        return Path(self.path).as_uri()


# The files of a source, and "reason: sentence" if something is wrong. If there are no files, the
# source has failed.
Held = tuple[tuple[HeldFile, ...], str | None]


def path_of(source: Source) -> Path:
    """Where a source lies whose address begins with file:."""
    return Path(url2pathname(urlsplit(source.url).path))


def files_of(source: Source, is_wanted: Callable[[str], bool]) -> Held:
    """The files of a source whose names are wanted, ordered by their paths. Links are not followed:
    they may lead out of the folder, and back into it without end. Nor is what is hidden, as the
    drafts of programs are.
    """
    root = path_of(source)
    if not root.exists():
        return (), f"missing: {root}: there is no such file or folder"
    held_files: list[HeldFile] = []
    closed: list[OSError] = []
    for path in _walk(root.resolve(), closed.append):
        if is_wanted(path.name.lower()) and (held := held_file(path)) is not None:
            held_files.append(held)
        if len(held_files) > MOST_FILES:
            line = f"too_many: {root} has more than {MOST_FILES:,} files; name a folder inside it"
            return (), line
    problem = f"{CLOSED}: {closed[0]}" if closed else None
    return tuple(sorted(held_files, key=lambda file: file.path)), problem


def _walk(root: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, folders, names in os.walk(root, onerror=on_error, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def held_file(path: Path, name: str | None = None) -> HeldFile | None:
    """A file as it is now; None if it is a link, a pipe or a device, or has just gone."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    stamp = f"{status.st_size} {status.st_mtime_ns}"
    return HeldFile(str(path), name or str(path), stamp, status.st_size)


def member_of(file: HeldFile, member: str, size: int) -> HeldFile:
    return replace(file, name=f"{file.name}!{member}", size=size, member=member)


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file. Raises UnreadableError ("closed") if it cannot be opened, is a link by
    now, or is no file: a pipe would keep us waiting for ever.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise UnreadableError(CLOSED, f"{error.strerror or error}") from None
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableError(CLOSED, "it is no ordinary file")
        yield stream


def content_of(file: HeldFile, max_bytes: int) -> bytes:
    """All bytes of a file. Raises UnreadableError ("closed" or "too_large")."""
    with opened(file.path) as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise UnreadableError("too_large", f"it has more than {max_bytes:,} bytes")
    return content


# --- a folder of documents ------------------------------------------------------------------------

TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".txt": "text/plain",
    ".md": "text/plain",
}


def files(source: Source) -> Held:
    return files_of(source, lambda name: name.endswith(tuple(TYPES)))


def read(source: Source, file: HeldFile, at: int, room: Room) -> Portion[Task]:
    suffix = file.path[file.path.rindex(".") :].lower()
    body = content_of(file, room.max_bytes)
    fetched = Fetched(file.url, file.url, TYPES[suffix], body, datetime.now(UTC))
    return Portion((Task(fetched, Candidate(file.url, language=source.language)),), len(body))


# --- the portions in which a file of documents is read --------------------------------------------


T = TypeVar("T", covariant=True)

# A document that could not be taken out of its file: (its address, the reason in a word, a line).
Skipped = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Portion(Generic[T]):
    """Some documents of a file; a task without a source is of the one that is read. The next ones
    begin at `next_at`, unless the file has `ended` for now. `problem` is "reason: sentence" if the
    file is damaged from there on. `is_closed`: it could not even be opened.
    """

    documents: tuple[T, ...] = ()
    next_at: int = 0
    ended: bool = True
    skipped: tuple[Skipped, ...] = ()
    problem: str | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The limits of a portion, which goes through a pipe and must be read within a minute."""

    documents: int
    max_bytes: int  # of one document
    total_bytes: int = 20_000_000  # of a portion; exceeded by one document at most
    scanned_bytes: int = 64_000_000  # of the file, whatever is in there
    times_in_vain: int = 20  # max_bytes may be unpacked from one record; more is a zip bomb


@dataclass(slots=True)
class Gathered:
    """What a portion of a file holds so far."""

    file: HeldFile
    room: Room
    found: list[Task] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    size: int = 0

    @property
    def is_full(self) -> bool:
        is_many = len(self.found) + len(self.skipped) >= self.room.documents
        return is_many or self.size >= self.room.total_bytes

    def add(self, task: Task, size: int) -> None:
        self.found.append(task)
        self.size += size

    def skip(self, reason: str, what: str) -> None:
        self.skipped.append((self.file.url, reason, f"{self.file.name}: {what}"))

    def skip_unread(self, what: str, error: Exception) -> None:
        """Notes why a part of the file is not taken."""
        message = " ".join(str(error).split())[:200] or type(error).__name__
        reason = error.reason if isinstance(error, UnreadableError) else "broken"
        self.skip(reason, f"{what} cannot be read: {message}")

    def portion(self, at: int, *, ended: bool, problem: str | None = None) -> Portion[Task]:
        return Portion(tuple(self.found), at, ended, tuple(self.skipped), problem)
