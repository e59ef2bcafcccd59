"""`accordwatch` in a process to which something happens: `python -m benchmarks.faults.command FAULTS
ARGUMENTS...`, where FAULTS is JSON: `kill_at`, `stop_at` (a statement or commit of its database, counted from 1), `kill_cpu_s`,
`file_bytes`, `files`, `busy_ms`, `lease_s`. With `stop_at` it says "stopped" and its id, and waits for SIGCONT. At its end it says
how many statements and commits there were, and how much processor time they took.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import sys
import threading
import time
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from scheduler.cli.main import main
from scheduler.notify import deliver
from storage.database import engines
from tests.scheduler.dying import die

LEASE_S = 1.0  # so that what a dead process was sending is due again at the next start
_LOOK_S = 0.0005


def _suffer(faults: dict[str, float]) -> None:
    deliver.LEASE_S = faults.get("lease_s", LEASE_S)
    engines.BUSY_TIMEOUT_MS = int(faults.get("busy_ms", engines.BUSY_TIMEOUT_MS))
    _count_boundaries(int(faults.get("kill_at", 0)), int(faults.get("stop_at", 0)))
    if "kill_cpu_s" in faults:
        arguments = (time.process_time() + faults["kill_cpu_s"],)
        threading.Thread(target=_die_after, args=arguments, daemon=True).start()
    for name, limit in (("file_bytes", resource.RLIMIT_FSIZE), ("files", resource.RLIMIT_NOFILE)):
        if name in faults:
            resource.setrlimit(limit, (int(faults[name]), resource.getrlimit(limit)[1]))


def _count_boundaries(kill_at: int, stop_at: int) -> None:
    """Before each statement and each commit of any database."""
    numbers, begun_s = count(1), time.process_time()
    said = [0]

    def before(*_: Any, **__: Any) -> None:
        said[0] = number = next(numbers)
        if number == kill_at:
            die()
        if number == stop_at:
            print(f"stopped {os.getpid()}", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)
    atexit.register(
        lambda: print(f"counted {said[0]} {time.process_time() - begun_s:.3f}", file=sys.stderr)
    )


def _die_after(cpu_s: float) -> None:
    while time.process_time() < cpu_s:
        time.sleep(_LOOK_S)
    die()


if __name__ == "__main__":
    _suffer(json.loads(sys.argv[1]))
    main(sys.argv[2:])
