"""How much room a disk has, and how much we need."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from storage.errors import system_fault
from storage.phrases import Phrase

# With less free space the database cannot finish a large batch, whatever the size of the disk.
_LEAST_FREE_BYTES = 500_000_000
_LEAST_FREE_SHARE = 0.03


def lacks_room(folder: Path) -> bool:
    """Whether the disk of this folder is full, or nearly."""
    usage = shutil.disk_usage(folder)
    return usage.free < _least_free(usage.total)


def room(folder: Path) -> str:
    """What is free on the disk of this folder, and what is needed: "12 MB free, 500 MB needed"."""
    usage = shutil.disk_usage(folder)
    free, needed = usage.free / 1e6, max(_least_free(usage.total) / 1e6, 1)
    form = "{free} MB free, {needed} MB needed"
    return Phrase(form, free=round(free), needed=round(needed))


def why_unwritable(error: OSError, folder: Path) -> str:
    """Why nothing could be written to a folder, and what to do, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Phrase("the disk is full ({room}); make room", room=room(folder))
    return Phrase("{why}; make it writable", why=system_fault(error))


def _least_free(total: int) -> float:
    return min(_LEAST_FREE_BYTES, _LEAST_FREE_SHARE * total)
