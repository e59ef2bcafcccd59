"""A clock that jumps is noticed: the wall clock is compared with one that nobody sets."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

# NTP corrects by less than this in one step; people and broken hardware by more.
_JUMP = timedelta(minutes=1)


def steady_s() -> float:
    """Seconds that count while the machine sleeps too: waking up after a night is no jump."""
    return (
        time.clock_gettime(time.CLOCK_BOOTTIME)
        if hasattr(time, "CLOCK_BOOTTIME")
        else time.monotonic()
    )


@dataclass(slots=True)
class ClockWatch:
    """Remembers when it last looked."""

    wall_s: float = field(default_factory=time.time)
    steady_s: float = field(default_factory=steady_s)

    def moved(self, wall_s: float, steady_s: float) -> timedelta | None:
        """By how much the wall clock was moved since the last look; None where it was not."""
        moved = timedelta(seconds=(wall_s - self.wall_s) - (steady_s - self.steady_s))
        return moved if abs(moved) > _JUMP else None

    def jump(self, wall_s: float, steady_s: float) -> timedelta | None:
        """The same, as a look: the next counts from it."""
        moved = self.moved(wall_s, steady_s)
        self.wall_s, self.steady_s = wall_s, steady_s
        return moved
