"""The map, and the outlines that it is made of."""

from __future__ import annotations

import json

import pytest

from benchmarks import make_world
from scheduler.web.site.register.parties_page import WORLD, shade_of, world_map


def test_states_are_outlines_or_dots_and_bodies_are_named_beside() -> None:
    drawn = world_map({"MA": 9, "MT": 1, "EU": 20})
    by_code = {code: (path, place) for code, path, place, _ in drawn["shapes"]}
    assert by_code["MA"][0].startswith("M")
    assert by_code["MT"][1] is not None
    assert drawn["beyond"] == ["EU"]
    assert by_code["MA"][0] not in drawn["empty"]


def test_more_agreements_are_never_a_weaker_shade() -> None:
    shades = [shade_of(n) for n in range(100)]
    assert shades == sorted(shades)
    assert (shades[0], shades[1], shades[-1]) == (0, 1, 5)


def test_the_outlines_are_small_and_say_whose_they_are() -> None:
    assert WORLD.stat().st_size < 150_000
    found = json.loads(WORLD.read_text(encoding="utf-8"))
    assert "world-atlas 2.0.2 (ISC)" in found["made_of"]
    assert "Permission to use, copy, modify" in " ".join(found["licence"])
    assert not found["outlines"].keys() & found["dots"].keys()


@pytest.mark.parametrize("turned", [False, True])
def test_a_ring_over_longitude_180_becomes_two(turned: bool) -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    halves = make_world._cut(ring[::-1] if turned else ring)
    widths = [max(x for x, _ in half) - min(x for x, _ in half) for half in halves]
    assert widths == [10.0, 10.0]


def test_a_ring_elsewhere_stays_whole() -> None:
    ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)]
    assert make_world._cut(ring) == [ring]
