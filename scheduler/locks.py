"""One process at a time polls, claims and delivers for a database: the daemon, or a `run` from cron."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from storage.database.session import Database
from storage.errors import AccordwatchError, DatabaseError


class BusyError(AccordwatchError):
    """Another process works on this database."""


@contextmanager
def alone(database: Database) -> Iterator[Callable[[], bool]]:
    """Work as the only one as long as the block runs; the value asks whether that still holds.

    A lock file beside an SQLite database, an advisory lock on PostgreSQL: either ends with the process, however that
    ends. Raises BusyError at once where another one works.
    """
    if not database.is_sqlite:
        with database.hold() as held:
            if held is None:
                raise BusyError(
                    "another Accordwatch (a daemon, or a run) works on this database; wait, or stop it"
                )
            yield held
        return
    with holding(Path(database.url.removeprefix("sqlite:///"))) as held:
        yield held


@contextmanager
def holding(file: Path) -> Iterator[Callable[[], bool]]:
    """The same for an SQLite file, also where it cannot be opened, or is not there."""
    path = f"{file}.lock"
    lock = FileLock(
        path, timeout=0, mode=0o600, thread_local=False
    )  # the daemon asks from its threads
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
    try:
        yield lambda: lock.is_locked
    finally:
        lock.release()
