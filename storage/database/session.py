"""Opening a database, its transactions (one writer at a time, and readers that never wait), and its
errors as one line that says what to do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, StatementError

from storage.database.engines import (
    BESIDE,
    BUSY_TIMEOUT_MS,
    CACHE_MB,
    READING,
    WRITER_LOCK,
    begin,
    check_file,
    of_database,
    parse_url,
    read_only,
    reading_engine,
    shown,
    writing_engine,
)
from storage.disk_room import lacks_room, room
from storage.errors import DatabaseError, FaultError, OtherSchemaError, UnstorableError
from storage.phrases import Phrase

HEAD = "a0004"  # the newest migration; a test compares it with the folder
BEGUN_COPY = "copying"  # stands in the place of the version until a copy is complete

HOLDER_LOCK = WRITER_LOCK + 1
# Is the other side still there? Nine seconds without an answer end the connection and its lock.
# (Between processes of one machine, the server ignores this.)
_ASK_OFTEN = (
    "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"
)

# A transaction. SQLAlchemy's own session keeps the objects that it loads, which we have no use for;
# it would cost each statement a fifth more.
Session = Connection

# Execution options: what `process_cache` and `transaction_cache` return.
_PROCESS_CACHE, _TRANSACTION_CACHE = "accordwatch_process_cache", "accordwatch_transaction_cache"

# A part of SQLite's message: what we write instead.
_EXPLANATIONS = {
    "readonly database": "cannot be written: make the file and its folder writable",
    "unable to open": "cannot be opened: make the file and its folder readable and writable",
    "not a database": "is not a SQLite database: choose another `database`, or restore a backup",
    "malformed": "is damaged: restore a backup",
    "is locked": Phrase(
        "is locked: another process has been writing for {seconds} s; stop it and try again",
        seconds=BUSY_TIMEOUT_MS // 1000,
    ),
    "decode to UTF-8": "is damaged, a text in it is garbage: restore a backup",
    "disk I/O error": "the disk failed; the log of the machine says why, and `accordwatch db "
    "upgrade --dry-run` what is damaged",
    # PostgreSQL's
    "No space left on device": "the disk of the server is full: make room there, nothing was lost",
}
# SQLite's messages where there is no room: often it only fails to make its log or the index of it.
_FULL, _PERHAPS_FULL = "is full", ("disk I/O error", "unable to open")


class Database:
    """An open database. `open_database` creates it; call `close` at the end."""

    def __init__(
        self, url: URL, unwritable: Path | None = None, *, cache_mb: int = CACHE_MB
    ) -> None:
        self._url, self._unwritable = url, unwritable
        writable = unwritable is None
        self._engine = writing_engine(url, cache_mb) if writable else reading_engine(url)
        self._cache: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """The address with its password, to hand on to another process."""
        return self._url.render_as_string(hide_password=False)

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def why_read_only(self) -> str | None:
        """One line that says why nothing can be written; None if it can."""
        return None if self._unwritable is None else read_only(self._url, self._unwritable)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a writing transaction, which waits for other writers. It is committed at the end of
        the block, and rolled back on any error. Raises DatabaseError if the database fails (full
        disk, lost connection, no permission).
        """
        if self.why_read_only is not None:
            raise DatabaseError(self.why_read_only)
        with self._transaction(**{_PROCESS_CACHE: self._cache}) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a reading transaction, which sees one state of the database throughout. It neither
        waits for a writer nor makes one wait.
        """
        with self._transaction(**READING) as session:
            yield session

    @contextmanager
    def beside(self) -> Iterator[Session]:
        """Open a writing transaction on PostgreSQL that waits for no other writer. Only for tables
        whose rows are locked one by one, such as those of hosts: a lease must be renewed in time,
        however long others write.
        """
        with self._transaction(**BESIDE) as session:
            yield session

    @contextmanager
    def connect(self, *, reading: bool = False) -> Iterator[Connection]:
        """Open a transaction on a bare connection. With `reading`, it waits for no writer."""
        only_reads = reading or self._unwritable is not None
        with self._transaction(**(READING if only_reads else {})) as connection:
            yield connection

    @contextmanager
    def _transaction(self, **options: Any) -> Iterator[Session]:
        with _explained(self._url), self._engine.connect() as connection:
            session = connection.execution_options(**options, **{_TRANSACTION_CACHE: {}})
            with session.begin():
                begin(session)
                yield session

    @contextmanager
    def hold(self) -> Iterator[Callable[[], bool] | None]:
        """Claim a PostgreSQL database for this process while the block runs. Yields None if another
        process holds it; otherwise a function that is false once another process does. (SQLite has
        a lock file beside the database: see `scheduler.jobs.locks`.)
        """
        holder = _Holder(self._engine)
        with _explained(self._url):
            if not holder.take():
                yield None
                return
            try:
                yield holder.holds
            finally:
                holder.release()

    def close_idle(self) -> None:
        """Close unused SQLite connections, each of which keeps up to 64 MB of pages in memory."""
        if self.is_sqlite:
            self._engine.dispose()

    def close(self) -> None:
        self._engine.dispose()


def process_cache(s: Session) -> dict[str, Any]:
    """Return the values that stay in memory between the writing transactions of this process. They
    survive a rollback, and other processes may change what they were computed from: whoever puts a
    value there has to check that it is not stale.
    """
    found: dict[str, Any] = s.get_execution_options().get(_PROCESS_CACHE, {})
    return found


def transaction_cache(s: Session) -> dict[str, Any]:
    """Return the values that stay in memory until the transaction ends."""
    found: dict[str, Any] = s.get_execution_options()[_TRANSACTION_CACHE]
    return found


def open_database(
    url: str, *, upgrade: bool = True, to_copy: bool = False, cache_mb: int = CACHE_MB
) -> Database:
    """Open `sqlite:///path` or `postgresql://...`.

    The tables are created or brought up to date, unless `upgrade` is false. A SQLite file that this
    user may only read can be opened; writing to it then fails. Only `to_copy` opens a database into
    which a copy was begun and not ended. A connection to SQLite keeps up to `cache_mb` of pages in
    memory. Raises DatabaseError, with one line that says what to do, for a missing folder or
    permission, a file that is not a database, another program's tables, those of a newer program or
    of one from before the first release, or a server that does not answer.
    """
    parsed = parse_url(url)
    unwritable = check_file(parsed) if parsed.get_backend_name() == "sqlite" else None
    database = Database(parsed, unwritable, cache_mb=cache_mb)
    try:
        # In nearly all cases this is enough, and it does not wait for a crawl that is writing.
        with database.connect(reading=True) as connection:
            revision = _revision(connection, parsed)
        is_current = revision == HEAD or (to_copy and revision == BEGUN_COPY)
        if not is_current:
            with database.connect() as connection:
                _prepare(connection, parsed, upgrade, unwritable)
    except BaseException:
        database.close()
        raise
    return database


def check_version(s: Session) -> None:
    """Raises OtherSchemaError if another program has upgraded the database since it was opened."""
    revision = s.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != HEAD:
        from storage.database import schema

        schema.check_known(s, str(revision), shown(s.engine.url))
        raise _out_of_date(s.engine.url)


def check_not_upgraded(database: Database) -> None:
    """Do what `check_version` does where the database answers, and nothing where it does not."""
    try:
        with database.read() as s:
            check_version(s)
    except OtherSchemaError:
        raise
    except DatabaseError:
        return


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
    """Undo what happens inside if it fails. Raises FaultError; passes on database failures."""
    try:
        with savepoint(session):
            yield
    except DBAPIError:
        raise
    except Exception as error:  # a fault in one document must not stop the others
        line = (str(error).strip() or "no reason is given").splitlines()[0][:300]
        raise FaultError(f"{type(error).__name__}: {line}") from error


class _Holder:
    """Holds an advisory lock by its own connection; takes it again after a server's restart."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock; False if another process has it. Raises DBAPIError without an answer."""
        self._connection = self._engine.connect()
        try:
            if self._connection.scalar(text(f"SELECT pg_try_advisory_lock({HOLDER_LOCK})")):
                # A holder whose machine is gone sends nothing: the server has to ask.
                self._connection.exec_driver_sql(_ASK_OFTEN)
                return True
        except DBAPIError:
            self.disconnect()  # it may have the lock
            raise
        self.disconnect()
        return False

    def holds(self) -> bool:
        """Whether no other process has the lock. As long as the server does not answer, nobody can
        take it, and whoever asks finds out by itself that nothing can be read.
        """
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                return bool(self._connection.scalar(text("SELECT 1")))
            self.disconnect()
        try:
            return self.take()
        except DBAPIError:
            return True

    def release(self) -> None:
        """Give the lock back at once: a server takes its time to notice that a line was closed."""
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.scalar(text(f"SELECT pg_advisory_unlock({HOLDER_LOCK})"))
        self.disconnect()

    def disconnect(self) -> None:
        """Close the connection itself: in the pool it would still have the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """Raise a failure of the database itself as a DatabaseError that names the database."""
    try:
        yield
    except DBAPIError as error:
        if not _is_fatal(error):
            raise
        raise DatabaseError(of_database(url, _explanation(error, url))) from error


def _out_of_date(url: URL) -> OtherSchemaError:
    return OtherSchemaError(
        f"{shown(url)}: its tables are out of date: run `accordwatch db upgrade`"
    )


def _prepare(connection: Connection, url: URL, upgrade: bool, unwritable: Path | None) -> None:
    revision = _revision(connection, url)
    if revision == HEAD:
        return  # another process upgraded the database while we waited for the lock
    if revision == BEGUN_COPY:
        raise DatabaseError(
            f"{shown(url)}: a copy into this database was begun and not ended: "
            "run `accordwatch db copy` again"
        )
    from storage.database import schema  # Alembic is slow to load, and rarely needed

    if revision is not None:
        schema.check_known(connection, revision, shown(url))
    if unwritable is not None:
        raise DatabaseError(
            f"{read_only(url, unwritable)}; its tables are those of an older Accordwatch and must "
            "be upgraded"
        )
    if not upgrade:
        raise _out_of_date(url)
    schema.upgrade(connection)


def _revision(connection: Connection, url: URL) -> str | None:
    """Return the schema version of a database; None if it has no tables of ours yet. A SQLite file
    with any other tables is refused; on PostgreSQL, other programs may share the database as long
    as they have no table `documents`.
    """
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)
    is_sqlite = url.get_backend_name() == "sqlite"
    is_foreign = bool(tables) if is_sqlite else "documents" in tables
    if is_foreign:
        raise DatabaseError(
            f"{shown(url)}: holds the tables of another program: choose another `database`"
        )
    return None


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
            form = "the disk is full{size}: make room and run again, nothing was lost"
            size = ", or the user's quota on it"
            if no_room:
                size = Phrase(" ({folder}: {room})", folder=folder, room=room(folder))
            return Phrase(form, size=size)
    return next((text for sign, text in _EXPLANATIONS.items() if sign in line), line)


def _first_line(error: StatementError) -> str:
    return str(error.orig or error).strip().partition("\n")[0]
