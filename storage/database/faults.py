"""Errors of the database as one line that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, StatementError

from storage.database.address import shown
from storage.database.engines import BUSY_TIMEOUT_MS
from storage.disk_room import lacks_room, room
from storage.errors import DatabaseError, FaultError, UnstorableError

_LOCKED_FOR_S = BUSY_TIMEOUT_MS // 1000
# What SQLite says -> what we say.
_EXPLANATIONS = {
    "readonly database": "cannot be written: make the file and its folder writable",
    "unable to open": "cannot be opened: make the file and its folder readable and writable",
    "not a database": "is not a SQLite database: choose another `database`, or restore a backup",
    "malformed": "is damaged: restore a backup",
    "is locked": f"is locked: another process has been writing for {_LOCKED_FOR_S} s; "
    "stop it and try again",
    "decode to UTF-8": "is damaged, a text in it is garbage: restore a backup",
    "disk I/O error": "the disk failed; the log of the machine says why, and `accordwatch db "
    "check` what is damaged",
    # PostgreSQL's
    "No space left on device": "the disk of the server is full: make room there, nothing was lost",
}
# What SQLite says where there is no room, not always in so many words: it may fail to make its
# log, or the index of it.
_FULL, _PERHAPS_FULL = "is full", ("disk I/O error", "unable to open")


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Raise a failure of the database itself as a DatabaseError that names the database."""
    try:
        yield
    except DBAPIError as error:
        if not _is_fatal(error):
            raise
        raise DatabaseError(f"{shown(url)}: {_explanation(error, url)}") from error


@contextmanager
def savepoint(session: Connection) -> Iterator[None]:
    """Keep or undo what happens inside as one, whatever becomes of the transaction around it.

    Raises UnstorableError if a value cannot be stored. Failures of the database itself are passed
    on.
    """
    try:
        with session.begin_nested():
            yield
    except StatementError as error:
        if isinstance(error, DBAPIError) and _is_fatal(error):
            raise
        raise UnstorableError(f"cannot be stored: {_first_line(error)}") from error
    except OverflowError as error:  # SQLite's driver rejects integers of more than 64 bits
        raise UnstorableError(f"cannot be stored: {error}") from error


@contextmanager
def trial(session: Connection) -> Iterator[None]:
    """Undo what happens inside if it fails, whatever the reason.

    Raises FaultError, which names the fault. Failures of the database itself are passed on.
    """
    try:
        with savepoint(session):
            yield
    except DBAPIError:
        raise
    except Exception as error:  # what keeps out one document must not keep out others
        raise FaultError(f"{type(error).__name__}: {_line(error)}") from error


def _line(error: Exception) -> str:
    return (str(error).strip() or "no reason is given").splitlines()[0][:300]


def _is_fatal(error: DBAPIError) -> bool:
    """Whether the database failed, rather than one statement or value of ours."""
    is_our_fault = isinstance(error, IntegrityError | ProgrammingError)
    return not is_our_fault and type(error).__name__ != "DataError"


def _explanation(error: DBAPIError, url: URL) -> str:
    line = _first_line(error)
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or "").absolute().parent
        no_room = folder.is_dir() and lacks_room(folder)
        if _FULL in line or (no_room and any(sign in line for sign in _PERHAPS_FULL)):
            size = f" ({folder}: {room(folder)})" if no_room else ", or the user's quota on it"
            return f"the disk is full{size}: make room and run again, nothing was lost"
    return next((text for sign, text in _EXPLANATIONS.items() if sign in line), line)


def _first_line(error: StatementError) -> str:
    return str(error.orig or error).strip().partition("\n")[0]
