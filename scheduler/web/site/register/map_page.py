"""A map of the world on which states are shaded by how many agreements of a selection they have.

The outlines are in world.json, which names its origin and licence (`benchmarks.make_world`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.views.columns import Column, Row, Table
from scheduler.web.site.addresses import query_in
from scheduler.web.site.cache import columns_of
from scheduler.web.site.download import about_file, download, download_links, wanted_form
from scheduler.web.site.filters.controls import form_of
from scheduler.web.site.filters.periods import agreements_over_time
from scheduler.web.site.rendering import page, served_by, words_for
from storage.search import counts as search_counts

router = APIRouter(include_in_schema=False)

PATH = "/map"
_ALL_PARTIES = 1000
MAP = Table[Row](
    "map",
    (
        Column("party", "string", itemgetter("party"), required=True),
        Column("name", "string", itemgetter("name")),
        Column("agreements", "integer", itemgetter("agreements"), required=True),
    ),
)
WORLD = Path(__file__).with_name("world.json")
# The least agreements of each shade: doubling, since few states have many.
SHADES = (1, 2, 4, 8, 16)
BOX = "-1000 -490 2000 880"  # what the outlines fill, without Antarctica


@router.get(PATH)
def world(request: Request) -> Response:
    """Which states have agreements, of a selection of the register."""
    selection, words = query_in(request), words_for(request)
    served, form = served_by(request), wanted_form(request)
    with served.database.read() as s:
        columns = columns_of(served, s)
        has = search_counts.agreement_overview(s, selection.filter, _ALL_PARTIES, columns)
        parties = has.facets[0].counts
        if form is not None:
            rows = [
                {"party": code, "name": words.party(code), "agreements": n} for code, n in parties
            ]
            return download(form, about_file(request, "map", selection.parameters), MAP, rows)
        return page(
            request,
            s,
            "register/map.html.j2",
            **form_of(request, selection, PATH),
            over_time=agreements_over_time(
                served,
                s,
                selection,
                words,
                lambda since, until: selection.address(PATH, since=since, until=until),
            ),
            drawn=world_map(dict(parties)),
            shades=[(number, least) for number, least in enumerate(SHADES, 1)],
            parties={
                code: {
                    "name": words.party(code),
                    "agreements": n,
                    "address": selection.narrowed("/", "party", code),
                }
                for code, n in parties
            },
            total=has.total,
            downloads=download_links(lambda form: selection.address(PATH, format=form)),
        )


def world_map(agreements: Mapping[str, int]) -> dict[str, Any]:
    """The map for so many agreements by party code: `empty` is one path of all land that has none,
    `shapes` has (code, path, place, shade) of each state, a place where it is too small for a path,
    and `beyond` the parties without a place on the map, such as EU.
    """
    outlines, dots = _world()["outlines"], _world()["dots"]
    shapes = [
        (code, outlines.get(code, ""), dots.get(code), shade_of(n))
        for code, n in agreements.items()
        if code in outlines or code in dots
    ]
    drawn = {code for code, *_ in shapes}
    rest = "".join(path for code, path in outlines.items() if code not in drawn)
    beyond = [code for code in agreements if code not in drawn]
    return {"empty": rest + _world()["unclaimed"], "shapes": shapes, "beyond": beyond, "box": BOX}


def shade_of(agreements: int) -> int:
    return sum(agreements >= least for least in SHADES)


@cache
def _world() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    return found
