"""The map as GeoJSON: places are where they are on the globe."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from benchmarks.make_world import _projected
from scheduler.web.site.register.world_map import geojson, geometry_of, unprojected


@pytest.mark.parametrize("point", [(0.0, 0.0), (12.5, 41.9), (-179.0, -60.0), (100.0, 83.0)])
def test_unprojecting_undoes_the_projection(point: tuple[float, float]) -> None:
    assert unprojected(*_projected(*point)) == pytest.approx(point, abs=1e-6)


@pytest.mark.parametrize(
    ("code", "box"),
    [("TN", (7, 30, 12, 38)), ("GB", (-9, 49, 2, 60)), ("NZ", (166, -48, 180, -34))],
)
def test_outlines_lie_where_the_state_is(code: str, box: tuple[int, int, int, int]) -> None:
    found = geometry_of(code)
    assert found is not None
    west, south, east, north = box
    for (ring,) in found["coordinates"]:
        assert ring[0] == ring[-1]
        assert len(ring) >= 4
        for longitude, latitude in ring:
            assert west <= longitude <= east
            assert south <= latitude <= north


def test_outer_rings_run_against_the_clock() -> None:
    found = geometry_of("TN")
    assert found is not None
    ((ring,),) = found["coordinates"]
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
    assert area > 0


def test_small_states_are_points_and_bodies_have_no_place() -> None:
    malta = geometry_of("MT")
    assert malta is not None
    assert malta["type"] == "Point"
    assert malta["coordinates"] == pytest.approx([14.4, 35.9], abs=0.2)
    assert geometry_of("EU") is None


def test_a_collection_says_what_it_is_of() -> None:
    made = json.loads(geojson([{"party": "EU", "agreements": 2}], {"address": "http://x/map"}))
    assert (made["type"], made["address"]) == ("FeatureCollection", "http://x/map")
    (feature,) = made["features"]
    assert (feature["geometry"], feature["properties"]["agreements"]) == (None, 2)
