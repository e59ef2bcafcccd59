"""Values that are costly to build and follow from files alone, stored on disk for the next process.

A value has the name of all that it follows from (`name_of`), so it never becomes wrong: what
changes has another name. It is a pickle, which can call whatever it names. Therefore a reader says
which classes may stand in it, and nothing is read that another user could have written: folder and
file belong to this user, and nobody else may write to them. Whatever is wrong with a value, it is
as if it had not been stored. See docs/decisions/compiled-rules.md.
"""

from __future__ import annotations

import io
import logging
import mmap
import os
import pickle
import secrets
import shutil
import stat
import struct
import sys
import time
import weakref
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_MAGIC = b"accordwatch cache 2\n"
# A file has the checksum of what follows, how many values and blocks there are, the length of each,
# the values, and then the blocks.
_NUMBER = 8  # bytes
_ALIGNED = 64  # bytes: where blocks begin, as processors like their arrays
_MOST_PARTS = 1_000
_ROOM_FOR = 3  # of what is written: a disk that is nearly full has better uses for the rest
# Files in a folder: rules in seven languages are nine, of 10 MB. The least recently used go first.
_MOST_FILES = 120
_USED_LATELY_S = 600.0  # more often than that, nobody writes when a file was used
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
# Linux keeps in one piece what is written at once, and maps all of it for who reads a byte of it.
_WRITTEN_AT_ONCE = 64 * 1024  # bytes
_MAPPED: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()  # files with blocks that are in use


def user_cache_dir() -> Path:
    """Return the folder of the caches. Raises RuntimeError if the user has no home directory."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "accordwatch"


def name_of(parts: Iterable[bytes]) -> str:
    """Return a name for what follows from these parts, in this order, with this Python."""
    digest = blake2b(repr(sys.version_info).encode(), digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A mapped file: values are read when asked for, and processes share `blocks`."""

    _values: tuple[memoryview, ...]
    blocks: tuple[memoryview, ...] = ()
    _starts: tuple[int, ...] = ()  # of the blocks
    _file_fd: int = -1  # open for as long as the file is mapped

    def read(self, number: int, start: int, into: memoryview) -> None:
        """Read from a block, from `start` on, as many bytes as `into` has room for. For a few bytes
        of many this is cheaper than mapping the block, around which the system maps more. Raises
        OSError.
        """
        if os.preadv(self._file_fd, [into], self._starts[number] + start) != into.nbytes:
            raise OSError("a file in the cache folder was cut")

    def value(self, number: int, classes: Collection[Callable[..., Any]] = ()) -> Any:
        """Return a value of plain types and `classes`. A bad file raises any exception."""
        return _ValueReader(io.BytesIO(self._values[number]), classes).load()


def find(folder: Path, name: str) -> CachedFile | None:
    """Return what `store` wrote, or None. It stays readable if the file is removed."""
    try:
        with _opened(folder) as folder_fd:
            return _parsed(*_mapped(folder_fd, name))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, struct.error) as error:
        _LOG.debug("%s/%s is not used, but built anew: %s", folder, name, error)
        return None


def restored(folder: Path, name: str, restore: Callable[[CachedFile], T]) -> T | None:
    """Return what `restore` makes of what `store` wrote, or None where it cannot be used."""
    found = find(folder, name)
    if found is None:
        return None
    try:
        return restore(found)
    except Exception as error:  # a pickle that is not ours can raise anything
        _LOG.debug("%s/%s is not used, but built anew: %s", folder, name, error)
        return None


def release_memory() -> None:
    """Give the memory of all blocks back to the system; 1 MB is read again in 50 microseconds."""
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for mapped in list(_MAPPED):
        with suppress(ValueError):  # closed
            mapped.madvise(mmap.MADV_DONTNEED)


def cached_or_built(
    folder_name: str, parts: Iterable[bytes], build: Callable[[], T], classes: Collection[type] = ()
) -> T:
    """Return what `build` makes of these parts, from the user's cache folder if it is there."""

    def restore(found: CachedFile) -> T:
        return cast("T", found.value(0, classes))

    value: T = restored_or_built(folder_name, parts, build, lambda built: (built, ()), restore)
    return value


def restored_or_built(
    folder_name: str,
    parts: Iterable[bytes],
    build: Callable[[], T],
    split: Callable[[T], tuple[Any, Sequence[memoryview]]],
    restore: Callable[[CachedFile], T],
) -> T:
    """Return what `build` makes, or what `restore` makes of the value and blocks into which it was
    taken apart before: blocks are mapped, and what was built would take memory of its own.
    """
    try:
        folder, name = user_cache_dir() / folder_name, name_of(parts)
    except RuntimeError:  # no home directory: nothing is stored
        return build()
    cached = restored(folder, name, restore)
    if cached is not None:
        return cached
    built = build()
    value, blocks = split(built)
    store(folder, name, value, blocks=blocks)
    return restored(folder, name, restore) or built


def store(folder: Path, name: str, *values: Any, blocks: Sequence[memoryview] = ()) -> None:
    """Write values and blocks for `find`, or nothing where that is impossible. Blocks are not part
    of the checksum, since reading it would read them: they are on the disk before the file has its
    name.
    """
    bodies = [pickle.dumps(value, protocol=5) for value in values]
    lengths = [*map(len, bodies), *(block.nbytes for block in blocks)]
    numbers = (len(bodies), len(blocks), *lengths)
    rest = b"".join((_numbers(*numbers), *bodies))
    content: list[bytes | memoryview] = [_MAGIC + _numbers(zlib.crc32(rest)) + rest]
    end = len(_MAGIC) + _NUMBER + len(rest)
    for block in blocks:
        gap = -end % _ALIGNED
        content += [bytes(gap), block.cast("B")]
        end += gap + block.nbytes
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if blocks and shutil.disk_usage(folder).free < _ROOM_FOR * end:
            raise OSError("the disk is nearly full")
        with _opened(folder) as folder_fd:
            _write(folder_fd, name, content, sync=bool(blocks))
            _remove_unused(folder_fd)
    except OSError as error:
        _LOG.debug("%s/%s cannot be stored: %s", folder, name, error)


def _numbers(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}Q", *numbers)


class _ValueReader(pickle.Unpickler):
    """Reads a pickle in which only these classes are named."""

    def __init__(self, file: io.BytesIO, classes: Collection[Callable[..., Any]]) -> None:
        super().__init__(file)
        self._classes = {(one.__module__, one.__qualname__): one for one in classes}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._classes:
            raise pickle.UnpicklingError(f"{module}.{name} may not stand in it")
        return self._classes[module, name]


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Give a descriptor of the folder. Raises OSError if another user may write to it."""
    if not hasattr(os, "geteuid"):
        raise OSError("this system cannot say who wrote a file")
    folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _refuse_strangers(folder_fd)
        yield folder_fd
    finally:
        os.close(folder_fd)


def _refuse_strangers(file: int) -> os.stat_result:
    """Return what is known of an open file. Raises OSError if another user may have written it."""
    found = os.fstat(file)
    if found.st_uid != os.geteuid() or found.st_mode & _WRITABLE_BY_OTHERS:
        raise OSError("it belongs to another user, or another user may write to it")
    return found


def _mapped(folder_fd: int, name: str) -> tuple[mmap.mmap, int]:
    """Return a file, and a descriptor of it that is closed when nobody has the file any more."""
    file_fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder_fd)
    try:
        found = _refuse_strangers(file_fd)
        if not stat.S_ISREG(found.st_mode):
            raise OSError("it is not a file")
        if time.time() - found.st_mtime > _USED_LATELY_S:
            with suppress(OSError):
                os.utime(file_fd)
        mapped = mmap.mmap(file_fd, 0, access=mmap.ACCESS_READ)
    except BaseException:
        os.close(file_fd)
        raise
    weakref.finalize(mapped, os.close, file_fd).atexit = False
    return mapped, file_fd


def _parsed(file: mmap.mmap, file_fd: int) -> CachedFile:
    """Raises ValueError or struct.error if a file is torn, or of another kind."""
    content = memoryview(file)
    head = len(_MAGIC) + _NUMBER
    of_values, of_blocks = struct.unpack_from(">QQ", content, head)
    if of_values + of_blocks > _MOST_PARTS:
        raise ValueError("it is of another kind")
    lengths = struct.unpack_from(f">{of_values + of_blocks}Q", content, head + 2 * _NUMBER)
    start = head + (2 + len(lengths)) * _NUMBER
    parts, starts = [], []
    for number, length in enumerate(lengths):
        if number == of_values:
            _check_sum(content[:start])
        start += -start % _ALIGNED if number >= of_values else 0
        starts.append(start)
        parts.append(content[start : start + length])
        start += length
    if not of_blocks:
        _check_sum(content[:start])
    if start != len(content):
        raise ValueError("it is torn")
    if of_blocks:
        _MAPPED.add(file)
    starts = starts[of_values:]
    return CachedFile(tuple(parts[:of_values]), tuple(parts[of_values:]), tuple(starts), file_fd)


def _check_sum(content: memoryview) -> None:
    head = len(_MAGIC) + _NUMBER
    if content[:head] != _MAGIC + _numbers(zlib.crc32(content[head:])):
        raise ValueError("it is torn, or of another kind")


def _write(folder_fd: int, name: str, content: Iterable[bytes | memoryview], *, sync: bool) -> None:
    """Write a file as a whole, so that no reader ever finds a part of it."""
    partial = f"{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder_fd), "wb") as file:
            for part in content:
                starts = range(0, len(part), _WRITTEN_AT_ONCE)
                file.writelines(part[start : start + _WRITTEN_AT_ONCE] for start in starts)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.rename(partial, name, src_dir_fd=folder_fd, dst_dir_fd=folder_fd)
    except OSError:
        with suppress(OSError):
            os.unlink(partial, dir_fd=folder_fd)
        raise


def _remove_unused(folder_fd: int) -> None:
    """Remove the files that nobody used for the longest time, if there are many."""
    names = os.listdir(folder_fd)
    if len(names) <= _MOST_FILES:
        return
    used: list[tuple[float, str]] = []
    for name in names:
        with suppress(OSError):
            used.append((os.stat(name, dir_fd=folder_fd).st_mtime, name))
    for _, name in sorted(used)[:-_MOST_FILES]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder_fd)
