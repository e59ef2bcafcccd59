"""How much is usual for a source, by its own past weeks, and how improbable what came lately is.
Pure functions over counts of quarters of days.

The number of new documents in a stretch of time is taken as negative binomial: around the rate of
the weekday, with the overdispersion that the source showed. What is looked for is one change at an
unknown time, so windows of growing length, all ending now, are compared with the four weeks before
each of them. Many windows of many sources are looked at, each again and again. So a tail has to be
improbable enough that of 150 healthy sources none is accused in a month (`FALSE_ALARM`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log

# 150 sources are looked at in 120 quarters of a month, by ten windows and a dozen tests that say
# much the same: two million looks. At this probability they bring 0.2 false alarms.
FALSE_ALARM = 1e-7

HISTORY = 28 * 4  # quarters before a window by which it is judged
LEAST_HISTORY = 14 * 4  # fewer are no habit: a weekday has to be seen twice
WINDOWS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 56)  # quarters; what lasts longer is said to be open

_LEAST_ARRIVALS = 20
_SHRINKAGE = 1.0  # a weekday was seen four times: the mean of all days counts as a fifth
_HOLIDAYS = 4  # days of a window that may be as quiet as the quietest day of the week
_STILL_LESS = 0.7  # of the usual, in the newest part of a window in which too little came
_LESS, _MORE = 0.5, 4.0  # shares of what is usual, within which nothing is said
_FLOOD = 40  # documents beyond the usual: a small source may well double
# A silence lasts longer than this many times the longest of the past weeks; where sources rest at
# weekends, than twice that and two days, since feasts last longer than weekends.
_LONGEST_GAPS, _LONG_GAPS, _FEAST = 3, 2, 8
_GAP_EXPECTED = 12.0  # documents that should have come meanwhile


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a day: its number since the year 1, the documents that were new in it, and
    whether the source answered in it.
    """

    number: int
    new: int
    seen: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """What is usual: documents by weekday, the share of each quarter of a day, the overdispersion
    of a day (variance = mean + mean^2 * overdispersion), and the longest silence, in quarters.
    """

    days: tuple[float, ...]
    shares: tuple[float, ...]
    overdispersion: float
    longest_gap: int

    def rate(self, number: int) -> float:
        """How many documents are expected in a quarter."""
        return self.days[weekday(number)] * self.shares[number % 4]

    def expected(self, first: int, last: int) -> float:
        """How many are expected from one quarter to another, both included."""
        return sum(self.rate(number) for number in range(first, last + 1))

    def on_holidays(self, first: int, last: int) -> float:
        """The same, if its busiest days were holidays."""
        quiet = min(self.days)
        by_day: dict[int, float] = {}
        parts: dict[int, float] = {}
        for number in range(first, last + 1):
            day = number // 4
            by_day[day] = by_day.get(day, 0.0) + self.rate(number)
            parts[day] = parts.get(day, 0.0) + self.shares[number % 4]
        spared = sorted((n - quiet * parts[day] for day, n in by_day.items()), reverse=True)
        return max(0.0, sum(by_day.values()) - sum(spared[:_HOLIDAYS]))

    def size(self, quarters: int) -> float:
        """The size of the negative binomial of so many quarters. Days that follow each other are
        alike, so that two of them bring the certainty of one and a half.
        """
        days = quarters / 4
        return (days if days < 1 else 1 + (days - 1) / 2) / self.overdispersion


@dataclass(frozen=True, slots=True)
class VolumeChange:
    """`kind`: silent, thin or flood, since the quarter `since`. `came` and `expected` documents."""

    kind: str
    since: int
    came: int
    expected: float


def weekday(number: int) -> int:
    """The weekday of a quarter; 0 is Monday, as is the first day of the year 1."""
    return (number // 4 - 1) % 7


def habit(quarters: Sequence[Quarter]) -> Habit | None:
    """The habit that these quarters show; None if they are too few."""
    days: dict[int, int] = {}
    for one in quarters:
        days[one.number // 4] = days.get(one.number // 4, 0) + one.new
    answered = {one.number // 4 for one in quarters if one.seen}
    days = {day: n for day, n in days.items() if day in answered}
    if 4 * len(days) < LEAST_HISTORY or sum(days.values()) < _LEAST_ARRIVALS:
        return None
    mean = sum(days.values()) / len(days)
    rates = tuple(_rate_of(day, days, mean) for day in range(7))
    return Habit(rates, _shares(quarters), _overdispersion(days, rates), _longest_gap(quarters))


def _rate_of(day_of_week: int, days: dict[int, int], mean: float) -> float:
    counts = [n for day, n in days.items() if (day - 1) % 7 == day_of_week]
    return (sum(counts) + _SHRINKAGE * mean) / (len(counts) + _SHRINKAGE)


def _shares(quarters: Sequence[Quarter]) -> tuple[float, ...]:
    counts = [1.0] * 4
    for one in quarters:
        counts[one.number % 4] += one.new
    return tuple(count / sum(counts) for count in counts)


def _overdispersion(days: dict[int, int], rates: Sequence[float]) -> float:
    """By moments; half as much again and a little more, since four weeks show few of the bad
    days.
    """
    excess = squares = 0.0
    for day, n in days.items():
        mean = rates[(day - 1) % 7]
        excess += (n - mean) ** 2 * (len(days) / max(1, len(days) - 7)) - mean
        squares += mean * mean
    return min(4.0, max(0.0, excess / squares) * 1.5 + 0.02)


def _longest_gap(quarters: Sequence[Quarter]) -> int:
    longest = length = 0
    for one in quarters:
        length = 0 if one.new else length + 1
        longest = max(longest, length)
    return longest


def volume_change(quarters: Sequence[Quarter]) -> VolumeChange | None:
    """How the volume changed lately; None if it is as usual. `quarters` are contiguous, the oldest
    first, and the last one is not over yet.
    """
    last = next((place for place in range(len(quarters) - 1, -1, -1) if quarters[place].seen), 0)
    if len(quarters) - last > 2:  # it does not answer, which is another trouble
        return None
    heard = quarters[: last + 1]
    usual = habit(heard[-HISTORY:])
    return None if usual is None else _silence(heard, usual) or _windows(heard)


def _silence(quarters: Sequence[Quarter], latest: Habit) -> VolumeChange | None:
    """Nothing came for several times as long as ever before."""
    place = len(quarters)
    while place > 0 and not quarters[place - 1].new:
        place -= 1
    gap = len(quarters) - place - 1  # the last quarter is not over
    before = habit(quarters[max(0, place - HISTORY) : place])
    if before is None:
        return None
    longest = max(1, before.longest_gap)
    if gap <= min(_LONGEST_GAPS * longest, _LONG_GAPS * longest + _FEAST):
        return None
    expected = before.expected(quarters[place].number, quarters[-2].number)
    return (
        VolumeChange("silent", quarters[place].number, 0, expected)
        if expected >= _GAP_EXPECTED
        else None
    )


def _windows(quarters: Sequence[Quarter]) -> VolumeChange | None:
    best: tuple[float, VolumeChange] | None = None
    for length in WINDOWS:
        start = len(quarters) - 1 - length
        while start > 0 and not quarters[start - 1].seen:
            start -= 1  # what came while the source did not answer comes with the next answer
        usual = habit(quarters[max(0, start - HISTORY) : start]) if start > 0 else None
        if usual is None:
            continue
        for found in (_less(quarters[start:], usual), _more(quarters[start:], usual)):
            if found is not None and (best is None or found[0] < best[0]):
                best = found
    return best[1] if best else None


def _less(window: Sequence[Quarter], usual: Habit) -> tuple[float, VolumeChange] | None:
    """Too little came, even if days of the window were holidays. What came in the last quarter
    counts, but nothing is expected of it, since it is not over.
    """
    came, first, last = sum(one.new for one in window), window[0].number, window[-2].number
    expected = usual.on_holidays(first, last)
    if came > _LESS * expected or not _goes_on(window, usual):
        return None
    tail = lower_tail(came, expected, usual.size(len(window) - 1))
    if tail >= FALSE_ALARM:
        return None
    kind = "thin" if came else "silent"
    return tail, VolumeChange(kind, first, came, usual.expected(first, last))


def _goes_on(window: Sequence[Quarter], usual: Habit) -> bool:
    """Whether the newest part of a window is low as well, so that it is not over."""
    newest = window[-max(4, len(window) // 3) :]
    expected = usual.expected(newest[0].number, newest[-2].number)
    return sum(one.new for one in newest) <= _STILL_LESS * expected


def _more(window: Sequence[Quarter], usual: Habit) -> tuple[float, VolumeChange] | None:
    """Too much came, even if each day of the window were as busy as the busiest of the week."""
    came, first, last = sum(one.new for one in window), window[0].number, window[-1].number
    busiest = max(usual.days) * (1 + len(window) // 4)
    if came < _MORE * busiest + _FLOOD:
        return None
    tail = upper_tail(came, busiest, usual.size(len(window)))
    if tail >= FALSE_ALARM:
        return None
    return tail, VolumeChange("flood", first, came, usual.expected(first, last))


# --- tails --------------------------------------------------------------------------------------


def lower_tail(count: int, mean: float, size: float) -> float:
    """P(X <= count) of a negative binomial with this mean and size (variance = mean + mean^2 /
    size).
    """
    return 1.0 if mean <= 0 else incomplete_beta(size, count + 1, size / (size + mean))


def upper_tail(count: int, mean: float, size: float) -> float:
    """P(X >= count) of the same."""
    if count <= 0:
        return 1.0
    return 0.0 if mean <= 0 else incomplete_beta(count, size, mean / (size + mean))


def share_tail(count: int, of: int, before: int, of_before: int, most: float = 60.0) -> float:
    """P(X <= count) where `of` are drawn, and `before` of `of_before` were such earlier: the
    beta-binomial prediction. More than `most` earlier ones make it no surer: documents come in
    batches that are alike.
    """
    weight = min(float(of_before), most) / max(1, of_before)
    yes, no = before * weight + 0.5, (of_before - before) * weight + 0.5
    whole = _log_beta(yes, no)
    total = 0.0
    for k in range(count + 1):
        ways = lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
        total += exp(ways + _log_beta(yes + k, no + of - k) - whole)
    return min(1.0, total)


def student_tail(t: float, degrees: float) -> float:
    """P(T <= t) of Student's distribution."""
    half = 0.5 * incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))
    return half if t < 0 else 1 - half


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz's method; DLMF
    8.17.22).
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(a * log(x) + b * log(1 - x) - _log_beta(a, b)) / a
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(1, 500):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / (1 + term * lower or tiny)
        upper = 1 + term / upper or tiny
        value *= upper * lower
        if abs(upper * lower - 1) < 1e-12:
            break
    return value if value else inf
