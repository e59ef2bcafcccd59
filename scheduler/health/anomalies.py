"""What changed in a source, by its ledger: how much it brings, and what is in it. Pure functions.

A change that is known to be open is compared with the time before it began, so that it is over
when the source is as before and not when everybody has become used to it; after two months what it
does is its new habit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from math import exp, sqrt
from statistics import median

from scheduler.health.usual.bands import (
    FALSE_ALARM,
    HISTORY,
    WINDOWS,
    Feasts,
    Quarter,
    habit,
    volume_change,
)
from scheduler.health.usual.feasts import day_shares
from scheduler.health.usual.tails import share_tail
from storage.sources.ledger import Moment, Tally, moment_of

LEDGER_DAYS = 42  # that are looked at: the longest window, and the four weeks before it
KNOWN_DAYS = 92  # for a source with open changes: the time before they began
STILL = 1e-3  # a change that was named stays named while it is as improbable as this
FORGOTTEN_AFTER = timedelta(days=60)

_BEFORE = timedelta(days=2)  # a change may have begun so long before it was named
_LEAST, _LEAST_BEFORE = 4, 20  # documents that a share is of
_LEAST_QUARTERS = 2  # with documents: those of one look are often of one kind
_LOST, _GAINED = 0.5, 0.35  # less than half of the share before; or so much more, and most of them
_STILL_QUARTERS, _STILL_LESS, _STILL_MORE = 12, 0.6, 2.0
_SHORT = 0.65  # of the usual length
_LEAST_LENGTHS = 8
# How many standard errors of the mean: at thirty documents before it what Student's distribution
# passes once in a million times, and once in a thousand for a change that was named.
_SHORTER, _STILL_SHORTER = 6.0, 3.4
_LEAST_SPREAD = 0.01  # the variance of lengths that are all the same
_LEAST_LOOKS = 3
_OLD_QUARTERS = 3  # in which all lists held old documents only
_MANY_OFFERED = 10  # a feed that never offered more says nothing by offering half of it

# Why documents were not stored that say nothing of the source's state.
_NO_REFUSALS = ("stored", "changed", "unchanged", "duplicate", "later_page", "set_aside")
# Reasons that are one trouble to whoever reads of it.
REFUSAL = "refused"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A change since the day `since`: `count` documents of `of`, and before `before` of
    `of_before`. For a volume, `count` came where `before` were expected. `detail` is the reason,
    the language, or the day of the newest document.
    """

    name: str
    since: date
    count: int = 0
    of: int = 0
    before: float = 0.0
    of_before: int = 0
    detail: str = ""


def anomalies(
    tallied: Mapping[Moment, Tally],
    now: datetime,
    known: Mapping[str, datetime] | None = None,
    feasts: Feasts | None = None,
) -> list[Anomaly]:
    """What changed lately. `known` says of changes that are open when each began, `feasts` which
    days were feasts, as other sources have it.
    """
    line = _Quarters.of(tallied, now)
    if line is None:
        return []
    recent = {name: at for name, at in (known or {}).items() if now - at < FORGOTTEN_AFTER}
    found = [*_volumes(line, recent, feasts or {}), *_offers(line), *_shares(line, recent)]
    found += _lengths(line, recent.get("short"))
    return _without_echoes(found)


def _without_echoes(found: Sequence[Anomaly]) -> list[Anomaly]:
    """Without what is only another side of a change."""
    names = {one.name for one in found}
    echoes = set()
    if "empty" in names:
        echoes |= {"silent", "thin", "fewer", "old"}
    if "silent" in names:
        echoes |= {"thin", "old"}
    if "churn" in names:
        echoes |= {"flood"}
    if "language" in names or any(name.startswith(REFUSAL) for name in names):
        echoes |= {"short"}
    return [one for one in found if one.name not in echoes]


def shares_by_day(tallied: Mapping[Moment, Tally], now: datetime) -> dict[int, float]:
    """What came on each of the last days as a share of what its weekday brings."""
    line = _Quarters.of(tallied, now)
    return {} if line is None else day_shares(line.quarters[-4 * LEDGER_DAYS :])


@dataclass(frozen=True, slots=True)
class _Quarters:
    """The quarters of a source up to now, without gaps; `first` is the number of the first."""

    first: int
    tallies: tuple[Tally, ...]

    @classmethod
    def of(cls, tallied: Mapping[Moment, Tally], now: datetime) -> _Quarters | None:
        last = _number(moment_of(now))
        numbered = {_number(moment): tally for moment, tally in tallied.items()}
        numbered = {n: tally for n, tally in numbered.items() if n <= last}
        if not numbered:
            return None
        first = max(min(numbered), last - 4 * KNOWN_DAYS)
        nothing = Tally()
        return cls(first, tuple(numbered.get(n, nothing) for n in range(first, last + 1)))

    @property
    def quarters(self) -> list[Quarter]:
        """How much came in each quarter."""
        return [
            Quarter(self.first + place, tally.new, tally.answered > 0)
            for place, tally in enumerate(self.tallies)
        ]

    def day(self, place: int) -> date:
        return date.fromordinal((self.first + place) // 4)

    def place(self, at: datetime) -> int:
        return max(0, min(len(self.tallies), _number(moment_of(at)) - self.first))


def _number(moment: Moment) -> int:
    return moment[0].toordinal() * 4 + moment[1]


# --- how much -----------------------------------------------------------------------------------


def _volumes(line: _Quarters, known: Mapping[str, datetime], feasts: Feasts) -> Iterator[Anomaly]:
    quarters = line.quarters
    found = volume_change(quarters, feasts)
    if found is not None:
        since = line.day(found.since - line.first)
        yield Anomaly(
            name=found.kind,
            since=since,
            count=found.came,
            of=0,
            before=found.expected,
            of_before=0,
            detail=_newest(line),
        )
        return
    for kind in ("silent", "thin", "flood"):
        if kind in known:
            yield from _still(line, kind, known[kind], feasts)


def _still(line: _Quarters, kind: str, began_at: datetime, feasts: Feasts) -> Iterator[Anomaly]:
    """A change of volume that was named and is not over."""
    quarters, split = line.quarters, line.place(began_at - _BEFORE)
    usual = habit(quarters[max(0, split - HISTORY) : split], feasts)
    if usual is None:
        return
    recent = quarters[max(split, len(quarters) - _STILL_QUARTERS) :]
    came = sum(one.new for one in recent)
    expected = usual.expected(recent[0].number, recent[-1].number)
    stays = {
        "silent": not any(one.new for one in quarters[line.place(began_at) :]),
        "thin": came <= _STILL_LESS * expected,
        "flood": came >= _STILL_MORE * expected,
    }
    if stays[kind]:
        yield Anomaly(
            name=kind,
            since=line.day(split),
            count=came,
            of=0,
            before=expected,
            of_before=0,
            detail=_newest(line),
        )


def _newest(line: _Quarters) -> str:
    newest = max((t.newest_on for t in line.tallies if t.newest_on), default=None)
    return newest.isoformat() if newest else ""


def _offers(line: _Quarters) -> Iterator[Anomaly]:
    """A list that is empty, much shorter than ever, or that holds only old documents."""
    looked = [place for place, tally in enumerate(line.tallies) if tally.answered]
    offered = {place: _offered(line.tallies[place]) for place in looked}
    for limit in (0.0, _LOST * median(offered.values()) if offered else 0.0):
        tail = _first_of_tail(looked, lambda place: offered[place] <= limit)  # noqa: B023
        # Without the quarter in which it changed, which has lists of both lengths.
        before = sorted(offered[place] for place in looked[: max(0, len(looked) - len(tail) - 1)])
        looks = sum(line.tallies[place].answered for place in tail)
        if min(len(tail) / _LEAST_QUARTERS, looks / _LEAST_LOOKS, len(before) / _LEAST_BEFORE) < 1:
            continue
        now, usual = offered[tail[-1]], before[len(before) // 50]
        if now == 0 and usual > 0:
            yield Anomaly("empty", line.day(tail[0]), 0, 0, before[len(before) // 2])
            break
        if before[0] >= _MANY_OFFERED and 0 < now <= _LOST * before[0]:
            yield Anomaly("fewer", line.day(tail[0]), round(now), 0, before[0])
    yield from _ages(line)


def _offered(tally: Tally) -> float:
    return tally.offered / tally.answered


def _first_of_tail(places: Sequence[int], holds: Callable[[int], bool]) -> list[int]:
    """The last places, as far back as it holds for all of them."""
    found: list[int] = []
    for place in reversed(places):
        if not holds(place):
            break
        found.insert(0, place)
    return found


def _ages(line: _Quarters) -> Iterator[Anomaly]:
    """New addresses come, but the newest document is older than it ever was."""
    ages = [
        (place, (line.day(place) - tally.newest_on).days)
        for place, tally in enumerate(line.tallies)
        if tally.newest_on is not None
    ]
    recent, before = ages[-_OLD_QUARTERS:], ages[:-_OLD_QUARTERS]
    came = [place for place, _ in recent if line.tallies[place].new]
    if len(before) < _LEAST_BEFORE or not came:
        return
    oldest = max(age for _, age in before[: -len(before) // 4])
    if min(age for _, age in recent) > 2 * oldest + 3:
        tail = _first_of_tail([place for place, _ in ages], lambda p: dict(ages)[p] > oldest)
        newest = line.day(recent[-1][0]) - timedelta(days=recent[-1][1])
        yield Anomaly("old", line.day(tail[0]), detail=newest.isoformat())


# --- what is in it ------------------------------------------------------------------------------

# (how many, of how many) in a quarter
Share = Callable[[Tally], tuple[int, int]]


def _shares(line: _Quarters, known: Mapping[str, datetime]) -> Iterator[Anomaly]:
    yield from _lost(line, known, "undated", lambda t: (t.dated, t.stored))
    yield from _lost(line, known, "untitled", lambda t: (t.titled, t.stored))
    yield from _gained(line, known, "ahead", lambda t: (t.dated_ahead, t.stored))
    yield from _gained(line, known, "garbled", lambda t: (t.garbled, t.stored))
    yield from _gained(line, known, "cut", lambda t: (t.cut, t.stored))
    yield from _gained(line, known, "churn", _churned)
    main = _main_language(line)
    if main:
        for found in _lost(line, known, "language", lambda t: (t.languages.get(main, 0), t.stored)):
            yield replace(found, detail=main)
    lately = {name for t in line.tallies[-WINDOWS[-1] :] for name in t.outcomes}
    for reason in sorted(lately - {*_NO_REFUSALS}):
        of_reason = lambda t, reason=reason: (t.outcomes.get(reason, 0), _decided(t))  # noqa: E731
        for found in _gained(line, known, f"{REFUSAL}:{reason}", of_reason):
            yield replace(found, detail=reason)


def _decided(tally: Tally) -> int:
    """Documents of which something new was learnt: they are stored, or cannot be had."""
    looked_again = sum(tally.outcomes.get(name, 0) for name in ("changed", "unchanged"))
    return sum(tally.outcomes.values()) - looked_again


def _churned(tally: Tally) -> tuple[int, int]:
    duplicates = tally.outcomes.get("duplicate", 0)
    return duplicates, duplicates + tally.stored


def _main_language(line: _Quarters) -> str | None:
    """The language of most documents before the last days."""
    counted: dict[str, int] = {}
    for tally in line.tallies[: -len(line.tallies) // 4]:
        for name, n in tally.languages.items():
            counted[name] = counted.get(name, 0) + n
    main = max(counted, key=lambda name: counted[name], default=None)
    return main if main and counted[main] >= 0.6 * sum(counted.values()) else None


def _lost(
    line: _Quarters, known: Mapping[str, datetime], name: str, share: Share
) -> Iterator[Anomaly]:
    """A share that fell below half of what it was."""
    for found in _fallen(line, known.get(name), share, _fell_by_half):
        yield replace(found, name=name)


def _fell_by_half(found: Anomaly) -> bool:
    return found.count * found.of_before <= _LOST * found.before * found.of


def _gained(
    line: _Quarters, known: Mapping[str, datetime], name: str, share: Share
) -> Iterator[Anomaly]:
    """A share that most documents have, and few had before."""

    def others(tally: Tally) -> tuple[int, int]:
        count, of = share(tally)
        return of - count, of

    for found in _fallen(line, known.get(name), others, _others_gave_way):
        count, before = found.of - found.count, found.of_before - found.before
        yield replace(found, name=name, count=count, before=before)


def _others_gave_way(found: Anomaly) -> bool:
    now, then = found.count / found.of, found.before / max(1, found.of_before)
    return now <= 0.5 and then - now >= _GAINED


def _fallen(
    line: _Quarters,
    began_at: datetime | None,
    share: Share,
    is_large: Callable[[Anomaly], bool],
) -> Iterator[Anomaly]:
    """The window, if any, in which a share is most improbably low; one at most."""
    pairs = [share(tally) for tally in line.tallies]
    counts = [0, *accumulate(count for count, _ in pairs)]
    totals = [0, *accumulate(of for _, of in pairs)]
    best: tuple[float, Anomaly] | None = None
    met = False
    end, limit = len(pairs), FALSE_ALARM if began_at is None else STILL
    for start, split in _windows(line, began_at, end):
        count, of = counts[end] - counts[start], totals[end] - totals[start]
        first = max(0, split - HISTORY)
        before, of_before = counts[split] - counts[first], totals[split] - totals[first]
        filled = [place for place in range(start, end) if pairs[place][1]]
        if of < _LEAST or of_before < _LEAST_BEFORE or len(filled) < _LEAST_QUARTERS:
            continue
        since = line.day(filled[0])
        found = Anomaly("", since, count=count, of=of, before=before, of_before=of_before)
        if not is_large(found):
            if best is None and not met:
                return  # the newest documents are as before: whatever it was is over
            continue
        met = True
        tail = share_tail(count, of, before, of_before)
        if tail < limit and (best is None or tail < best[0]):
            best = tail, found
    if best is not None:
        yield best[1]


def _windows(line: _Quarters, began_at: datetime | None, end: int) -> Iterator[tuple[int, int]]:
    """(where a window begins, where the time before the change ends)."""
    for length in WINDOWS:
        start = end - length
        split = start if began_at is None else min(start, line.place(began_at - _BEFORE))
        if split > 0:
            yield start, split


def _lengths(line: _Quarters, began_at: datetime | None) -> Iterator[Anomaly]:
    """Texts that are much shorter than before."""
    sums = [(t.stored, t.log_length, t.log_length_squared) for t in line.tallies]
    limit = _SHORTER if began_at is None else _STILL_SHORTER
    for start, split in _windows(line, began_at, len(sums)):
        recent, before = sums[max(0, start) :], sums[max(0, split - HISTORY) : split]
        filled = [place for place in range(max(0, start), len(sums)) if sums[place][0]]
        n, total, _ = map(sum, zip(*recent, strict=True))
        m, total_before, squares = map(sum, zip(*before, strict=True))
        if len(filled) < _LEAST_QUARTERS or n < _LEAST_LENGTHS or m < _LEAST_BEFORE:
            continue
        mean = total_before / m
        spread = sqrt(max(_LEAST_SPREAD, (squares - m * mean * mean) / (m - 1)))
        difference = total / n - mean
        t = difference / (spread * sqrt(1 / n + 1 / m))
        if exp(difference) >= _SHORT:
            return  # the newest documents are as before
        if t < -limit:
            usual = exp(mean)
            yield Anomaly(
                name="short",
                since=line.day(filled[0]),
                count=round(exp(total / n)),
                of=n,
                before=usual,
                of_before=m,
            )
            return
