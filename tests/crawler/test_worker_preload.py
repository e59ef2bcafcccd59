"""What the fork server of the worker pool has read, all workers have."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own, since the fork server of the tests has read more.
_SCRIPT = """
from crawler.judgement.probability.encoder import has_read_model
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec, has_rules

if __name__ == "__main__":
    with WorkerPool(RulesSpec({}), workers=1) as pool:
        print(pool.submit(has_read_model).result(), pool.submit(has_rules).result())
"""


def _run(rules: str) -> str:
    command = [sys.executable, "-c", _SCRIPT.format(rules)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_a_worker_that_judges_begins_with_the_encoder_that_its_fork_server_has_read() -> None:
    assert _run("warm=False") == "True False\n"


def test_a_worker_of_a_crawl_begins_with_the_rules_too() -> None:
    assert _run("") == "True True\n"


_READING = """
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec
from tests.crawler.test_worker_preload import can_read_sources

if __name__ == "__main__":
    rules = RulesSpec(warm=False)
    with WorkerPool(rules, workers=1, functions_of=("spiders.kinds.table",)) as pool:
        print(pool.submit(can_read_sources).result())
"""


def can_read_sources() -> bool:
    return "spiders.kinds.table" in sys.modules


def test_a_worker_of_a_crawl_begins_with_what_reads_sources() -> None:
    command = [sys.executable, "-c", _READING]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "True\n"


_ENCODING = """
from crawler.worker import has_threads
from crawler.judgement.probability.encoder import read_model
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec

if __name__ == "__main__":
    with WorkerPool(RulesSpec(), workers=1) as pool:
        pool.submit(read_model).result()
        print(pool.submit(has_threads).result())
"""


def test_a_process_that_judges_begins_no_threads() -> None:
    script = """
from crawler.worker import has_threads
from crawler.worker import RulesSpec, load_spec
load_spec(RulesSpec())
print(has_threads())
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_worker_that_encodes_has_no_thread_that_waits_for_more() -> None:
    command = [sys.executable, "-c", _ENCODING]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("False\n", "")
