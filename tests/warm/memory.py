"""Temporary files in memory, for tests: they make some thousand databases, each of hundreds of files,
and throw them away. On a disk that writes at once, that takes as long as all the rest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30  # bytes; a whole run holds 0.3 GB at once
_MEMORY = Path("/proc/meminfo")


def work_in_memory() -> None:
    """Have this process, and those that it starts, put temporary files into memory, if the machine
    has room for them there and nobody has said where they shall be.
    """
    if "TMPDIR" not in os.environ and min(_room(), _available()) >= _ROOM:
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None  # ask again


def _room() -> int:
    """Return how many bytes may be put there."""
    is_open = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)
    return shutil.disk_usage(IN_MEMORY).free if is_open else 0


def _available() -> int:
    """Return how many bytes of memory nobody needs."""
    lines = _MEMORY.read_text().splitlines() if _MEMORY.exists() else []
    return next((int(line.split()[1]) << 10 for line in lines if "MemAvailable" in line), 0)
