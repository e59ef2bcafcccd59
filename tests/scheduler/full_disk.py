"""Databases that can be filled up for real: on a file system of a few megabytes, or by SQLite's own
limit.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from storage.database.session import Database


@contextmanager
def small_disk(folder: Path, size: str = "4m") -> Iterator[Path]:
    """A file system in `folder`; skips the test where this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def disk_of_a_server(server: str, template: str) -> Iterator[tuple[Path, str]]:
    """A file system on which a PostgreSQL server keeps one database, a copy of `template`, with the
    address of that. (The server's log of changes lies elsewhere.)
    """
    # The server runs as another user, who may not look into pytest's own folder.
    with (
        tempfile.TemporaryDirectory() as above,
        psycopg.connect(server, autocommit=True) as connection,
    ):
        Path(above).chmod(0o755)
        with small_disk(Path(above) / "disk", "64m") as disk:
            (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            owner = Path(data).stat()
            os.chown(disk, owner.st_uid, owner.st_gid)
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
            connection.execute(f"CREATE DATABASE small TEMPLATE {template} TABLESPACE small")
            yield disk, make_url(server).set(database="small").render_as_string(False)
            connection.execute("DROP DATABASE small WITH (FORCE)")
            connection.execute("DROP TABLESPACE small")


@contextmanager
def no_room_on(disk: Path) -> Iterator[None]:
    """Not a byte is free as long as the block runs."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    filler.unlink()


@contextmanager
def no_room_in(database: Database) -> Iterator[None]:
    """The file may not grow as long as the block runs; what fits into its pages can still be
    written.
    """
    _limit_pages(database, 1)  # SQLite takes the size that the file has
    yield
    _limit_pages(database, 1_000_000)


def _limit_pages(database: Database, most: int) -> None:
    with database.connect() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {most}"))
