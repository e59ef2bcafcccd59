"""How long to wait before a source is looked at again that has `every: auto`.

The wait is chosen so that about half of what the next look finds is known already: less, and
something may have come and gone unseen between two looks; more, and the look was for nothing. How
much comes in which time is taken from the past week as it was, and not from an average: a ministry
publishes in office hours, and a feed of ten items is too short for its busiest hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from storage.records import Source, SourceKind
from storage.sources.states import Poll

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=1)
# News of a source that is alive is never older than that when we see it.
LONGEST_ALIVE = timedelta(hours=6)
# What a government publishes is what everybody waits for.
LONGEST_OFFICIAL = timedelta(hours=3)
FIRST = timedelta(hours=1)  # until it is known how a source behaves

_DAY = timedelta(days=1)
_DAYS = 7  # a working week repeats itself after seven
_LOOKS = 3  # fewer prove nothing
_RECENT = timedelta(hours=3)  # today may be unlike every other day
_SHARE_NEW = 0.5
# Known after a day of looks is no more than a day: what comes by night was not seen yet.
_SHARE_OF_KNOWN = 4


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait, and why, in words that go on after "next look"."""

    length: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class _NewsOfWait:
    """What came between two looks."""

    begin: datetime
    end: datetime
    count: float

    def part(self, begin: datetime, end: datetime) -> float:
        """How many came between `begin` and `end`, if they came evenly."""
        shared = min(self.end, end) - max(self.begin, begin)
        return self.count * max(0.0, shared / (self.end - self.begin))


def longest_wait(source: Source) -> timedelta:
    """How long a source is never left unseen. A page does not say how often it changes."""
    if source.official:
        return LONGEST_OFFICIAL
    return LONGEST_ALIVE if source.kind is SourceKind.PAGE else LONGEST


def wait_for(source: Source, polls: Iterable[Poll], at: datetime) -> Wait:
    """The wait after a look at `at`. `polls` are the last looks at the source, in any order."""
    since = at - (_DAYS + 1) * _DAY
    looks = sorted((p for p in polls if p.ok and since <= p.at <= at), key=lambda poll: poll.at)
    longest = longest_wait(source)
    if len(looks) < _LOOKS:
        return Wait(min(FIRST, longest), "its habit is not known yet")
    room = _room(looks, source.max_items)
    news = list(_news(looks, room))
    known_for = looks[-1].at - looks[0].at
    longest = min(longest, max(FIRST, known_for / _SHARE_OF_KNOWN))
    if not any(one.count for one in news):
        return Wait(longest, f"nothing new {_since(known_for)}")
    longest = min(longest, LONGEST_ALIVE)
    until_full = min(_until_full(news, looks[0].at, at, room * _SHARE_NEW, longest), longest)
    return Wait(max(until_full, SHORTEST), _habit(news, room, known_for))


def _room(looks: Sequence[Poll], most: int) -> float:
    """How many documents a look can bring."""
    offers = [min(look.offered, most) for look in looks if look.offered]
    return max(1.0, median(offers)) if offers else 1.0


def _news(looks: Sequence[Poll], room: float) -> Iterator[_NewsOfWait]:
    for before, look in pairwise(looks):
        # Where nothing was known any more, others came and went meanwhile: at least as many again.
        missed = 2 if look.new >= min(room, look.offered) else 1
        if look.at > before.at:
            yield _NewsOfWait(before.at, look.at, float(look.new * missed))


def _until_full(
    news: Sequence[_NewsOfWait], first_at: datetime, at: datetime, room: float, longest: timedelta
) -> timedelta:
    """The shortest time in which `room` documents came: after the same hour of each day of the past
    week, or at the pace of the last hours.
    """
    begins = [at - day * _DAY for day in range(1, _DAYS + 1)]
    waits = [_time_for(news, begin, room, longest) for begin in begins if begin >= first_at]
    recent = sum(one.part(at - _RECENT, at) for one in news)
    if recent:
        waits.append(_RECENT * (room / recent))
    return min(waits, default=longest)


def _time_for(
    news: Sequence[_NewsOfWait], begin: datetime, room: float, longest: timedelta
) -> timedelta:
    """How long it took from `begin` until `room` documents had come, at most `longest`."""
    came = 0.0
    for one in news:
        if one.end <= begin:
            continue
        part = one.part(begin, one.end)
        if came + part >= room:
            start = max(one.begin, begin)
            return start - begin + (one.end - start) * ((room - came) / part)
        came += part
        if one.end - begin > longest:
            break
    return longest


def _habit(news: Sequence[_NewsOfWait], room: float, known_for: timedelta) -> str:
    a_day = sum(one.count for one in news) / max(1.0, known_for / _DAY)
    return f"about {a_day:.0f} new a day, room for {room:.0f}"


def _since(length: timedelta) -> str:
    if length < 2 * _DAY:
        return f"for {length / timedelta(hours=1):.0f} h"
    return f"for {length.days} days"
