"""Opening the database, and its transactions: one writer, readers free.

SQLite (the default) runs in WAL with synchronous FULL: what a commit owed survives a power cut. A writer
takes its lock when it begins (BEGIN IMMEDIATE; an advisory lock on PostgreSQL), so that what it reads
cannot change before it writes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    StatementError,
)
from sqlalchemy.orm import Session, sessionmaker

from storage.errors import DatabaseError, UnstorableError

__all__ = ["HEAD", "Database", "Session", "kept", "open_database", "savepoint"]

HEAD = "0016"  # the newest migration; a test compares it with the folder
BUSY_TIMEOUT_MS = 30_000  # a batch takes well under a second; past this, something is stuck
WRITER_LOCK = 0x4163636F7264  # any fixed number: "Accord" in ASCII
HOLDER_LOCK = WRITER_LOCK + 1
READING = {"accordwatch_reading": True}


class Database:
    """An open database. Made by `open_database`; `close` it at the end."""

    def __init__(self, url: URL, unwritable: Path | None = None) -> None:
        self._url, self._unwritable = url, unwritable
        self._engine = _engine(url) if unwritable is None else _reading_engine(url)
        kept: dict[str, Any] = {}
        self._writing = sessionmaker(
            self._engine, autoflush=False, expire_on_commit=False, info={"kept": kept}
        )
        self._reading = sessionmaker(self._engine.execution_options(**READING), autoflush=False)

    @property
    def url(self) -> str:
        """The address with its password, as another process needs it."""
        return self._url.render_as_string(hide_password=False)

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def why_read_only(self) -> str | None:
        """A line where nothing can be written: what is in the way."""
        return None if self._unwritable is None else _read_only(self._url, self._unwritable)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One writing transaction: committed at the end, rolled back on any error. Waits for another writer.

        Raises DatabaseError where the database fails (full disk, lost connection, no permission).
        """
        if self.why_read_only is not None:
            raise DatabaseError(self.why_read_only)
        with _explained(self._url), self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction: sees one state throughout, and neither waits for the writer nor stops it."""
        with _explained(self._url), self._reading.begin() as session:
            yield session

    @contextmanager
    def connect(self, *, reading: bool = False) -> Iterator[Connection]:
        """One transaction as a bare connection, for migrations and checks; `reading` waits for no writer."""
        engine = self._engine.execution_options(**READING) if reading else self._engine
        with _explained(self._url), engine.begin() as connection:
            yield connection

    @contextmanager
    def hold(self) -> Iterator[Callable[[], bool] | None]:
        """Hold a PostgreSQL database for this process alone, as long as the block runs; None if another holds it.

        The value asks whether we still do: a server that restarts forgets. (A SQLite file is locked by its
        neighbour, see `scheduler.locks`.)
        """
        with (
            _explained(self._url),
            self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line,
        ):
            if not line.scalar(text(f"SELECT pg_try_advisory_lock({HOLDER_LOCK})")):
                yield None
                return
            try:
                yield lambda: _answers(line)
            finally:
                line.invalidate()  # hang up: the pool would keep the line, and the server the lock

    def close(self) -> None:
        self._engine.dispose()


def kept(s: Session) -> dict[str, Any]:
    """What this process keeps in memory between writing transactions of one database. It outlives those that are rolled
    back, and knows nothing of other processes: whoever keeps something there must know when it has become stale."""
    found: dict[str, Any] = s.info.setdefault("kept", {})
    return found


def open_database(url: str, *, upgrade: bool = True) -> Database:
    """Open `sqlite:///path` or `postgresql://...`; create or upgrade its tables unless told otherwise.

    An SQLite file that this user may read and not write can be read; what writes to it fails then.
    Raises DatabaseError, one line that says what to do, where that is impossible: missing folder, no
    permission, not a database, another program's tables, a newer schema, no server.
    """
    parsed = _parse(url)
    unwritable = _check_file(parsed) if parsed.get_backend_name() == "sqlite" else None
    database = Database(parsed, unwritable)
    try:
        # Nearly every opening ends here: whoever only looks must not wait for a crawl that writes.
        with database.connect(reading=True) as connection:
            is_current = _revision(connection, parsed) == HEAD
        if not is_current:
            with database.connect() as connection:
                _prepare(connection, parsed, upgrade, unwritable)
    except BaseException:
        database.close()
        raise
    return database


def _answers(line: Connection) -> bool:
    try:
        return bool(line.scalar(text("SELECT 1")))
    except DBAPIError:
        return False


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What happens inside is kept or undone as one, whatever becomes of the transaction around it.

    Raises UnstorableError where a value cannot be stored; errors of the database itself pass through.
    """
    try:
        with (
            session.connection().begin_nested()
        ):  # the session's own does more, for objects that it has loaded
            yield
    except StatementError as error:
        if isinstance(error, DBAPIError) and _is_fatal(error):
            raise
        raise UnstorableError(f"cannot be stored: {_first_line(error)}") from error
    except OverflowError as error:  # SQLite's driver refuses numbers past 64 bits by itself
        raise UnstorableError(f"cannot be stored: {error}") from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the latter for a port that is no number
        shown = (
            "the value (not shown, for it may hold a password)"
            if re.search("[@?=]", url)
            else repr(url)
        )
        raise DatabaseError(
            f"database: {shown} is not an address like sqlite:///accordwatch.db"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise DatabaseError(f"database: {parsed.drivername!r} is not one of sqlite, postgresql")
    return parsed


def _check_file(url: URL) -> Path | None:
    """What this user may not write, the file or its folder, although the file can be read."""
    path = Path(url.database or "")
    if url.database in (None, "", ":memory:"):
        raise DatabaseError("database: name a file, like sqlite:///accordwatch.db")
    if not path.parent.is_dir():
        raise DatabaseError(
            f"{path}: the folder {path.parent} does not exist: create it, or change `database`"
        )
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder: name a file in it")
    # SQLite writes beside the file too (-wal, -shm).
    unwritable = next(
        (
            place
            for place in (path, path.parent)
            if place.exists() and not os.access(place, os.W_OK)
        ),
        None,
    )
    if unwritable is not None and not path.exists():
        raise DatabaseError(_read_only(url, unwritable))
    if not path.exists():
        _make_private(path)
    return unwritable


def _make_private(path: Path) -> None:
    """What is collected, and for whom, is nobody else's business; SQLite gives the files beside it the same rights."""
    with suppress(OSError):  # SQLite says what is in the way
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _read_only(url: URL, place: Path) -> str:
    what = "" if place == Path(url.database or "") else f"the folder {place} "
    return (
        f"{url.database}: {what}is read-only for this user: make it writable, or change `database`"
    )


def _prepare(connection: Connection, url: URL, upgrade: bool, unwritable: Path | None) -> None:
    revision = _revision(connection, url)
    if revision == HEAD:
        return  # another process brought it up to date while we waited for our turn
    from storage.database import schema  # Alembic: loaded only when it is needed

    if revision is not None and not schema.known(revision):
        raise DatabaseError(
            f"{_name(url)}: was written by a newer Accordwatch (schema {revision}, this one knows {HEAD}): "
            "update this program"
        )
    if unwritable is not None:
        raise DatabaseError(
            f"{_read_only(url, unwritable)}; its tables are of an older Accordwatch and must be upgraded"
        )
    if not upgrade:
        raise DatabaseError(f"{_name(url)}: has no up-to-date tables: run `accordwatch db upgrade`")
    schema.upgrade(connection)


def _revision(connection: Connection, url: URL) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
    foreign = bool(tables) if url.get_backend_name() == "sqlite" else "documents" in tables
    if foreign:
        raise DatabaseError(
            f"{_name(url)}: holds the tables of another program: choose another `database`"
        )
    return None


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(url, pool_pre_ping=True)
            event.listen(engine, "begin", _begin_postgresql)
    except ImportError as error:
        install = f"{sys.executable} -m pip install 'psycopg[binary]>=3.2'"
        raise DatabaseError(f"PostgreSQL needs its driver: {install}") from error
    return engine


def _reading_engine(url: URL) -> Engine:
    """For an SQLite file that cannot be written.

    Beside it SQLite would leave files of its own, which the one who may write could not open then. So a file without a
    log (-wal) is read as one that nobody changes, which needs none; one with a log is read with it.
    """
    path = Path(url.database or "").absolute()
    still = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro{still}&uri=true")
    event.listen(engine, "connect", _set_up_reading_sqlite)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _set_up_reading_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA cache_size = -64000")


def _set_up_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: sqlite3 would begin too late and too weakly
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # A document writes 90 pages: at the default, 1,000 pages, one in eleven would wait until the log is copied back.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    # 64 MB instead of 2: the upper levels of the indexes of 100,000 documents stay in memory.
    connection.execute("PRAGMA cache_size = -64000")


def _begin_sqlite(connection: Connection) -> None:
    reading = bool(connection.get_execution_options().get("accordwatch_reading"))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("accordwatch_reading"):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if not _is_fatal(error):
            raise
        raise DatabaseError(f"{_name(url)}: {_explain(error)}") from error


def _is_fatal(error: DBAPIError) -> bool:
    """The database failed, rather than one statement of ours or one value."""
    return (
        not isinstance(error, IntegrityError | ProgrammingError)
        and type(error).__name__ != "DataError"
    )


EXPLANATIONS = {
    "readonly database": "cannot be written: make the file and its folder writable",
    "unable to open": "cannot be opened: make the file and its folder readable and writable",
    "not a database": "is not a SQLite database: choose another `database`, or restore a backup",
    "malformed": "is damaged: restore a backup",
    "is locked": f"is locked: another process has been writing for {BUSY_TIMEOUT_MS // 1000} s; stop it and try again",
    "is full": "the disk is full: make room and run again, nothing was lost",
}


def _explain(error: DBAPIError) -> str:
    line = _first_line(error)
    return next((say for sign, say in EXPLANATIONS.items() if sign in line), line)


def _first_line(error: StatementError) -> str:
    return str(error.orig or error).strip().partition("\n")[0]


def _name(url: URL) -> str:
    """How the database is called in lines for people: without passwords, which libpq takes as a parameter too."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    where = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(query=where).render_as_string(hide_password=True)
