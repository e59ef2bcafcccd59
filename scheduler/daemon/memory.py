"""What a process that lives for months gives back of its memory."""

from __future__ import annotations

import contextlib
import ctypes

from storage.database.session import Database

# glibc has up to eight pools of memory a processor, and each thread takes from another one. Jobs
# and crawls have threads of their own, so that what one job needed once stood free in each pool:
# 20 MB more after five crawls, and more with each.
_ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h


def keep_little() -> None:
    """Let all threads share few pools of memory. Does nothing where the C library is no glibc."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_back(database: Database) -> None:
    """Return to the system what is free in the pools, and pages that the database keeps."""
    database.close_idle()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
