"""The map, and the outlines that it is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from benchmarks import make_world
from scheduler.configuration.party_names import party_codes
from scheduler.configuration.query import Query
from scheduler.views.words.labels import labels_of
from scheduler.web.site.counting.charts import SVG
from scheduler.web.site.pages.parties_page import (
    BODIES,
    BOX,
    SHADES,
    WORLD,
    label,
    place_of,
    shade_of,
    world_map,
)
from tests.scheduler.web.site.running import Site


def drawn(*codes: str, pairs: Sequence[tuple[str, str, int]] = ()) -> Any:
    return world_map(dict.fromkeys(codes, 3), pairs, Query(), labels_of("en"))


def test_states_are_outlines_or_dots_and_regional_bodies_have_places() -> None:
    links = {one.get("href"): one for one in drawn("MA", "MT", "EU", "IOM").iter(f"{{{SVG}}}a")}
    kinds = {code: links[f"/?party={code}"][1].tag.split("}")[1] for code in ("MA", "MT", "EU")}
    assert kinds == {"MA": "path", "MT": "circle", "EU": "circle"}
    assert "/?party=IOM" not in links
    assert place_of("IOM") is None
    assert links["/?party=EU"][0].text == "European Union: 3 agreements"


def test_corridors_are_lines_between_the_places_of_their_parties() -> None:
    svg = drawn("MA", "EU", "IOM", pairs=[("EU", "MA", 4), ("IOM", "MA", 2)])
    (line,) = (one for one in svg.iter(f"{{{SVG}}}path") if one.get("class") == "corridor")
    x, y = BODIES["EU"]
    assert line.get("d").startswith(f"M{x},{y}Q")
    assert line.getparent().get("href") == "/corridors/EU-MA"


def test_places_are_on_the_map_and_bodies_have_names() -> None:
    left, top, width, height = map(int, BOX.split())
    for code in (*BODIES, "MA", "FR", "US", "FJ", "MT"):
        place = place_of(code)
        assert place is not None
        assert left < place[0] < left + width
        assert top < place[1] < top + height
    assert set(BODIES) <= party_codes()


def test_as_many_parties_as_have_room_are_named_those_with_most_agreements_first() -> None:
    svg = etree.Element(f"{{{SVG}}}svg")
    numbers = {"EU": 9, "IT": 8, "MT": 7, "MA": 6, "TN": 5, "SI": 1, "HR": 1, "BA": 1, "AU": 1}
    label(svg, numbers, labels_of("en"), BOX, 22, "")
    texts = [(one.text, int(one.get("x")), int(one.get("y"))) for one in svg.iter(f"{{{SVG}}}text")]
    names = [name for name, _, _ in texts]
    assert names[:2] == ["EU", "Italy"]
    assert {"Malta", "Morocco", "Australia"} < set(names)  # a dot, too
    assert len(names) < len(numbers)  # there is no room for all neighbours
    for at, (name, x, y) in enumerate(texts):
        for other, x2, y2 in texts[:at]:
            near = abs(x - x2) < 6.6 * (len(name) + len(other)) - 1
            assert not (near and abs(y - y2) < 27), (name, other)


def test_the_map_is_had_as_a_picture(site: Site) -> None:
    answer = site.ask("/map?party=MA&format=svg")
    assert "Parties: Morocco" in answer.text
    assert "12 March 2026" in answer.text
    assert "<a " not in answer.text
    assert site.ask("/map?format=png").body.startswith(b"\x89PNG")
    assert "format=png" in site.ask("/map").text


def test_a_picture_of_the_map_says_what_its_shades_mean(site: Site) -> None:
    drawn = site.ask("/map?format=svg").text
    assert [f"from {least}" in drawn for least in SHADES] == [True] * len(SHADES)


def test_a_picture_of_a_filter_shows_its_part_of_the_world(site: Site) -> None:
    boxes = [
        re.findall(r'viewBox="(-[^"]+)"', site.ask(f"/map?{query}format=svg").text)
        for query in ("", "party=MA&")
    ]
    assert boxes[0] == [BOX]
    left, top, width, height = map(int, boxes[1][0].split())
    assert width < 1000
    x, y = place_of("MA") or (0, 0)
    assert left < x < left + width
    assert top < y < top + height


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
