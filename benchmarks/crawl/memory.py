"""The memory of a crawl from page to page: `python -m benchmarks.crawl.memory [--pages N] [--share
PERCENT]`.

A local web is crawled of which no two pages are alike, and memory is looked at twice a second, with
all processes of the crawl; what they share counts once (PSS). Prints medians by thousands of pages,
and as its last line {"growth_mb"}: of memory that is no file's, from the third thousand to the last.
(Files count less as soon as another program maps them too.)
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.crawl.__main__ import configuration
from benchmarks.crawl.spent import ADOPT_ORPHANS, descendants

_OURS = Path(__file__).resolve().parents[2]
_EVERY_S = 0.5
_FROM = 2  # thousands of pages; until then workers, caches and models warm up
_COUNTED = "SELECT count(*) FROM frontier WHERE state = 'done'"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl.memory", description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--share", type=int, default=5, help="percent that report an agreement")
    asked = parser.parse_args()
    if ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0):
        sys.exit("this needs Linux: orphaned processes cannot be adopted here")
    looks: dict[int, list[list[_Memory]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, _served(asked.pages, asked.share) as addresses:
        for pages, each in _looks(Path(folder), addresses):
            looks[pages // 1000].append(each)
    print("pages        all, MB   no file's   each process, the largest first")
    own = {}
    for thousand, found in sorted(looks.items()):
        own[thousand] = median(sum(one.own_mb for one in each) for each in found)
        whole = median(sum(one.mb for one in each) for each in found)
        ranked = zip(
            *(sorted((one.mb for one in each), reverse=True)[:5] for each in found), strict=False
        )
        largest = " ".join(f"{median(one):4.0f}" for one in ranked)
        print(f"from {thousand:2},000  {whole:6.0f}   {own[thousand]:6.0f}   {largest}")
    last = asked.pages // 1000 - 1
    print(json.dumps({"growth_mb": round(own[last] - own[_FROM], 1)}))


class _Memory(NamedTuple):
    """Of a process: all of it, and what is no file's. What is shared counts once."""

    mb: float
    own_mb: float


@contextmanager
def _served(pages: int, share: int) -> Iterator[list[str]]:
    command = [sys.executable, "-m", "benchmarks.crawl.site", str(pages), str(share / 100)]
    with subprocess.Popen(
        [*command, "--apart"], cwd=_OURS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as site:
        assert site.stdout is not None
        assert site.stdin is not None
        yield json.loads(site.stdout.readline())
        site.stdin.close()


def _looks(folder: Path, addresses: list[str]) -> Iterator[tuple[int, list[_Memory]]]:
    """Yield how many pages were read, and the memory of each process, until the crawl ends."""
    (folder / "accordwatch.yaml").write_text(configuration(addresses), encoding="utf-8")
    others = {*descendants(os.getpid())}
    environment = {**os.environ, "PYTHONPATH": str(_OURS)}
    command = [sys.executable, "-m", "scheduler.cli", "run"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        address = f"file:{folder / 'accordwatch.db'}?mode=ro"
        while run.poll() is None:
            time.sleep(_EVERY_S)
            with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as database:
                (pages,) = database.execute(_COUNTED).fetchone()
                mine = (pid for pid in descendants(os.getpid()) if pid not in others)
                yield pages, [memory for pid in mine if (memory := _memory(pid))]


def _memory(pid: int) -> _Memory | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:  # it has ended
        return None
    kb = {name: int(size) for name, size, *_ in map(str.split, lines)}
    return _Memory(kb["Pss:"] / 1024, (kb["Pss_Anon:"] + kb["Pss_Shmem:"]) / 1024) if kb else None


if __name__ == "__main__":
    main()
