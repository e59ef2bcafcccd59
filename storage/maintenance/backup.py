"""Backups: making, verifying and restoring them.

A backup can be made while others use the database, and gets its name only once it is complete and
verified. SQLite has an online backup, which reads one consistent state and lets no writer wait.
PostgreSQL is copied by its own `pg_dump`, which must be installed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from storage.database import sql
from storage.database.session import Database, Session
from storage.errors import BackupError, OtherSchemaError
from storage.notifications.tables import Backups

# The documents and agreements in a backup that was verified; None for a PostgreSQL dump.
Counts = tuple[int, int] | None


def back_up(database: Database, path: Path) -> Counts:
    """Copy the database to a new private file. Raises BackupError if it exists or that fails."""
    if path.exists():
        raise BackupError(
            f"{path}: already exists: choose a new name, for instance with the date in it"
        )
    counts: Counts = None
    with _written_whole(path) as part:
        if database.is_sqlite:
            _copy_sqlite(Path(database.url.removeprefix("sqlite:///")), part)
            counts = verified(part)
        else:
            _dump(make_url(database.url), part)
    return counts


def note_backup(s: Session, path: Path, now: datetime) -> None:
    sql.put(s, Backups, path=str(path.absolute()), made_at=now)


def last_backup_at(s: Session) -> datetime | None:
    return s.scalar(select(func.max(Backups.made_at)))


def verified(path: Path) -> Counts:
    """Check every page of a SQLite backup; return it with counts. Raises BackupError."""
    try:
        with closing(_opened(path, "ro")) as copy:
            fault = _first_fault(copy)
            if fault is not None:
                raise BackupError(f"{path}: is damaged: {fault}")
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            (documents,) = copy.execute("SELECT count(*) FROM documents").fetchone()
            (agreements,) = copy.execute("SELECT count(*) FROM agreements").fetchone()
    except (sqlite3.Error, TypeError) as error:
        message = f"{path}: is not a backup of an Accordwatch database: {error}"
        raise BackupError(message) from error
    from storage.database.schema import check_known  # Alembic: loaded only when it is needed

    url = make_url(f"sqlite:///{path.absolute()}")
    with (
        closing(Database(url, unwritable=path)) as database,
        database.connect(reading=True) as connection,
    ):
        try:
            check_known(connection, str(revision), str(path))
        except OtherSchemaError as error:
            raise BackupError(str(error)) from error
    return documents, agreements


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True)


def _first_fault(copy: sqlite3.Connection) -> str | None:
    (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        return str(found)
    dangling = copy.execute("PRAGMA foreign_key_check").fetchone()
    return None if dangling is None else f"{dangling[0]} refers to a row that does not exist"


def restore(backup: Path, target: Path, now: datetime) -> Path | None:
    """Replace the database file `target` by a verified backup. No other process may use it. The
    file that was there before is renamed; its new path is returned, or None if there was none.
    Raises BackupError.
    """
    verified(backup)
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy_sqlite(backup, part)
        verified(part)
        former = _put_aside(target, now)
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target}: cannot be restored: {error.strerror or error}") from error
    return former


def how_to_restore(url: str, backup: Path) -> str:
    """Return the shell command that restores a dump into the PostgreSQL database at `url`."""
    shown = make_url(url).set(drivername="postgresql", password=None).render_as_string()
    options = "--clean --if-exists --no-owner --single-transaction"
    return f"pg_restore {options} --dbname='{shown}' '{backup}'"


def _put_aside(target: Path, now: datetime) -> Path | None:
    """Rename a database with its log (-wal): SQLite would apply that to any database beside it."""
    former = target.with_name(f"{target.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            target.with_name(target.name + end).rename(former.with_name(former.name + end))
    if not former.exists():
        return None
    # What a killed process left in the log becomes part of the file. A file that is damaged or that
    # a process still has open stays with its log.
    with suppress(sqlite3.Error), closing(_opened(former, "rw")) as old:
        old.execute("PRAGMA journal_mode = DELETE")
    return former


def _copy_sqlite(source: Path, part: Path) -> None:
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(_opened(source, mode)) as original, closing(sqlite3.connect(part)) as copy:
            # All pages in one step: the copy is consistent, and no writer can make it start over.
            original.backup(copy)
            # Without a log there is one file, which can be read from a read-only folder.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source}: cannot be copied: {error}") from error


def _dump(url: URL, part: Path) -> None:
    address = url.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    _call(
        ["pg_dump", "--format=custom", "--no-owner", f"--file={part}", f"--dbname={address}"],
        environment,
    )
    if "alembic_version" not in _call(["pg_restore", "--list", str(part)], environment):
        raise BackupError("pg_dump wrote no Accordwatch tables")


def _call(command: Sequence[str], environment: dict[str, str]) -> str:
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise BackupError(
            f"{command[0]} is not installed: PostgreSQL is backed up with its own tools. Install "
            "those of the server's version, or let the server's administrators back it up"
        )
    done = subprocess.run(  # noqa: S603 - no shell
        command, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise BackupError(f"{command[0]} failed: {lines[-1]}")
    return done.stdout


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary file to write to; it gets the name `path` once it is safely on the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        yield part
        part.chmod(0o600)
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.rename(path)
    except OSError as error:
        raise BackupError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
