"""Threads that needed much memory once do not each hold it for ever."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Eight threads, one at a time, take 20 MB and keep the last 2 KB of it.
HUNGRY = """
import re, threading
from pathlib import Path
from scheduler.daemon.memory import give_back, keep_little
{begin}
def held_mb():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
kept, alone, together = [], threading.Lock(), threading.Barrier(8)
def work():
    together.wait()
    with alone:
        kept.append([bytes(2000) for _ in range(10_000)][-1])
    together.wait()
before = held_mb()
threads = [threading.Thread(target=work) for _ in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
after = held_mb()
give_back()
print(after - before, held_mb() - before)
"""


def held_mb(begin: str) -> tuple[int, int]:
    """What is held afterwards, and once it was given back."""
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY.format(begin=begin)],
        capture_output=True,
        text=True,
        check=True,
    )
    after, left = done.stdout.split()
    return int(after), int(left)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_threads_share_what_they_needed_once_and_give_it_back() -> None:
    after, left = held_mb("keep_little()")
    assert after < 80
    assert left < 10
