"""What a process says of itself and its machine."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path


def machine_name() -> str:
    """The name of this machine."""
    return socket.gethostname()


def worker_name() -> str:
    """The name of this process among those of all machines."""
    return f"{machine_name()}:{os.getpid()}"


def memory_mb() -> int | None:
    """Megabytes that this process and its children occupy; None where Linux does not say so."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name of a program stands in parentheses, and may have spaces.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            shared = (folder / "statm").read_text().split()
            pages[int(folder.name)] = int(shared[1]) - int(shared[2])
    family = _family(os.getpid(), parents)
    used = sum(pages.get(pid, 0) for pid in family)
    return round(used * os.sysconf("SC_PAGE_SIZE") / 2**20) if used else None


def _family(pid: int, parents: dict[int, int]) -> set[int]:
    family, grown = {pid}, True
    while grown:
        children = {child for child, parent in parents.items() if parent in family} - family
        family |= children
        grown = bool(children)
    return family
