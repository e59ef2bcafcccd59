"""What a process says of itself and its machine."""

from __future__ import annotations

import hashlib
import os
import socket
from contextlib import suppress
from pathlib import Path

from scheduler.configuration.config import Configuration


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


# --- whether two processes work with the same configuration and rules -----------------------------


def fingerprint(chosen: Configuration) -> str:
    """A hash of the configuration, without its database and folders, and of its rule files."""
    said = chosen.settings.model_dump_json(exclude={"database": True, "crawl": {"archive"}})
    summed = hashlib.sha256(said.encode())
    for file in chosen.rule_files:
        with suppress(OSError):
            summed.update(file.read_bytes())
    return summed.hexdigest()[:16]
