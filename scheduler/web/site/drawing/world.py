"""A map of the world on which states are shaded by how many agreements they have.

The outlines are in world.json, which names its origin and licence; make_world.py makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("world.json")
# The least agreements of each shade: doubling, since few states have many.
SHADES = (1, 2, 4, 8, 16)
BOX = "-1000 -490 2000 880"  # what the outlines fill, without Antarctica


@dataclass(frozen=True, slots=True)
class Shape:
    """A state: an outline, or a dot at `at` where it is too small for one."""

    code: str
    path: str
    at: tuple[int, int] | None
    shade: int
    agreements: int


@dataclass(frozen=True, slots=True)
class WorldMap:
    """`empty` is one path of all land that has no agreements; `beyond` are the parties without a
    place on the map, such as EU.
    """

    box: str
    empty: str
    shapes: Sequence[Shape]
    beyond: Sequence[str]


def world_map(agreements: Mapping[str, int]) -> WorldMap:
    """The map for so many agreements by party code."""
    outlines, dots = _world()["outlines"], _world()["dots"]
    shapes = [
        Shape(code, outlines.get(code, ""), _point(dots.get(code)), shade_of(n), n)
        for code, n in agreements.items()
        if code in outlines or code in dots
    ]
    drawn = {shape.code for shape in shapes}
    rest = "".join(path for code, path in outlines.items() if code not in drawn)
    beyond = [code for code in agreements if code not in drawn]
    return WorldMap(BOX, rest + _world()["unclaimed"], shapes, beyond)


def shade_of(agreements: int) -> int:
    return sum(agreements >= least for least in SHADES)


def outline_of(code: str) -> str:
    """The outline of a party as an SVG path; "" if it has none."""
    return str(_world()["outlines"].get(code, ""))


def dot_of(code: str) -> tuple[int, int] | None:
    """Where a party stands that is too small for an outline; None if it is not."""
    return _point(_world()["dots"].get(code))


def _point(found: Sequence[int] | None) -> tuple[int, int] | None:
    return (found[0], found[1]) if found else None


@cache
def _world() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found
