"""The address of a database: parsing it, checking the file it names, and showing it to people."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import DatabaseError, FilledLine

_NOT_SHOWN = "the value (not shown, it may hold a password)"


def parse_url(url: str) -> URL:
    """Parse the address of a SQLite or PostgreSQL database; raises DatabaseError for any other."""
    if url.count("@") > 1:  # the first would end the password, and the rest name the host
        raise DatabaseError(
            f"database: {_NOT_SHOWN} has an @ too many: write an @ in a password as %40"
        )
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: the port is not a number
        # The cause repeats a part of the value, and --debug would show it.
        may_hold_password = re.search(r"[@?=]|://.*:", url)
        shown = _NOT_SHOWN if may_hold_password else repr(url)
        message = f"database: {shown} is not an address like sqlite:///accordwatch.db"
        raise DatabaseError(message) from None
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise DatabaseError(f"database: {parsed.drivername!r} is not one of sqlite, postgresql")
    if parsed.drivername == "sqlite" and parsed.query:
        # Programs for encrypted files take a key there.
        raise DatabaseError(
            f"database: {_NOT_SHOWN} has a ? in it: write sqlite:///FILE alone, without parameters"
        )
    return parsed


def check_file(url: URL) -> Path | None:
    """Check the file of a SQLite database, and create it if it does not exist.

    Returns the file or its folder if this user can read the database but not write there; None if
    it can be written. Raises DatabaseError if it cannot be used at all.
    """
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise DatabaseError("database: name a file, like sqlite:///accordwatch.db")
    if not path.parent.is_dir():
        raise DatabaseError(
            f"{path}: the folder {path.parent} does not exist: create it, or change `database`"
        )
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder: name a file in it")
    # The folder has to be writable too: SQLite creates files (-wal, -shm) beside the database.
    existing = [place for place in (path, path.parent) if place.exists()]
    unwritable = next((place for place in existing if not os.access(place, os.W_OK)), None)
    if unwritable is not None and not path.exists():
        raise DatabaseError(read_only(url, unwritable))
    if not path.exists():
        _create_private(path)
    return unwritable


def _create_private(path: Path) -> None:
    """Create the file for its owner alone: what is collected, and for whom, is confidential.

    SQLite gives the files beside it the same permissions.
    """
    with suppress(OSError):  # SQLite will report the reason
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def read_only(url: URL, place: Path) -> str:
    """Say that the database cannot be written, because `place` (the file or its folder) cannot."""
    why = "is read-only for this user: make it writable, or change `database`"
    if place != Path(url.database or ""):
        why = FilledLine("the folder {folder} {why}", folder=place, why=why)
    return of_database(url, why)


def of_database(url: URL, why: str) -> str:
    """What is wrong with a database, with its name."""
    return FilledLine("{database}: {why}", database=shown(url), why=why)


def shown(url: URL) -> str:
    """Name the database in messages: without passwords, which libpq also takes as a parameter."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    where = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(query=where).render_as_string(hide_password=True)


def for_libpq(url: str) -> str:
    """Return the address of a PostgreSQL database, with its password, as its own programs take
    it.
    """
    return parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
