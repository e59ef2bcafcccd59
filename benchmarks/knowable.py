"""When a failure can be known at all: by an observer who knows the true rates of a source, and which
days are feasts, and who accuses one healthy source of 150 in a month.

Nobody can do better with so few false alarms: a ministry that brings four documents a day, two at a
time, is silent for a working day with a probability of e^-2, or once in seven days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import sqrt

from benchmarks.publishers import PublishingHabit
from scheduler.health.usual.tails import mixed_tail

# 150 sources, of which each quarter of a day of a month is looked at.
CHANCE = 1 / (150 * 30 * 4)


def silence_is_certain(profile: PublishingHabit, by_day: Mapping[date, float]) -> bool:
    """Whether nothing at all, where so much should have come on each day, cannot be chance."""
    chance = 1.0
    for expected in by_day.values():
        chance *= mixed_tail(0, expected / profile.batch, profile.unlike)
    return chance < CHANCE


def third_is_certain(profile: PublishingHabit, by_day: Mapping[date, float]) -> bool:
    """Whether a third of what should have come cannot be chance."""
    total, squares = sum(by_day.values()), sum(n * n for n in by_day.values())
    if not squares:
        return False
    # Batches of 1 to 2n - 1 documents: the variance of a count is so many times its mean.
    bundle = profile.batch + (profile.batch - 1) / 3
    spread = profile.unlike * sqrt(squares) / total
    return mixed_tail(total / 3 / bundle, total / bundle, spread) < CHANCE
