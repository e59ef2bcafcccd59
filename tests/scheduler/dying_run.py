"""`accordwatch run --all`, which kills itself or its crawl where it is told to.

python -m tests.scheduler.dying_run CONFIGURATION [BOUNDARY AT VICTIM DELAY]
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from scheduler import crawl_process
from scheduler.cli.main import main
from scheduler.notify import deliver
from tests.scheduler.dying import arm_delivery, soon

LEASE_S = 1.0  # so that what a dead process was sending is due again at the next start


def start_dying_crawl(arguments: list[str]) -> None:
    """Have the crawl started as one that dies; nothing else in a run starts processes."""
    popen = subprocess.Popen

    def started(command: list[str], **named: Any) -> subprocess.Popen[str]:
        assert command[-1] == "spiders.crawl"
        return popen([sys.executable, "-m", "tests.scheduler.dying_crawl", *arguments], **named)

    crawl_process.subprocess.Popen = started  # type: ignore[attr-defined]  # this run's crawl dies


if __name__ == "__main__":
    path, *arguments = sys.argv[1:]
    deliver.LEASE_S = LEASE_S
    boundary, at, victim, delay_s = arguments or ("", "1", "all", "0")
    start_dying_crawl([boundary, at, victim, delay_s])
    arm_delivery(boundary, int(at), soon(float(delay_s)))
    main(["run", "--all", "--config", path])
