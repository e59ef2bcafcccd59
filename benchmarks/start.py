"""Processor time of commands from start to end, with all of their processes.

Run as `python -m benchmarks.start [--other FOLDER]`. With the folder of another version, the two
take turns, and the median of the ratios is printed: a busy machine slows both down alike. A fork server's
workers are no children of the command, so this process adopts whatever the command leaves behind.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
_HERE = Path(__file__).resolve().parent.parent
_ROUNDS = 5
_LINE = "Italy and Tunisia sign a migration agreement\n"
_SOURCES = "sources: []\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", type=Path, help="the folder of another version to compare with")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    asked = parser.parse_args()
    if ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0):
        sys.exit("this needs Linux: orphaned processes cannot be adopted here")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "line.txt").write_text(_LINE)
        (work / "accordwatch.yaml").write_text(_SOURCES)
        for command in commands():
            print(_row(command, work, asked.other, asked.rounds), flush=True)


def commands() -> list[list[str]]:
    """The commands whose start people wait for."""
    return [["--help"], ["classify", "line.txt"], ["doctor"], ["search", "visa"], ["run"]]


def _row(command: Sequence[str], work: Path, other: Path | None, rounds: int) -> str:
    versions = [_HERE] if other is None else [_HERE, other.resolve()]
    taken: list[list[float]] = [[] for _ in versions]
    for number in range(rounds + 1):
        for version, times in zip(versions, taken, strict=True):
            spent_s = spent(command, work, version)
            if number:  # the first round fills caches
                times.append(spent_s)
    row = f"{' '.join(command):20} {statistics.median(taken[0]):6.2f} s"
    if other is not None:
        ratio = statistics.median(a / b for a, b in zip(*taken, strict=True))
        row += f"   other {statistics.median(taken[1]):6.2f} s   ratio {ratio:.2f}"
    return row


def spent(command: Sequence[str], work: Path, version: Path) -> float:
    """Return the processor time of a command and of all processes that it started."""
    before = _children_s()
    environment = {**os.environ, "PYTHONPATH": str(version)}
    run = [sys.executable, "-m", "scheduler.cli", *command]
    subprocess.run(run, cwd=work, env=environment, capture_output=True, check=False)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
