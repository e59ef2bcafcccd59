"""Databases that can be filled up for real: on a file system of a few megabytes, or by SQLite's own
limit.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database.session import Database


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 4 MB in `folder`; skips the test where this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
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
