"""Values that are costly to build and follow from files alone, stored on disk for the next process.

A value has the name of all that it follows from (`name_of`), so it never becomes wrong: what
changes has another name. It is a pickle, which can call whatever it names. Therefore nothing is
read that another user could have written: folder and file belong to this user, and nobody else may
write to them. Whatever is wrong with a value, it is as if it had not been stored. See
docs/decisions/compiled-rules.md.

A file has a line with the length of each part, then the pickle and its arrays (its out-of-band
buffers, PEP 574), which are mapped: they are read when they are used, and processes share them.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import pickle
import secrets
import stat
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from storage.disk_room import lacks_room

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_LEAST_MAPPED = 4_000_000  # bytes; what is smaller, and used as a whole, is read with the pickle
_ALIGNED = 64  # bytes: where parts begin, as processors like their arrays
# Files in a folder: rules in seven languages are nine, of 10 MB. The least recently used go first.
_MOST_FILES = 120
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
# Linux keeps in one piece what is written at once, and maps all of it for who reads a byte of it.
_WRITTEN_AT_ONCE = 64 * 1024  # bytes
_MAPPED: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()  # files that are in use


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


def cached_or_built(folder_name: str, parts: Iterable[bytes], build: Callable[[], T]) -> T:
    """Return what `build` makes of these parts, from the user's cache folder if it is there."""
    try:
        folder, name = user_cache_dir() / folder_name, name_of(parts)
    except RuntimeError:  # no home directory: nothing is stored
        return build()
    cached: T | None = load(folder, name)
    if cached is not None:
        return cached
    built = build()
    store(folder, name, built)
    # Arrays that were built would take memory of this process alone.
    cached = load(folder, name)
    return built if cached is None else cached


def load(folder: Path, name: str) -> Any:
    """Return what `store` wrote, with arrays that nobody can change, or None. It stays readable if
    the file is removed.
    """
    try:
        with _opened(folder) as folder_fd:
            return _value(_mapped(folder_fd, name))
    except FileNotFoundError:
        return None
    except Exception as error:  # a pickle that is not ours can raise anything
        _LOG.debug("%s/%s is not used, but built anew: %s", folder, name, error)
        return None


def store(folder: Path, name: str, value: Any) -> None:
    """Write a value for `load`, or nothing where that is impossible."""
    arrays: list[pickle.PickleBuffer] = []

    def is_small(array: pickle.PickleBuffer) -> bool:
        """Return whether the pickle holds an array; others stand behind it."""
        if array.raw().nbytes >= _LEAST_MAPPED:
            arrays.append(array)
            return False
        return True

    pickled = pickle.dumps(value, protocol=5, buffer_callback=is_small)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if arrays and lacks_room(folder):
            raise OSError("the disk is nearly full")
        with _opened(folder) as folder_fd:
            _write(folder_fd, name, [memoryview(pickled), *(buffer.raw() for buffer in arrays)])
            _remove_unused(folder_fd)
    except OSError as error:
        _LOG.debug("%s/%s cannot be stored: %s", folder, name, error)


def release_memory() -> None:
    """Give the memory of all files back to the system; 1 MB is read again in 50 microseconds."""
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for mapped in list(_MAPPED):
        with suppress(ValueError):  # closed
            mapped.madvise(mmap.MADV_DONTNEED)


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


def _refuse_strangers(file: int) -> None:
    """Raise OSError if another user may have written an open file."""
    result = os.fstat(file)
    if result.st_uid != os.geteuid() or result.st_mode & _WRITABLE_BY_OTHERS:
        raise OSError("it belongs to another user, or another user may write to it")


def _mapped(folder_fd: int, name: str) -> mmap.mmap:
    file_fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder_fd)
    try:
        _refuse_strangers(file_fd)
        with suppress(OSError):
            os.utime(file_fd)  # `_remove_unused` reads when it was used
        return mmap.mmap(file_fd, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(file_fd)


def _value(file: mmap.mmap) -> Any:
    """Return the value in a file. Raises any exception if it is torn, or of another kind."""
    content = memoryview(file)
    lengths = json.loads(file.readline())
    start = file.tell()
    parts = []
    for length in lengths:
        start += -start % _ALIGNED
        parts.append(content[start : start + length])
        start += length
    if start != len(content):
        raise ValueError("it is torn")
    value = pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301 - this user wrote it
    if len(parts) > 1:
        _MAPPED.add(file)
    return value


def _write(folder_fd: int, name: str, parts: list[memoryview]) -> None:
    """Write a file as a whole, so that no reader ever finds a part of it."""
    partial = f"{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder_fd), "wb") as file:
            file.write(json.dumps([part.nbytes for part in parts]).encode() + b"\n")
            for part in parts:
                file.write(bytes(-file.tell() % _ALIGNED))
                starts = range(0, part.nbytes, _WRITTEN_AT_ONCE)
                file.writelines(part[start : start + _WRITTEN_AT_ONCE] for start in starts)
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
