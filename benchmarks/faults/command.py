"""`accordwatch` in a process to which something happens: `python -m benchmarks.faults.command FAULTS
ARGUMENTS...`, where FAULTS is JSON: `kill_s`, `file_bytes`, `files`, `busy_ms`, `lease_s`.
"""

from __future__ import annotations

import json
import resource
import sys

from scheduler.cli.main import main
from scheduler.notify import deliver
from storage.database import engines
from tests.scheduler.dying import soon

LEASE_S = 1.0  # so that what a dead process was sending is due again at the next start


def _suffer(faults: dict[str, float]) -> None:
    deliver.LEASE_S = faults.get("lease_s", LEASE_S)
    engines.BUSY_TIMEOUT_MS = int(faults.get("busy_ms", engines.BUSY_TIMEOUT_MS))
    if "kill_s" in faults:
        soon(faults["kill_s"])()
    for name, limit in (("file_bytes", resource.RLIMIT_FSIZE), ("files", resource.RLIMIT_NOFILE)):
        if name in faults:
            resource.setrlimit(limit, (int(faults[name]), resource.getrlimit(limit)[1]))


if __name__ == "__main__":
    _suffer(json.loads(sys.argv[1]))
    main(sys.argv[2:])
