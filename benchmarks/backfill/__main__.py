"""What a backfill costs beside its pure functions: `python -m benchmarks.backfill ARCHIVE... [--times 3]`.

Three ways in turns over the same archives: cut and judged in one process by the functions alone,
`accordwatch backfill` with one worker, and with as many as there are processors. The first two say
what the pool, the pipe and the results cost; the third, how busy the processors are kept. Seconds of
processor time are those of all processes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.judgement.judge import load_rules
from crawler.process.several import WantedDocuments, judge_several
from scheduler.backfill.archives import find_archives
from scheduler.backfill.portions import cut_here, portions_of

_MAX_BYTES = 10_000_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill", description=__doc__)
    parser.add_argument("archives", nargs="*")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="the pure functions, in this process")
    chosen = parser.parse_args()
    if chosen.alone:
        print(_alone(chosen.archives))
        return
    rows: dict[str, list[dict[str, float]]] = {}
    for _ in range(chosen.times):
        module = (sys.executable, "-m", "benchmarks.backfill", "--alone")
        rows.setdefault("pure functions", []).append(_spent([*module, *chosen.archives]))
        for workers in (1, os.cpu_count() or 1):
            name = f"backfill, {workers} worker{'s' * (workers > 1)}"
            rows.setdefault(name, []).append(_backfill(chosen.archives, workers))
    base = _median(rows["pure functions"], "cpu_s")
    for name, runs in rows.items():
        cpu, wall = _median(runs, "cpu_s"), _median(runs, "wall_s")
        peak = _median(runs, "peak_mb")
        said = f"{cpu:6.1f} CPU-s ({cpu / base:.2f} x)  {wall:6.1f} s  {cpu / wall:.2f} processors"
        print(f"{name:22} {said}  {peak:.0f} MB")


def _alone(named: Sequence[str]) -> int:
    rules, read = load_rules(), 0
    for file in find_archives(named).files:
        for portion in portions_of(file, 0, cut_here, {}, _MAX_BYTES):
            read += judge_several(portion.documents, WantedDocuments(), rules).read
    return read


def _backfill(archives: Sequence[str], workers: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        configuration = Path(folder) / "accordwatch.yaml"
        configuration.write_text("sources: []\n")
        command = [sys.executable, "-m", "scheduler.cli", "backfill", *archives]
        return _spent([*command, "--workers", str(workers), "--config", str(configuration)])


def _spent(command: Sequence[str]) -> dict[str, float]:
    spent = [sys.executable, "-m", "benchmarks.crawl.spent", *command]
    said = subprocess.run(spent, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _median(runs: Sequence[dict[str, float]], what: str) -> float:
    return statistics.median(run[what] for run in runs)


if __name__ == "__main__":
    main()
