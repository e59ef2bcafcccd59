"""Only one process at a time may work on a database: the daemon, or a `run` from cron."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from storage.database.session import Database
from storage.errors import AccordwatchError, DatabaseError


class BusyError(AccordwatchError):
    """Another process is working on this database."""


@contextmanager
def alone(database: Database) -> Iterator[Callable[[], bool]]:
    """Be the only one to work on the database while the block runs. The value of the block is a
    function that returns whether this still holds.

    The lock is a file beside an SQLite database, or an advisory lock on PostgreSQL; either is
    released when the process ends, in whatever way. A PostgreSQL server that is restarted forgets
    it; it is then taken again, unless another process was faster. A lock file that was deleted
    keeps nobody out: ours counts until another process has made one. Raises BusyError at once if
    another process holds it.
    """
    if not database.is_sqlite:
        with database.hold() as held:
            if held is None:
                other = "another Accordwatch (a daemon, or a run) works on this database"
                raise BusyError(f"{other}; wait for it, or stop it")
            yield held
        return
    with holding(Path(database.url.removeprefix("sqlite:///"))) as held:
        yield held


@contextmanager
def holding(file: Path) -> Iterator[Callable[[], bool]]:
    """As `alone`, for an SQLite file that need not exist or be readable."""
    path = f"{file}.lock"
    # not thread-local, because several threads of the daemon check whether it is held
    lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            f"another Accordwatch (a daemon, or a run) holds {path}; wait for it, or stop it"
        ) from error
    except OSError as error:
        raise DatabaseError(
            f"{path}: cannot be written: {error.strerror}; make the folder writable"
        ) from error
    ours = Path(path).stat()
    try:
        yield lambda: lock.is_locked and _is_last(Path(path), ours)
    finally:
        lock.release()


def _is_last(path: Path, ours: os.stat_result) -> bool:
    """Whether no other file has taken the place of ours."""
    try:
        return os.path.samestat(path.stat(), ours)
    except OSError:
        return True
