"""Threads that needed much memory once do not each hold it for ever."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.jobs.daemon.host_system import give_memory_back
from storage.database.session import open_database

# Eight threads, one at a time, take 20 MB and keep the last 2 KB of it.
HUNGRY = """
import re, threading
from pathlib import Path
from scheduler.jobs.daemon.host_system import give_memory_back, share_pools
from storage.database.session import open_database
database = open_database("sqlite:///{folder}/accordwatch.db")
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
give_memory_back(database)
print(after - before, held_mb() - before)
"""


def held_mb(begin: str, folder: Path) -> tuple[int, int]:
    """What is held afterwards, and once it was given back."""
    done = subprocess.run(
        [sys.executable, "-c", HUNGRY.format(begin=begin, folder=folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    after, left = done.stdout.split()
    return int(after), int(left)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_threads_share_what_they_needed_once_and_give_it_back(tmp_path: Path) -> None:
    after, left = held_mb("share_pools()", tmp_path)
    assert after < 80
    assert left < 10


def test_pages_of_idle_connections_are_given_back_and_work_goes_on(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/accordwatch.db")
    with database.begin() as writing, database.read() as reading:
        give_memory_back(database)
        assert (
            writing.execute(text("SELECT 1")).scalar() == reading.execute(text("SELECT 1")).scalar()
        )
    files = Path("/proc/self/fd")
    give_memory_back(database)
    gc.collect()  # connections that were at work before are closed with the pool that they left
    assert not any("accordwatch.db" in str(one.resolve()) for one in files.iterdir())
    with database.read() as s:
        assert s.execute(text("SELECT count(*) FROM documents")).scalar() == 0
    database.close()
