"""`accordwatch run --all`, which kills itself or its crawl where it is told to.

python -m tests.scheduler.dying_run CONFIGURATION [BOUNDARY AT VICTIM DELAY]
"""

from __future__ import annotations

import sys

from scheduler.cli.main import main
from scheduler.jobs import crawl_process
from scheduler.notify import deliver
from tests.scheduler.dying import arm_delivery, soon
from tests.warm.start import command

LEASE_S = 0.0  # so that what a dead process was sending is due again at the next start, at once


if __name__ == "__main__":
    path, *arguments = sys.argv[1:]
    deliver.LEASE_S = LEASE_S
    boundary, at, victim, delay_s = arguments or ("", "1", "all", "0")
    arguments = [boundary, at, victim, delay_s]
    crawl_process.COMMAND = command("tests.scheduler.dying_crawl", *arguments)
    arm_delivery(boundary, int(at), soon(float(delay_s)))
    main(["run", "--all", "--config", path])
