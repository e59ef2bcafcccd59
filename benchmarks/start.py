"""Processor time of commands from start to end, with all of their processes.

A fork server's workers are no children of a command, so this process adopts whatever the command
leaves behind. Called by `benchmarks.ratios`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
_LINE = "Italy and Tunisia sign a migration agreement\n"
COMMANDS = (("--help",), ("classify", "line.txt"), ("doctor",), ("search", "visa"), ("run",))


def spent_by_turns(
    versions: Sequence[Path], command: Sequence[str], rounds: int
) -> list[list[float]]:
    """Return the processor times of a command in each of these folders, which take turns."""
    if ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0):
        sys.exit("this needs Linux: orphaned processes cannot be adopted here")
    taken: list[list[float]] = [[] for _ in versions]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "line.txt").write_text(_LINE)
        (work / "accordwatch.yaml").write_text("sources: []\n")
        for number in range(rounds + 1):
            for version, times in zip(versions, taken, strict=True):
                used_s = _spent(command, work, version)
                if number:  # the first round fills caches
                    times.append(used_s)
    return taken


def _spent(command: Sequence[str], work: Path, version: Path) -> float:
    before_s = _children_s()
    environment = {**os.environ, "PYTHONPATH": str(version)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: modules are compiled once
    run = [sys.executable, "-m", "scheduler.cli", *command]
    subprocess.run(run, cwd=work, env=environment, capture_output=True, check=False)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return _children_s() - before_s


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
