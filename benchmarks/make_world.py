"""Make world.json, the outlines that the map is drawn with, of two files of the npm package
world-atlas:

    python -m benchmarks.make_world countries-110m.json countries-50m.json LICENSE

The coarse file gives the outlines; states that are too small for it become dots where the finer one
has them. Projection: Equal Earth (Šavrič, Patterson and Jenny, 2018), in which areas compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from babel.core import get_global

from scheduler.web.site.pages.parties_page import WORLD

Point = tuple[float, float]
Ring = list[Point]

VERSION = "world-atlas 2.0.2 (ISC), made of Natural Earth (public domain)"
# Coefficients of the projection, and its scale: 2000 units at the equator.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
SCALE = 1000 / 2.7066299836960748
_LEFT_OUT = frozenset({"AQ"})
_NAMED = {"Kosovo": "XK"}  # without a number of ISO 3166-1


def main(coarse: Path, fine: Path, licence: Path) -> None:
    outlines: dict[str, str] = {}
    land = []
    for code, rings in _countries(coarse):
        if code in _LEFT_OUT:
            continue
        drawn = "".join(map(_path, rings))
        if code:
            outlines[code] = drawn
        else:
            land.append(drawn)
    dots = {
        code: _middle(max(rings, key=_size))
        for code, rings in _countries(fine)
        if code and code not in outlines and code not in _LEFT_OUT
    }
    made: dict[str, object] = {
        "made_of": VERSION,
        "licence": licence.read_text("utf-8").split("\n\n"),
    }
    made |= {"outlines": outlines, "unclaimed": "".join(land), "dots": dots}
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    WORLD.write_text(text + "\n", "utf-8")


def _countries(file: Path) -> Iterator[tuple[str, list[Ring]]]:
    """Each country of a TopoJSON file: its ISO 3166-1 code ("" if it has none), and its rings."""
    topology = json.loads(file.read_text("utf-8"))
    arcs = [_decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    aliases = get_global("territory_aliases")
    for country in topology["objects"]["countries"]["geometries"]:
        found = aliases.get(country.get("id", ""), [_NAMED.get(country["properties"]["name"], "")])
        parts = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        rings = [_ring(ring, arcs) for part in parts for ring in part]
        yield found[0], [_drawn(half) for ring in rings for half in _cut(ring)]


def _decoded(arc: Sequence[Sequence[int]], transform: Mapping[str, Any]) -> Ring:
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _projected(longitude: float, latitude: float) -> Point:
    t = asin(sqrt(3) / 2 * sin(radians(latitude)))
    t2 = t * t
    slope = 9 * A4 * t2**4 + 7 * A3 * t2**3 + 3 * A2 * t2 + A1
    x = 2 * sqrt(3) * radians(longitude) * cos(t) / (3 * slope)
    y = t * (A1 + A2 * t2 + A3 * t2**3 + A4 * t2**4)
    return x * SCALE, -y * SCALE


def _ring(numbers: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    """The points of a ring. ~n is the arc n backwards; neighbours share their end points."""
    points: Ring = []
    for n in numbers:
        arc = arcs[n] if n >= 0 else arcs[~n][::-1]
        points += arc[1:] if points else arc
    return points


def _cut(ring: Ring) -> list[Ring]:
    """A ring of longitudes and latitudes; one that crosses longitude 180 as its two halves."""
    turned, turns = [ring[0]], 0
    for (before, _), (longitude, latitude) in pairwise(ring):
        turns += (before - longitude > 180) - (longitude - before > 180)
        turned.append((longitude + 360 * turns, latitude))
    if max(x for x, _ in turned) <= 180 and min(x for x, _ in turned) >= -180:
        return [ring]
    halves = []
    for shift in (-360, 0, 360):
        moved = [(x + shift, y) for x, y in turned]
        half = [(-x, y) for x, y in _left_of_180([(-x, y) for x, y in _left_of_180(moved)])]
        halves += [half] if half else []
    return halves


def _left_of_180(ring: Ring) -> Ring:
    """What lies left of longitude 180 (Sutherland and Hodgman, 1974)."""
    kept: Ring = []
    for (x0, y0), (x1, y1) in pairwise([ring[-1], *ring] if ring else []):
        if (x0 <= 180) != (x1 <= 180):
            kept.append((180.0, y0 + (y1 - y0) * (180 - x0) / (x1 - x0)))
        if x1 <= 180:
            kept.append((x1, y1))
    return kept


def _drawn(ring: Ring) -> Ring:
    return [_projected(longitude, latitude) for longitude, latitude in ring]


def _path(ring: Ring) -> str:
    """The ring as an SVG path in whole units, relative from point to point."""
    whole = [(round(x), round(y)) for x, y in ring]
    x, y = whole[0]
    steps = []
    for next_x, next_y in whole[1:]:
        if (next_x, next_y) != (x, y):
            steps.append(f"{next_x - x},{next_y - y}")
            x, y = next_x, next_y
    if len(steps) < 3:
        return ""
    return f"M{whole[0][0]},{whole[0][1]}l{' '.join(steps)}z".replace(",-", "-").replace(" -", "-")


def _size(ring: Ring) -> float:
    xs, ys = zip(*ring, strict=True)
    return float((max(xs) - min(xs)) * (max(ys) - min(ys)))


def _middle(ring: Ring) -> tuple[int, int]:
    xs, ys = zip(*ring, strict=True)
    return round((max(xs) + min(xs)) / 2), round((max(ys) + min(ys)) / 2)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
