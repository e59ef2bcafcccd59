"""Ends a PostgreSQL server whose tests have died: `python -I -S tests/postgres_guard.py PID FOLDER`.

An interrupted pytest kills its workers, and then neither fixtures nor exit handlers run. Our stdin
ends with the worker, in whatever way it ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path


def guard(pid: int, folder: Path) -> None:
    """Wait for the end of the worker, then end its server if that still runs, and clear up."""
    sys.stdin.read()
    while (folder / "data" / "postmaster.pid").exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)  # at once; what it holds is nobody's any more
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    guard(int(sys.argv[1]), Path(sys.argv[2]))
