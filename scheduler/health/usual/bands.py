"""How much is usual for a source, by its own past weeks, and how improbable what came lately is.
Pure functions over counts of quarters of days.

Documents come in bundles, so that what is counted is bundles: Poisson around the rate of the
weekday and the quarter of the day, times a factor of the day that is lognormal. How large bundles
are and how unlike days are is taken from the source's own four weeks; so is the longest silence, in
documents that should have come. What is looked for is one change at an unknown time, so windows of
growing length, all ending now, are compared with the four weeks before each of them.

Days that were feasts, as the sources of the same country show together, are no part of what is
usual. Where the others do not tell, up to four days of a window may have been feasts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from scheduler.health.usual.tails import mixed_tail

# 150 sources are looked at in 120 quarters of a month, by ten windows that say much the same.
FALSE_ALARM = 1e-6
_THIN_ALARM = 3e-6  # few windows get so far: half of the usual at most
_SILENCE_ALARM = 3e-5  # it also has to be longer than ever before
_FLOOD_ALARM = 1e-7  # great news is no failure

HISTORY = 28 * 4  # quarters before a window by which it is judged
LEAST_HISTORY = 14 * 4  # fewer are no habit: a weekday has to be seen twice
WINDOWS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 56)  # quarters; what lasts longer is said to be open

_LEAST_ARRIVALS = 20
_SHRINKAGE = (0.25, 8.0)  # days for which the mean of its kind counts beside those of a weekday
_HOLIDAYS = 4  # days of a window that may be as quiet as the quietest day of the week
_STILL_LESS = 0.7  # of the usual, in the newest part of a window in which too little came
_LESS, _MORE = 0.5, 4.0  # shares of what is usual, within which nothing is said
_WORTH_LOOK = 0.7  # share of what the same stretch of earlier weeks brought
_FLOOD = 40  # documents beyond the usual: a small source may well double
_LONGER = 1.3  # than the longest silence of the past weeks, in documents that should have come
_LEAST_SPREAD = 0.01  # the variance of the logarithm, of days that are all the same
_UNLIKE_NEIGHBOURS = 0.75  # days that follow each other are alike: two bring so much more than one
_LARGEST_BUNDLE = 50.0

# By the ordinal of a day: whether it was a feast; a day of which too few sources speak is missing.
Feasts = Mapping[int, bool]
_NO_FEASTS: Feasts = {}


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
    """What is usual for a source, as four weeks of it show.

    `days` holds the mean number of documents by weekday. `seen` is the number of days on which
    each of these means rests, `seen_busy` that of all busy weekdays together. `shares` are those of
    the four quarters of a day. `bundle` is how many documents arrive together, and
    `bundle_by_silences` the same by the quarters in which none came. `spread` is the standard
    deviation of the logarithm of a day's factor. `longest_silence` counts the documents that should
    have come during it.
    """

    days: tuple[float, ...]
    seen: float
    seen_busy: float
    shares: tuple[float, ...]
    bundle: float
    bundle_by_silences: float
    spread: float
    longest_silence: float

    def rate(self, number: int) -> float:
        """How many documents are expected in a quarter."""
        return self.days[weekday(number)] * self.shares[number % 4]

    def expected(self, first: int, last: int) -> float:
        """How many documents are expected from the quarter `first` to `last`, both included."""
        return sum(self.rate(number) for number in range(first, last + 1))

    def at_least(self, first: int, last: int, feasts: Feasts) -> Expected:
        """The least that may be expected from one quarter to another, feasts considered.

        Nothing is expected on a feast. Of the days of which nobody knows whether they are feasts,
        the few busiest may be as quiet as the quietest weekday.
        """
        quiet = min(self.days)
        by_day: dict[int, float] = {}
        parts: dict[int, float] = {}
        for number in range(first, last + 1):
            day = number // 4
            if not feasts.get(day):
                by_day[day] = by_day.get(day, 0.0) + self.rate(number)
                parts[day] = parts.get(day, 0.0) + self.shares[number % 4]
        unknown = [day for day in by_day if day not in feasts]
        unknown.sort(key=lambda day: by_day[day] - quiet * parts[day], reverse=True)
        for day in unknown[:_HOLIDAYS]:
            by_day[day] = min(by_day[day], quiet * parts[day])
        return Expected.of(by_day.values())

    def less(self, came: int, expected: Expected) -> float:
        """How probable it is that no more came."""
        size = self.bundle if came else self.bundle_by_silences
        return mixed_tail(came / size, expected.count / size, self._of(expected))

    def more(self, came: int, expected: Expected) -> float:
        """How probable it is that no less came."""
        spread, count = self._of(expected), expected.count
        return mixed_tail(came / self.bundle, count / self.bundle, spread, upper=True)

    def _of(self, expected: Expected) -> float:
        """How unlike stretches of so many days are, and how uncertain their rate."""
        days = max(1.0, expected.days)
        of_day = self.spread**2
        of_bundles = self.bundle * days / max(expected.count, 1e-9)
        of_rate = (of_day + of_bundles) / min(self.seen * days, self.seen_busy)
        return sqrt(of_day / (1 + (days - 1) * _UNLIKE_NEIGHBOURS) + min(1.0, of_rate))


@dataclass(frozen=True, slots=True)
class Expected:
    """How many documents, and on how many days: one of which little is expected counts little."""

    count: float
    days: float

    @classmethod
    def of(cls, by_day: Iterable[float]) -> Expected:
        counts = list(by_day)
        squares = sum(n * n for n in counts)
        return cls(sum(counts), sum(counts) ** 2 / squares if squares else 0.0)


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


# --- what is usual ------------------------------------------------------------------------------


def habit(quarters: Sequence[Quarter], feasts: Feasts = _NO_FEASTS) -> Habit | None:
    """The habit that these quarters show; None if they are too few."""
    whole = Counter(one.number // 4 for one in quarters)
    usual = [
        one for one in quarters if whole[one.number // 4] == 4 and not feasts.get(one.number // 4)
    ]
    answered = {one.number // 4 for one in usual if one.seen}
    days = dict.fromkeys(answered, 0)
    for one in usual:
        if one.number // 4 in days:
            days[one.number // 4] += one.new
    if 4 * len(days) < LEAST_HISTORY or sum(days.values()) < _LEAST_ARRIVALS:
        return None
    rates, seen, seen_busy, within = _rates(days)
    shares = _shares(usual)
    means = [rates[weekday(one.number)] * shares[one.number % 4] for one in usual]
    by_silences = _bundle_by_silences(usual, means)
    bundle = max(_bundle(usual, days, shares), by_silences)
    return Habit(
        days=rates,
        seen=seen,
        seen_busy=seen_busy,
        shares=shares,
        bundle=bundle,
        bundle_by_silences=by_silences,
        spread=_spread(days, rates, within, bundle),
        longest_silence=_longest_silence(usual, means),
    )


def _rates(days: Mapping[int, int]) -> tuple[tuple[float, ...], float, float, float]:
    """Return the fields `days`, `seen` and `seen_busy` of a habit, and the variance of a day around
    the mean of its weekday.

    A weekday was seen only four times. Its mean is therefore shrunk towards that of its kind, busy
    or quiet: the less the weekdays of a kind differ, the further.
    """
    mean = sum(days.values()) / len(days)
    by_weekday: list[list[int]] = [[] for _ in range(7)]
    for day, n in days.items():
        by_weekday[(day - 1) % 7].append(n)
    own = [sum(counts) / len(counts) if counts else mean for counts in by_weekday]
    alike = _alike(own)
    around = sum((n - own[(day - 1) % 7]) ** 2 for day, n in days.items())
    within, each = around / max(1, len(days) - 7), len(days) / 7
    unlike = sum((one - other) ** 2 for one, other in zip(own, alike, strict=True)) / 5
    between = max(0.0, unlike - within / each)
    least, most = _SHRINKAGE
    drawn = most if between * most <= within else max(least, within / between)
    rates = [
        (sum(counts) + drawn * other) / (len(counts) + drawn)
        for counts, other in zip(by_weekday, alike, strict=True)
    ]
    busy = sum(other == max(alike) for other in alike)
    return tuple(rates), each + min(drawn, each * (busy - 1)), each * busy, within


def _alike(own: Sequence[float]) -> list[float]:
    """For each weekday the mean of its kind, busy or quiet, where that explains the most."""
    ordered = sorted(own)

    def squares(ones: Sequence[float]) -> float:
        middle = sum(ones) / len(ones)
        return sum((one - middle) ** 2 for one in ones)

    cut = min(range(1, 7), key=lambda n: squares(ordered[:n]) + squares(ordered[n:]))
    quiet, busy = sum(ordered[:cut]) / cut, sum(ordered[cut:]) / (7 - cut)
    return [busy if one >= ordered[cut] else quiet for one in own]


def _shares(quarters: Sequence[Quarter]) -> tuple[float, ...]:
    counts = [1.0] * 4
    for one in quarters:
        counts[one.number % 4] += one.new
    return tuple(count / sum(counts) for count in counts)


def _bundle(quarters: Sequence[Quarter], days: Mapping[int, int], shares: Sequence[float]) -> float:
    """Documents of a bundle, by how unevenly those of a day fall into its quarters (the variance
    of a multinomial, in multiples).
    """
    squares, degrees = 0.0, 0
    for one in quarters:
        expected = days.get(one.number // 4, 0) * shares[one.number % 4]
        if expected > 0:
            squares += (one.new - expected) ** 2 / expected
            degrees += 1
    return min(_LARGEST_BUNDLE, max(1.0, squares / max(1.0, 0.75 * degrees)))


def _bundle_by_silences(quarters: Sequence[Quarter], means: Sequence[float]) -> float:
    """Documents of a bundle, by how many quarters are empty, and one more."""
    empty = 0.5 + sum(not one.new for one in quarters)
    cells = Counter(means)
    low, high = 1.0, _LARGEST_BUNDLE
    for _ in range(9):
        middle = sqrt(low * high)
        if sum(times * exp(-mean / middle) for mean, times in cells.items()) < empty:
            low = middle
        else:
            high = middle
    return high


def _spread(days: Mapping[int, int], rates: Sequence[float], within: float, bundle: float) -> float:
    """How much days differ beyond what bundles explain, plus the standard error of that estimate,
    which is large for the few documents of a small source.
    """
    means = [rates[(day - 1) % 7] for day in days]
    at_most = within * (1 + sqrt(2 / max(1, len(days) - 7)))
    excess = max(0.0, at_most * len(days) - bundle * sum(means))
    return sqrt(log(1 + excess / sum(mean * mean for mean in means)) + _LEAST_SPREAD)


def _longest_silence(quarters: Sequence[Quarter], means: Sequence[float]) -> float:
    longest = length = 0.0
    for one, mean in zip(quarters, means, strict=True):
        length = 0.0 if one.new else length + mean
        longest = max(longest, length)
    return longest


# --- what is not --------------------------------------------------------------------------------


def volume_change(quarters: Sequence[Quarter], feasts: Feasts = _NO_FEASTS) -> VolumeChange | None:
    """How the volume changed lately; None if it is as usual. `quarters` are contiguous, the oldest
    first, and the last one is not over yet.
    """
    last = next((place for place in range(len(quarters) - 1, -1, -1) if quarters[place].seen), 0)
    if len(quarters) - last > 2:  # it does not answer, which is another trouble
        return None
    heard = quarters[: last + 1]
    return _silence(heard, feasts) or _windows(heard, feasts)


def _looks_like_a_change(quarters: Sequence[Quarter], start: int) -> bool:
    """Whether what came since is so unlike the same stretch of earlier weeks that it is worth a
    closer look, which takes a hundred times as long.
    """
    weeks = range(28, HISTORY + 1, 28)
    long = -(-(len(quarters) - start) // 28) * 28  # whole weeks, so that none of it is in `before`
    before = [
        sum(one.new for one in quarters[start - back : len(quarters) - 1 - back])
        for back in weeks
        if back >= long and start >= back
    ]
    came = sum(one.new for one in quarters[start:])
    usual = sum(before) / len(before) if before else came
    return not before or came <= _WORTH_LOOK * usual or came >= usual / _WORTH_LOOK + _FLOOD / 2


def _silence(quarters: Sequence[Quarter], feasts: Feasts) -> VolumeChange | None:
    """Nothing came for longer than ever before, and longer than chance explains."""
    place = len(quarters)
    while place > 0 and not quarters[place - 1].new:
        place -= 1
    gap = len(quarters) - place - 1  # the last quarter is not over
    if gap < 1 or not _looks_like_a_change(quarters, place):
        return None
    usual = habit(quarters[max(0, place - HISTORY) : place], feasts)
    if usual is None:
        return None
    first, last = quarters[place].number, quarters[-2].number
    missed = usual.at_least(first, last, feasts)
    if missed.count <= _LONGER * usual.longest_silence:
        return None
    if usual.less(0, missed) >= _SILENCE_ALARM:
        return None
    return VolumeChange("silent", first, 0, usual.expected(first, last))


def _windows(quarters: Sequence[Quarter], feasts: Feasts) -> VolumeChange | None:
    best: tuple[float, VolumeChange] | None = None
    for length in WINDOWS:
        start = len(quarters) - 1 - length
        while start > 0 and not quarters[start - 1].seen:
            start -= 1  # what came while the source did not answer comes with the next answer
        if start <= 0 or not _looks_like_a_change(quarters, start):
            continue
        usual = habit(quarters[max(0, start - HISTORY) : start], feasts)
        if usual is None:
            continue
        for found in (_less(quarters[start:], usual, feasts), _more(quarters[start:], usual)):
            if found is not None and (best is None or found[0] < best[0]):
                best = found
    return best[1] if best else None


def _less(
    window: Sequence[Quarter], usual: Habit, feasts: Feasts
) -> tuple[float, VolumeChange] | None:
    """Too little came, even if days of the window were feasts. What came in the last quarter
    counts, but nothing is expected of it, since it is not over.
    """
    came, first, last = sum(one.new for one in window), window[0].number, window[-2].number
    expected = usual.at_least(first, last, feasts)
    if not 0 < came <= _LESS * expected.count or not _goes_on(window, usual):
        return None
    tail = usual.less(came, expected)
    if tail >= _THIN_ALARM:
        return None
    return tail, VolumeChange("thin", first, came, usual.expected(first, last))


def _goes_on(window: Sequence[Quarter], usual: Habit) -> bool:
    """Whether the newest part of a window is low as well, so that it is not over."""
    newest = window[-max(4, len(window) // 3) :]
    expected = usual.expected(newest[0].number, newest[-2].number)
    return sum(one.new for one in newest) <= _STILL_LESS * expected


def _more(window: Sequence[Quarter], usual: Habit) -> tuple[float, VolumeChange] | None:
    """Too much came."""
    came, first, last = sum(one.new for one in window), window[0].number, window[-1].number
    expected = usual.expected(first, last)
    if came < _MORE * expected + _FLOOD:
        return None
    tail = usual.more(came, Expected(expected, len(window) / 4))
    return None if tail >= _FLOOD_ALARM else (tail, VolumeChange("flood", first, came, expected))
