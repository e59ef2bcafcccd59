"""What a source usually does, judged by its own history, and when it stops doing so. Pure
functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import log
from statistics import median

from storage.sources.polls import Poll

# With fewer arrivals than this there is no habit yet.
_ARRIVALS = 10

# A silence is remarkable if it is twice as long as any before, and if news at the mean rate of the
# source would stay away for so long only once in ten thousand times. (In a Poisson process the
# probability of none in t is exp(-rate * t).)
_LONGEST_TIMES = 2
_PATIENCE = log(10_000)

# So many polls in a row offer nothing, after a history of which this share offered something.
_EMPTY_POLLS = 3
_USUALLY = 0.8


def silent_since(polls: Sequence[Poll], now: datetime) -> datetime | None:
    """When the last news came, if the source has been silent for longer than is usual since then;
    None otherwise. `polls` are the newest first.
    """
    arrivals = sorted(poll.at for poll in polls if poll.ok and poll.new > 0)
    if len(arrivals) <= _ARRIVALS:
        return None
    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    mean = (arrivals[-1] - arrivals[0]) / len(gaps)
    patience = max(_LONGEST_TIMES * max(gaps), _PATIENCE * mean, timedelta(days=1))
    return arrivals[-1] if now - arrivals[-1] > patience else None


def emptied(polls: Sequence[Poll]) -> bool:
    """Whether a source that used to offer documents still answers but offers none, such as a page
    that says "not found". `polls` are the newest first.
    """
    answered = [poll for poll in polls if poll.ok]
    recent, before = answered[:_EMPTY_POLLS], answered[_EMPTY_POLLS:]
    if len(before) < _ARRIVALS or any(poll.offered for poll in recent):
        return False
    offering = sum(poll.offered > 0 for poll in before)
    return offering >= _USUALLY * len(before) and median(poll.offered for poll in before) > 0
