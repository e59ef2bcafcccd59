"""Counts over time as bars: a year or a month each, the years without any as gaps.

Time goes with the direction in which the reader's language is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT, AXIS = 960, 72, 24
_LEAST = 3  # so that a year with one agreement is seen beside one with hundreds
_WIDEST = 64
_LABEL = 44  # what a year, or a month with its year, takes
_GAP = 2
_HALF_LABEL = 30
_MAJOR = 3  # on a phone, a third of the labels has room


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a month, with how much is in it. `title` is what a pointer reads."""

    label: str
    title: str
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word below a bar. One that is `minor` is left out where the picture is drawn small."""

    x: int
    text: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Bars:
    width: int
    height: int
    bars: Sequence[Bar]
    labels: Sequence[Label]


def bars(periods: Sequence[Period], direction: str) -> Bars | None:
    """The picture of periods that follow each other; None where there is nothing to compare."""
    if len(periods) < 2 or not any(one.number for one in periods):
        return None
    step = min(_WIDEST, WIDTH / len(periods))
    wide = max(1, round(step) - _GAP)
    most = max(one.number for one in periods)
    whole = round(step * len(periods))
    turned = direction == "rtl"
    places = [round(step * number) for number in range(len(periods))]
    places = [whole - x - wide for x in places] if turned else places
    every = ceil(_LABEL / step)
    drawn = [_bar(one, x, wide, most) for one, x in zip(periods, places, strict=True) if one.number]
    labels = [
        Label(_within(x + wide // 2, whole), one.label, minor=number // every % _MAJOR != 0)
        for number, (one, x) in enumerate(zip(periods, places, strict=True))
        if number % every == 0
    ]
    return Bars(whole, HEIGHT + AXIS, drawn, labels)


def _within(x: int, width: int) -> int:
    """The middle of a label that is cut at neither edge, also where it is drawn large."""
    return max(_HALF_LABEL, min(width - _HALF_LABEL, x))


def _bar(one: Period, x: int, width: int, most: int) -> Bar:
    height = max(_LEAST, round(HEIGHT * one.number / most))
    return Bar(x, HEIGHT - height, width, height, one.title, one.address)
