"""How long one step of reading a printed document may take: opening it, or a page of it."""

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
    """End this process if what happens inside takes more than `STEP_S` seconds of its own processor
    time. Only in a worker, known by the timer of its task: its pool notices that it ended. A
    process has one such timer: a step within another counts for that one.
    """
    is_worker = signal.getitimer(signal.ITIMER_PROF)[0] > 0
    is_within = signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0
    if not is_worker or is_within:
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, STEP_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
