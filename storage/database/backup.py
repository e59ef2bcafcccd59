"""Backups: made while others work, verified before they bear their name, and put back as one step.

SQLite copies itself (its online backup reads one state throughout, and no writer waits for it). PostgreSQL is copied by
its own `pg_dump`, where that is installed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from storage.database.session import Database, Session
from storage.database.statements import put
from storage.errors import BackupError
from storage.telling.tables import Backups


@dataclass(frozen=True, slots=True)
class Copy:
    """A database in a file that was looked through; both counts are None for one of PostgreSQL."""

    path: Path
    size_bytes: int
    documents: int | None = None
    agreements: int | None = None


def back_up(database: Database, path: Path) -> Copy:
    """Copy the database to a new file that only this user may read; raises BackupError."""
    if path.exists():
        raise BackupError(f"{path}: is there already: give a new name, with the day in it")
    with _written_whole(path) as part:
        if database.is_sqlite:
            _copy_sqlite(Path(database.url.removeprefix("sqlite:///")), part)
            made = verified(part)
        else:
            _dump(make_url(database.url), part)
            made = Copy(part, part.stat().st_size)
    return Copy(path, made.size_bytes, made.documents, made.agreements)


def note_backup(s: Session, path: Path, now: datetime) -> None:
    """Remember that a backup was made."""
    put(s, Backups, "path", {"path": str(path.absolute()), "made_at": now})


def last_backup_at(s: Session) -> datetime | None:
    """When the last backup was made; None where none was."""
    return s.scalar(select(func.max(Backups.made_at)))


def verified(path: Path) -> Copy:
    """A backup of SQLite, looked through page by page; raises BackupError for what is none, damaged or too new."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
        ) as copy:
            faults = [
                str(row[0]) for row in copy.execute("PRAGMA integrity_check(1)") if row[0] != "ok"
            ]
            faults += [
                f"{row[0]} refers to what is not there"
                for row in copy.execute("PRAGMA foreign_key_check")
            ][:1]
            if faults:
                raise BackupError(f"{path}: is damaged: {faults[0]}")
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
            (documents,) = copy.execute("SELECT count(*) FROM documents").fetchone()
            (agreements,) = copy.execute("SELECT count(*) FROM agreements").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise BackupError(f"{path}: is no backup of an Accordwatch database: {error}") from error
    from storage.database.schema import known  # Alembic: loaded only when it is needed

    if not known(str(revision)):
        raise BackupError(
            f"{path}: was made by a newer Accordwatch (schema {revision}): update this program"
        )
    return Copy(path, path.stat().st_size, documents, agreements)


def restore(backup: Path, target: Path, now: datetime) -> Path | None:
    """Put a verified backup in the place of the database file `target`, which nobody else may be using.

    What was there is kept; its new name, or None where nothing was. Raises BackupError.
    """
    verified(backup)
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy_sqlite(backup, part)
        verified(part)
        kept = _put_aside(target, now)
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target}: cannot be restored: {error.strerror or error}") from error
    return kept


def how_to_restore(url: str, backup: Path) -> str:
    """The command that puts a dump back into PostgreSQL."""
    shown = make_url(url).set(drivername="postgresql", password=None).render_as_string()
    options = "--clean --if-exists --no-owner --single-transaction"
    return f"pg_restore {options} --dbname='{shown}' '{backup}'"


def _put_aside(target: Path, now: datetime) -> Path | None:
    """The log (-wal) goes with its database: beside another one it would be taken for that one's."""
    kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            target.with_name(target.name + end).rename(kept.with_name(kept.name + end))
    return kept if kept.exists() else None


def _copy_sqlite(source: Path, part: Path) -> None:
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with (
            closing(
                sqlite3.connect(f"file:{quote(str(source.absolute()))}?mode={mode}", uri=True)
            ) as original,
            closing(sqlite3.connect(part)) as copy,
        ):
            original.backup(
                copy
            )  # all pages in one step: one state, and no writer can make it begin anew
            copy.execute(
                "PRAGMA journal_mode = DELETE"
            )  # one file, that can be read where nothing can be written
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
        raise BackupError("pg_dump wrote no tables of Accordwatch")


def _call(command: Sequence[str], environment: dict[str, str]) -> str:
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise BackupError(
            f"{command[0]} is not installed: PostgreSQL is backed up by its own tools; install those of the server's "
            "version, or let the server's administrators back it up"
        )
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603 - no shell
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise BackupError(f"{command[0]} failed: {said[-1]}")
    return done.stdout


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """A place to write to, which gets the name `path` once it is complete and on the disk."""
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
