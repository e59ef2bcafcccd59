"""SQLAlchemy engines: how connections are set up, and how their transactions begin.

SQLite, the default, runs in WAL mode with synchronous FULL, so that what a commit owes to somebody
survives a power cut. A writing transaction takes its lock when it begins (BEGIN IMMEDIATE on
SQLite, an advisory lock on PostgreSQL), so that what it reads cannot change before it writes.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.database.columns import to_json
from storage.errors import DatabaseError
from storage.phrases import Phrase

BUSY_TIMEOUT_MS = 30_000  # a batch takes well under a second; after this long, something is stuck
WRITER_LOCK = 0x4163636F7264  # any fixed number: "Accord" in ASCII
READING = {"accordwatch_reading": True}  # the execution option of transactions that only read

_QUERY_ONLY = "query_only"  # whether a connection was last set to take no writing statements
BESIDE = {"accordwatch_beside": True}  # of transactions that lock their rows themselves

# With the usual 4 MB, the list of the places of a frequent word does not fit, and each text would
# be split into words again. The same happens where PostgreSQL thinks that a look elsewhere in a
# file is dear, as on turning disks.
_READING_POSTGRESQL = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
    "SET LOCAL work_mem = '32MB'; SET LOCAL random_page_cost = 1.1"
)

# A server whose machine is gone, or that another one has taken over from, sends nothing: half a
# minute without a sign of it ends a connection, and we connect anew. (Otherwise Linux waits for a
# quarter of an hour.) Values in the address take precedence.
_IMPATIENT = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,  # ms
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


# 64 MB instead of 2 MB keeps the upper levels of the indexes of 100,000 documents in memory.
CACHE_MB = 64


def writing_engine(url: URL, cache_mb: int = CACHE_MB) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            # Each connection keeps pages in memory: the same few are used, not all in turn.
            waits = {"timeout": BUSY_TIMEOUT_MS / 1000}
            engine = create_engine(
                url, connect_args=waits, pool_use_lifo=True, json_serializer=to_json
            )
            event.listen(engine, "connect", partial(_set_up_sqlite, cache_mb))
        else:
            impatient = {name: value for name, value in _IMPATIENT.items() if name not in url.query}
            engine = create_engine(
                url, pool_pre_ping=True, connect_args=impatient, json_serializer=to_json
            )
    except ImportError as error:
        install = f"{sys.executable} -m pip install 'psycopg[binary]>=3.2'"
        raise DatabaseError(f"PostgreSQL needs its driver: {install}") from error
    return engine


def reading_engine(url: URL) -> Engine:
    """Return an engine for a SQLite file that this user may only read. SQLite would create files of
    its own beside the database, which the user who may write could then not open. So a database
    without a log (-wal) is opened as immutable, which needs no such files; one with a log is read
    together with it.
    """
    path = Path(url.database or "").absolute()
    has_log = path.with_name(path.name + "-wal").exists()
    immutable = "" if has_log else "&immutable=1"
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro{immutable}&uri=true")
    event.listen(engine, "connect", _set_up_reading_sqlite)
    return engine


def _set_up_reading_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_MB}000")


def _set_up_sqlite(cache_mb: int, connection: Any, record: Any) -> None:
    # We send BEGIN ourselves: Python's driver would send it too late, and a plain one.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # A document writes 90 pages. At the default of 1,000 pages, one document in eleven would wait
    # for the log to be copied back.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute(f"PRAGMA cache_size = -{cache_mb}000")


def begin(connection: Connection) -> None:
    """Begin the transaction that SQLAlchemy believes it has begun, as the connection's execution
    options say. (As a listener to its own event, this would cost each statement a sixth more.)
    """
    if connection.dialect.name == "sqlite":
        reading = bool(connection.get_execution_options().get("accordwatch_reading"))
        if connection.info.get(_QUERY_ONLY) is not reading:  # which costs as much as a short query
            connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
            connection.info[_QUERY_ONLY] = reading
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
    else:
        options = connection.get_execution_options()
        if options.get("accordwatch_reading"):
            connection.exec_driver_sql(_READING_POSTGRESQL)
        elif not options.get("accordwatch_beside"):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


# --- where a database is --------------------------------------------------------------------------

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
    """Check the file of a SQLite database, and create it if it does not exist. Returns the file or
    its folder if this user can read the database but not write there; None if it can be written.
    Raises DatabaseError if it cannot be used at all.
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
        # Create the file for its owner alone: what is collected, and for whom, is confidential.
        # SQLite gives the files beside it the same permissions.
        with suppress(OSError):  # SQLite will report the reason
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return unwritable


def read_only(url: URL, place: Path) -> str:
    """Say that the database cannot be written, because `place` (the file or its folder) cannot."""
    why = "is read-only for this user: make it writable, or change `database`"
    if place != Path(url.database or ""):
        why = Phrase("the folder {folder} {why}", folder=place, why=why)
    return of_database(url, why)


def of_database(url: URL, why: str) -> str:
    return Phrase("{database}: {why}", database=shown(url), why=why)


def shown(url: URL) -> str:
    """Name the database in messages: without passwords, which libpq also takes as a parameter."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    where = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(query=where).render_as_string(hide_password=True)


def for_libpq(url: str) -> str:
    """The address of a PostgreSQL database, with its password, as its own programs take it."""
    return parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
