"""How the cost of something grows with its input: compared within one run, so that no machine is
too slow for it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

# What is too short to be measured counts as this: a ratio to nothing would be chance.
_LEAST_S = 0.002


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called, in Python or in C: the same on every machine."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost_ratio(big: Callable[[], object], small: Callable[[], object]) -> float:
    """How many times as much processor time `big` takes as `small`, the best of three of each."""
    return _best_s(big) / max(_best_s(small), _LEAST_S)


def _best_s(work: Callable[[], object]) -> float:
    took = []
    for _ in range(3):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)
