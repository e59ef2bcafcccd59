"""How sources publish in the month that `benchmarks.coverage_month` replays, hour by hour."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import exp

from storage.records import Source

START = datetime(2026, 9, 28, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WARM_DAYS, MONTH_DAYS = 35, 30
LOOK_EVERY_H = 3
# Days after START: a feast of one day, one of three days before a weekend, and one in the month.
FEASTS = frozenset({10, 24, 25, 26, 45, 52, 53, 54})
OFF_H = range(40 * 24 + 20, 41 * 24 + 9)  # our machine was off for thirteen hours


@dataclass(frozen=True, slots=True)
class PublishingHabit:
    """How a kind of source publishes: documents of a working day, the shares of a Saturday or
    Sunday and of a feast, the hours, how unlike days are, and how many documents come at once.
    """

    name: str
    per_day: float
    weekend: float
    feast: float
    hours: tuple[int, int]
    unlike: float
    batch: int = 1
    weekday: int | None = None

    def of_day(self, on: date) -> float:
        """Documents expected on a day."""
        if self.weekday is not None:
            return self.per_day * (on.weekday() == self.weekday)
        share = self.weekend if on.weekday() >= 5 else 1.0
        if (on - START.date()).days in FEASTS:
            share = min(share, self.feast)
        return self.per_day * share

    def of_hour(self, at: datetime) -> float:
        """Documents expected in an hour."""
        first, last = self.hours
        return self.of_day(at.date()) / (last - first) if first <= at.hour < last else 0.0


PRESS = PublishingHabit("press", 40, 0.6, 0.5, (5, 23), 0.2)
REGIONAL = PublishingHabit("regional press", 14, 0.4, 0.3, (6, 21), 0.25)
AGENCY = PublishingHabit("agency", 60, 0.7, 0.6, (0, 24), 0.4, 4)
MINISTRY = PublishingHabit("ministry", 4, 0.0, 0.0, (8, 17), 0.4, 2)
GAZETTE = PublishingHabit("gazette", 8, 0.0, 0.0, (9, 12), 0.2, 8, weekday=3)
PROFILES = (PRESS, PRESS, REGIONAL, REGIONAL, AGENCY, MINISTRY, MINISTRY, GAZETTE)


@dataclass(slots=True)
class Publisher:
    """A source as it is on the other side."""

    source: Source
    profile: PublishingHabit
    dice: random.Random
    length: int
    dated: float
    language: str
    shown: int  # documents that its list holds
    refused: float  # share of documents that cannot be had
    failed: bool = False  # at the last look
    waiting: int = 0  # published since the last look
    newest: date = date(2026, 9, 28)
    day_rates: dict[date, float] = field(default_factory=dict)

    def publish(self, at: datetime, share: float = 1.0) -> None:
        """What comes within an hour."""
        mean = self.rate(at) * share / self.profile.batch
        came = poisson(self.dice, mean) * self.dice.randint(1, 2 * self.profile.batch - 1)
        self.waiting += came
        if came:
            self.newest = at.date()

    def rate(self, at: datetime) -> float:
        """Documents expected in an hour."""
        first, last = self.profile.hours
        if not first <= at.hour < last:
            return 0.0
        on = at.date()
        if on not in self.day_rates:
            self.day_rates[on] = self._of_day(on)
        return self.day_rates[on] / (last - first)

    def _of_day(self, on: date) -> float:
        spread = self.profile.unlike
        usual = self.profile.of_day(on)
        if self.profile.weekday is not None:
            return usual
        return usual * exp(self.dice.gauss(-spread * spread / 2, spread))


def poisson(dice: random.Random, mean: float) -> int:
    limit, product, n = exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        n += 1
    return n
