"""A map of the world on which states are shaded by how many agreements they have.

The outlines are in world.json, which names its origin and licence (`benchmarks.make_world`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import asin, cos, degrees, sin, sqrt
from pathlib import Path
from typing import Any

WORLD = Path(__file__).with_name("world.json")
# Coefficients of the projection.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
_WIDEST = 2.7066299836960748  # x of longitude 180 on the equator
_WIDTH = 2000
SCALE = _WIDTH / 2 / _WIDEST
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
    found: Mapping[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    return found


# --- the map as GeoJSON (RFC 7946) ----------------------------------------------------------------

Point = tuple[float, float]

_RING = re.compile(r"M(-?\d+),?(-?\d+)l([^z]*)z")
_NUMBER = re.compile(r"-?\d+")
_ENOUGH = 1e-9
_MOST_TURNS = 20  # Newton's method needs five
_DIGITS = 2
ATTRIBUTION = "Outlines: Natural Earth (public domain), by way of world-atlas 2.0.2 (ISC)"


def geojson(rows: Iterable[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """Return a FeatureCollection. Each row has a `party` and becomes the properties of a feature;
    `about` stands beside the features.
    """
    features = [
        {
            "type": "Feature",
            "id": row["party"],
            "geometry": geometry_of(row["party"]),
            "properties": dict(row),
        }
        for row in rows
    ]
    made = {"type": "FeatureCollection", **about, "attribution": ATTRIBUTION, "features": features}
    return json.dumps(made, ensure_ascii=False).encode() + b"\n"


def geometry_of(code: str) -> dict[str, Any] | None:
    """Return the geometry of a party; None if it has no place on the map."""
    dot, outline = dot_of(code), outline_of(code)
    if dot is not None:
        return {"type": "Point", "coordinates": _rounded(unprojected(*dot))}
    if not outline:
        return None
    rings = [[_rounded(unprojected(*point)) for point in ring] for ring in _rings(outline)]
    return {"type": "MultiPolygon", "coordinates": [[_turned(ring)] for ring in rings]}


def unprojected(x: float, y: float) -> Point:
    """Return longitude and latitude of a point of the drawing (the inverse of Equal Earth)."""
    x, y = x / SCALE, -y / SCALE
    t = y / A1
    for _ in range(_MOST_TURNS):
        t2 = t * t
        over = t * (A1 + A2 * t2 + A3 * t2**3 + A4 * t2**4) - y
        step = over / _slope(t)
        t -= step
        if abs(step) < _ENOUGH:
            break
    longitude = degrees(x * 3 * _slope(t) / (2 * sqrt(3) * cos(t)))
    latitude = degrees(asin(max(-1.0, min(1.0, 2 * sin(t) / sqrt(3)))))
    return max(-180.0, min(180.0, longitude)), latitude


def _slope(t: float) -> float:
    t2 = t * t
    return A1 + 3 * A2 * t2 + 7 * A3 * t2**3 + 9 * A4 * t2**4


def _rings(path: str) -> Iterator[list[Point]]:
    """The closed rings of an SVG path as `make_world` writes it, in units of the drawing."""
    for first_x, first_y, steps in _RING.findall(path):
        x, y = float(first_x), float(first_y)
        ring = [(x, y)]
        numbers = list(map(float, _NUMBER.findall(steps)))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        yield ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _turned(ring: list[list[float]]) -> list[list[float]]:
    """An outer ring runs against the clock."""
    doubled = sum((x1 - x0) * (y1 + y0) for (x0, y0), (x1, y1) in pairwise(ring))
    return ring if doubled < 0 else ring[::-1]


def _rounded(point: Point) -> list[float]:
    return [round(number, _DIGITS) for number in point]
