"""The map as GeoJSON (RFC 7946): a feature for each party that has a place on it.

The outlines are those of the drawing, unprojected: right to a quarter of a degree, for maps of the
world. A party without a place, such as EU, is a feature without a geometry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import asin, cos, degrees, sin, sqrt
from typing import Any

from scheduler.web.site.drawing.make_world import A1, A2, A3, A4, SCALE
from scheduler.web.site.drawing.world import dot_of, outline_of

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
