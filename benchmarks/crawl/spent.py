"""What a command used, with all of its processes: `python -m benchmarks.crawl.spent COMMAND ...`.

A fork server's workers are no children of the command, so this process adopts whatever the command
leaves behind. Memory is what all of them have at once, where what they share counts once (PSS).
Prints {"cpu_s", "peak_mb", "code"} as its last line.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
_SAMPLED_EVERY_S = 0.5


def main() -> None:
    if ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0):
        sys.exit("this needs Linux: orphaned processes cannot be adopted here")
    peaks, over = [0.0], threading.Event()
    watching = threading.Thread(target=_watch, args=(peaks, over))
    watching.start()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False)
    over.set()
    watching.join()
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, peak_mb = round(used.ru_utime + used.ru_stime, 3), round(max(peaks))
    print(json.dumps({"cpu_s": cpu_s, "peak_mb": peak_mb, "code": done.returncode}))


def _watch(peaks: list[float], over: threading.Event) -> None:
    while not over.wait(_SAMPLED_EVERY_S):
        peaks.append(sum(map(shared_fairly_mb, descendants(os.getpid()))))


def descendants(of: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = list(children.get(of, ()))
    for one in found:  # grows while it is read
        found += children.get(one, ())
    return found


def shared_fairly_mb(process: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return 0.0


if __name__ == "__main__":
    main()
