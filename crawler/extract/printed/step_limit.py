"""Less time for one step of a task than for the whole of it.

A file that was made to keep its reader busy does so in one step, such as a page. A long report
needs many steps, each of them short.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

# On a busy machine, a page of 5,800 Latin letters takes 0.025 s, and one of 4,000 Arabic letters,
# which are put in order by their places, 0.12 s: a report of 171 such pages 20 s.
STEP_S = 10.0
STEP_OUT_OF_TIME = signal.SIGVTALRM


@contextmanager
def limited_step() -> Iterator[None]:
    """End this process if what happens inside takes more than `STEP_S` seconds of processor time.

    Only in a worker, where the time of the whole task is limited, too: nobody would notice that
    another process was ended.
    """
    is_worker = signal.getitimer(signal.ITIMER_PROF)[0] > 0
    signal.setitimer(signal.ITIMER_VIRTUAL, STEP_S if is_worker else 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
