"""Ending a process. Each command imports it at its end, so that it imports nothing of ours."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def end(code: int) -> NoReturn:
    """End this process, and leave what it holds to the system: taking it apart takes a crawl a
    quarter of a second, and a quarter of a short command.
    """
    atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody listens any more
            stream.flush()
    os._exit(code)


def end_if_alone(code: int) -> None:
    """End this process, unless there are threads that Python would wait for."""
    others = (one for one in threading.enumerate() if one is not threading.current_thread())
    if all(one.daemon for one in others):
        end(code)
