"""Agreements over years: a lane for each, with a mark for each dated step.

Time goes with the direction in which the reader's language is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, LANE, AXIS = 960, 44, 28
_MARGIN = 14
_MOST_TICKS = 12
_INTERVALS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Event:
    """A dated step. `stage` chooses shape and colour; `title` is what a pointer reads."""

    on: date
    stage: str
    title: str


@dataclass(frozen=True, slots=True)
class Life:
    """An agreement and its dated steps in order."""

    id: str
    name: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class StepMark:
    x: float
    stage: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """`y` is that of the line; it goes from `start` to `end`."""

    id: str
    name: str
    y: float
    start: float
    end: float
    marks: Sequence[StepMark]


@dataclass(frozen=True, slots=True)
class Timeline:
    width: int
    height: int
    edge: int  # where a lane's name begins
    years: Sequence[tuple[float, int]]
    lanes: Sequence[Lane]


def timeline(lives: Sequence[Life], direction: str) -> Timeline | None:
    """The drawing; None where nothing has a date. The agreement that began last is on top."""
    dated = sorted((life for life in lives if life.events), key=_begin, reverse=True)
    if not dated:
        return None
    days = [event.on for life in dated for event in life.events]
    first, last = min(days).year, max(days).year
    scale = _Scale(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal(), direction)
    lanes = [_lane(life, AXIS + LANE * row, scale) for row, life in enumerate(dated)]
    years = [(scale.x(date(year, 1, 1)), year) for year in _ticks(first, last)]
    height = AXIS + LANE * len(lanes) + 8
    return Timeline(WIDTH, height, 0 if direction == "ltr" else WIDTH, years, lanes)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: int
    last: int
    direction: str

    def x(self, on: date) -> float:
        share = (on.toordinal() - self.first) / max(1, self.last - self.first)
        x = _MARGIN + share * (WIDTH - 2 * _MARGIN)
        return round(x if self.direction == "ltr" else WIDTH - x, 1)


def _begin(life: Life) -> tuple[date, str]:
    return min(event.on for event in life.events), life.id


def _lane(life: Life, top: float, scale: _Scale) -> Lane:
    marks = [StepMark(scale.x(event.on), event.stage, event.title) for event in life.events]
    xs = [mark.x for mark in marks]
    return Lane(
        id=life.id, name=life.name, y=top + LANE - 14, start=min(xs), end=max(xs), marks=marks
    )


def _ticks(first: int, last: int) -> range:
    """The years to be named: each, or each second, fifth and so on, where there are many."""
    every = next(n for n in (*_INTERVALS, 1000) if (last - first) / n <= _MOST_TICKS)
    return range(first + -first % every, last + 1, every)
