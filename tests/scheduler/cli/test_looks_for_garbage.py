"""When a command looks for garbage: late, since most commands are over before, then as usual."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import gc, os
from scheduler.cli import main
main._look_late_for_garbage()
counted = []
gc.callbacks.append(lambda phase, found: counted.append(phase))
kept = [[] for _ in range(main._FIRST_LOOK - 50_000)]
print(len(counted))
if os.fork() == 0:
    print(gc.get_threshold() == main._COLLECTING, flush=True)
    os._exit(0)
os.wait()
kept += [[] for _ in range(60_000)]
print(counted[:2], gc.get_threshold() == main._COLLECTING, flush=True)
"""


def test_the_first_look_is_late_and_what_is_forked_and_what_takes_longer_looks_as_usual() -> None:
    command = [sys.executable, "-u", "-c", _SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["0", "True", "['start', 'stop'] True"]
