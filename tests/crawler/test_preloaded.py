"""What the fork server of the worker pool has read, all workers have."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own, since the fork server of the tests has read more.
_SCRIPT = """
from crawler.judgement.probability.encoder import has_read_model
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec

if __name__ == "__main__":
    with WorkerPool(RulesSpec(warm=False), workers=1) as pool:
        print(pool.submit(has_read_model).result())
"""


def test_a_worker_that_judges_begins_with_the_encoder_that_its_fork_server_has_read() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout == "True\n"
