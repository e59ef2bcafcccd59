"""Notices when the clock is set: compares the wall clock with one that nobody can set."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

# NTP corrects by less than this in one step; people and broken hardware change it by more.
_JUMP = timedelta(minutes=1)


def steady_s() -> float:
    """A monotonic clock in seconds. It goes on while the machine sleeps, so that waking up is no
    jump.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(slots=True)
class ClockWatch:
    """Remembers both clocks of the last look."""

    wall_s: float = field(default_factory=time.time)
    steady_s: float = field(default_factory=steady_s)

    def moved(self, wall_s: float, steady_s: float) -> timedelta | None:
        """By how much the wall clock was moved since the last look; None if it was not."""
        moved = timedelta(seconds=(wall_s - self.wall_s) - (steady_s - self.steady_s))
        return moved if abs(moved) > _JUMP else None

    def jump(self, wall_s: float, steady_s: float) -> timedelta | None:
        """As `moved`, and remembers the clocks: the next look counts from this one."""
        moved = self.moved(wall_s, steady_s)
        self.wall_s, self.steady_s = wall_s, steady_s
        return moved
