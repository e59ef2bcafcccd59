"""Who has agreements with whom: a map of the world on which states are shaded by how many they
have; timelines: of a corridor, all agreements of two parties, and of any selection; and how
complete the register is for a state.

The outlines are in world.json, which names its origin and licence (`benchmarks.make_world`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from starlette.responses import Response

from scheduler.configuration.party_names import corridor_fault
from scheduler.configuration.query import Query, read_query
from scheduler.searching.states import (
    coverage_of,
    facts_of,
    no_party_in_words,
    state_meant,
    watched_in_words,
)
from scheduler.views.agreements import AGREEMENTS
from scheduler.views.columns import Column, Row, Table
from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.names import joined_parties
from scheduler.web.site.addresses import Moved, NotHere
from scheduler.web.site.context import Context, InContext
from scheduler.web.site.counting.charts import SVG, Picture, element
from scheduler.web.site.counting.count_page import picture_file
from scheduler.web.site.download import LIST_FORMS, Form, all_agreements, download, wanted_form
from scheduler.web.site.gate import READER
from scheduler.web.site.installation import sources_now
from scheduler.web.site.pages.news_pages import feed_of, unless_known
from scheduler.web.site.parameters import Selection
from scheduler.web.site.selection import (
    agreements_over_time,
    columns_of,
    counted,
    form_of,
    left_out,
)
from storage.counting import By, Counting
from storage.database.session import Session
from storage.filter import BY_DAY, Filter, Known
from storage.lists import queries
from storage.records import TextState
from storage.search import counts as search_counts
from storage.search.pivot import TooManyCells

router, feeds = APIRouter(include_in_schema=False), APIRouter(include_in_schema=False)

MAP_PATH = "/map"
_FORMS = (*LIST_FORMS, Form.SVG, Form.PNG)
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
# Of the width of the whole map: the least that a picture shows, and what it shows around parties.
_LEAST_SHARE, _EDGE = 0.3, 0.03
# The height of names where the whole map is 1,100 pixels wide, and where it is 360; the mean width
# of a letter is this part of it.
_SIZES = {"only-wide": 22, "unseen-wide": 56}  # as in chart.css
_LETTER = 0.6
# Regional bodies have places of their own, the EU at Brussels, others in a sea beside members;
# worldwide ones have none.
BODIES = {
    **{"EU": (21, -352), "COE": (-102, -392), "NORDIC": (-16, -434), "BENELUX": (-39, -384)},
    **{"UMA": (-107, -246), "CENSAD": (-160, -170), "AES": (-146, -134), "UEMOA": (-148, -93)},
    **{"ECOWAS": (-122, -52), "CEMAC": (6, 15), "ECCAS": (22, 60), "AUC": (-77, 60)},
    **{"GCC": (325, -141), "LAS": (340, -97), "IGAD": (316, -45), "EAC": (294, 30)},
    **{"SADC": (243, 226), "MERCOSUR": (-195, 240), "CAN": (-496, 75), "CARICOM": (-315, -134)},
    **{"OECS": (-297, -89), "SICA": (-536, -60), "OAS": (-288, -233), "ASEAN": (637, -97)},
    **{"PIF": (962, 112)},
}
MOST_CORRIDORS = 40  # lines on the map, those with most agreements


@router.get(MAP_PATH, dependencies=[READER])
def world(context: InContext, selection: Selection, format: str = "") -> Response:
    """Who has agreements, of a selection of the register, and who with whom."""
    words, form = context.words, wanted_form(format, _FORMS)
    with context.read() as s:
        columns = columns_of(context, s)
        listed = queries.as_listed(s, selection)
        flt = listed.filter
        total, has = search_counts.agreement_overview(s, flt, _ALL_PARTIES, columns)
        parties = has["party"]
        pairs = _pairs(context, s, listed) if form in (None, Form.SVG, Form.PNG) else []
        if form in LIST_FORMS:
            rows = [
                {"party": code, "name": words.party(code), "agreements": n} for code, n in parties
            ]
            return download(context, form, MAP, listed.parameters, rows)
        root = context.root
        svg = world_map(dict(parties), pairs, listed, words, root)
        if form is not None:
            box = _box_of(code for code, _ in parties) if selection.parameters else BOX
            svg.set("viewBox", box)
            label(svg, dict(parties), words, box)
            shades = {
                f"shade-{number}": words.say("from {n}", n=words.number(least))
                for number, least in enumerate(SHADES, 1)
            }
            picture = Picture("map", words.say("Map"), svg, shades, MAP_PATH)
            return picture_file(context, form, picture, listed)
        for kind in _SIZES:
            label(svg, dict(parties), words, BOX, kind)
        return context.page(
            s,
            "register/map.html.j2",
            **form_of(context, selection, MAP_PATH, forms=_FORMS),
            over_time=agreements_over_time(context, s, listed, MAP_PATH),
            listed=listed,
            svg=etree.tostring(svg, encoding="unicode"),
            shades=SHADES,
            parties=parties,
            corridors=pairs,
            beyond=[code for code, _ in parties if place_of(code) is None],
            total=total,
            **left_out(s, selection, MAP_PATH),
        )


def _pairs(context: Context, s: Session, selection: Query) -> list[tuple[str, str, int]]:
    """The corridors with most agreements of a selection."""
    try:
        pivot = counted(context, s, selection, Counting(By.CORRIDOR))
    except TooManyCells:
        return []
    most = sorted(pivot.rows, key=lambda pair: (-pivot.at(pair).number, pair))[:MOST_CORRIDORS]
    return [(*pair.split("-", 1), pivot.at(pair).number) for pair in most]  # type: ignore[misc]  # two


def world_map(
    agreements: Mapping[str, int],
    pairs: Sequence[tuple[str, str, int]],
    selection: Query,
    words: Labels,
    root: str = "",
) -> Any:
    """The map: states shaded by how many agreements they have, those too small for an outline and
    regional bodies as dots, and lines between the parties of the corridors. The lists below it say
    the same: it is for eyes and pointers.
    """
    outlines, svg = _world()["outlines"], etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    about = {"class": "chart world", "viewBox": BOX, "width": "2000", "height": "880"}
    for name, value in (*about.items(), ("aria-hidden", "true"), ("focusable", "false")):
        svg.set(name, value)
    rest = "".join(path for code, path in outlines.items() if code not in agreements)
    element(svg, "path", d=rest + _world()["unclaimed"], **{"class": "land"})

    def link(address: str, name: str, number: int, shape: str, **attributes: object) -> Any:
        inner = element(svg, "a", href=root + address, tabindex="-1")
        count = words.count_of("page.agreements", number)
        element(inner, "title", f"{name}{words.say(': ')}{count}")
        element(inner, shape, "", **attributes)
        return inner

    def party(code: str, shape: str, **attributes: object) -> Any:
        address, number = selection.narrowed("/", "party", code), agreements[code]
        attributes["class"] = f"state shade-{shade_of(number)}"
        return link(address, words.party(code), number, shape, **attributes)

    for code in sorted(agreements.keys() & outlines.keys()):  # the same bytes each time
        party(code, "path", d=outlines[code])
    for start, other, n in reversed(pairs):
        first, last = place_of(start), place_of(other)
        if first is not None and last is not None:
            (x1, y1), (x2, y2) = first, last
            # It bends upwards, so that lines between neighbours are seen, too.
            bend = f"{(x1 + x2) // 2},{(y1 + y2) // 2 - abs(x2 - x1) // 6 - 12}"
            line = {"d": f"M{x1},{y1}Q{bend} {x2},{y2}", "class": "corridor"}
            line["stroke-width"] = f"{1.5 + 4.5 * n / pairs[0][2]:.1f}"
            name = f"{words.short_party(start)} – {words.short_party(other)}"
            link(f"/corridors/{start}-{other}", name, n, "path", **line)
    for code in sorted(agreements.keys() - outlines.keys()):
        if (place := place_of(code)) is not None:
            x, y = place
            party(code, "circle", cx=x, cy=y, r=9 if code in BODIES else 7)
    return svg


def label(svg: Any, agreements: Mapping[str, int], words: Labels, box: str, kind: str = "") -> None:
    """Name as many parties as have room in a box, those with most agreements first. `kind` is the
    class of the names on the page, whose style has their size; a file has a size that fits its box.
    """
    left, top, wide, high = map(int, box.split())
    size = _SIZES.get(kind, _SIZES["only-wide"] * wide // 2000)
    names = element(svg, "g", "", **({"class": kind} if kind else {"font-size": size}))
    taken = [(x - 9, y - 9, x + 9, y + 9) for code in agreements for x, y in _dot(code)]
    for code in sorted(agreements, key=lambda code: (-agreements[code], code)):
        place, name = place_of(code), words.short_party(code)
        half = round(len(name) * size * _LETTER / 2)
        shifts = (size + 10, -10 - size // 4) if _dot(code) else (size // 3, size)
        for x, y in [(place[0], place[1] + shift) for shift in shifts] if place else []:
            room = (x - half, y - size, x + half, y + size // 4)
            is_within = left <= room[0] and room[2] <= left + wide and top <= room[1]
            if is_within and room[3] <= top + high and not any(_meet(room, one) for one in taken):
                taken.append(room)
                element(names, "text", name, x=x, y=y, **{"class": "place centered"})
                break


def _dot(code: str) -> list[tuple[int, int]]:
    """The place of a party that is drawn as a dot."""
    place = None if code in _world()["outlines"] else place_of(code)
    return [place] if place else []


def _meet(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two boxes of left, top, right and bottom overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@cache
def place_of(code: str) -> tuple[int, int] | None:
    """Where a line to a party ends: its dot, else the middle of its largest outline."""
    if code in BODIES:
        return BODIES[code]
    if code in _world()["dots"]:
        x, y = _world()["dots"][code]
        return x, y
    extent = _extent(code)
    return None if extent is None else (sum(extent[::2]) // 2, sum(extent[1::2]) // 2)


@cache
def _extent(code: str) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the largest outline of a state; None without one."""
    path = _world()["outlines"].get(code)
    if path is None:
        return None
    # A ring of whole numbers: absolute where it begins, else relative.
    ring = max(path.split("M")[1:], key=len)
    numbers = [int(one) for one in re.findall(r"-?\d+", ring)]
    xs, ys = list(accumulate(numbers[::2])), list(accumulate(numbers[1::2]))
    return min(xs), min(ys), max(xs), max(ys)


def _box_of(codes: Iterable[str]) -> str:
    """The part of the map that holds these parties, in the form of `BOX`: of the same shape, within
    it, and not so small that lines and names become huge.
    """
    left, top, wide, high = map(int, BOX.split())
    dots = {code: place for code in codes if (place := place_of(code)) is not None}
    extents = [_extent(code) or (*dot, *dot) for code, dot in dots.items()]
    if not extents:
        return BOX
    lefts, tops, rights, bottoms = zip(*extents, strict=True)
    share = max(
        _LEAST_SHARE,
        (max(rights) - min(lefts)) / wide + 2 * _EDGE,
        (max(bottoms) - min(tops)) / high + 2 * _EDGE,
    )
    width, height = round(wide * min(1, share)), round(high * min(1, share))
    x = (min(lefts) + max(rights) - width) // 2
    y = (min(tops) + max(bottoms) - height) // 2
    x, y = min(max(x, left), left + wide - width), min(max(y, top), top + high - height)
    return f"{x} {y} {width} {height}"


def shade_of(agreements: int) -> int:
    return sum(agreements >= least for least in SHADES)


@cache
def _world() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    return found


# --- a corridor -----------------------------------------------------------------------------------

MOST = 60  # agreements of a timeline; the register pages through the others


class Party(NamedTuple):
    code: str
    name: str


async def _pair(context: InContext, pair: str) -> str:
    """Raises Moved for names and small letters, or QueryError that says what may be meant; before
    anything else of the address is read.
    """
    meant = pair.upper()
    if corridor_fault(meant):
        meant = next(iter(read_query([("corridor", pair)]).corridors), "")
    if not meant:
        raise NotHere
    if pair != meant:
        raise Moved(f"{context.root}/corridors/{meant}")
    return pair


Pair = Annotated[str, Depends(_pair)]


@router.get("/corridors/{pair}", dependencies=[READER])
def corridor(context: InContext, pair: Pair, selection: Selection, format: str = "") -> Response:
    """The agreements of two parties: when each of their steps was."""
    form = wanted_form(format)
    if form is not None:
        filters = [("corridor", pair), *selection.parameters]
        entries = all_agreements(context.served.database, _of(pair, selection), context.language)
        return download(context, form, AGREEMENTS, filters, entries)
    with context.read() as s:
        shown = _lives(context, s, selection, _of(pair, selection), f"/corridors/{pair}")
        parties = [Party(code, context.words.party(code)) for code in pair.split("-")]
        return context.page(s, "register/corridor.html.j2", pair=pair, parties=parties, **shown)


@router.get("/states/{party}", dependencies=[READER])
def state(context: InContext, party: str) -> Response:
    """How complete the register is for a state or body. QueryError says what may be meant."""
    words, code = context.words, state_meant(party)
    if code != party:
        raise Moved(f"{context.root}/states/{code}")
    with context.read() as s:
        coverage = coverage_of(s, code, sources_now(context.served), context.now(), words)
        return context.page(
            s,
            "register/state.html.j2",
            state=coverage,
            name=words.party(code),
            facts=facts_of(coverage, words),
            no_party=no_party_in_words(coverage, words),
            watched=watched_in_words(coverage, words),
        )


@feeds.get("/corridors/{pair}/feed.atom", dependencies=[READER])
def corridor_feed(context: InContext, pair: Pair, selection: Selection) -> Response:
    words, flt = context.words, _of(pair, selection)
    title = f"Accordwatch: {joined_parties(pair.split('-'), words)}"
    path = f"/corridors/{pair}"
    return unless_known(context, lambda: feed_of(context, flt, title, path))


@router.get("/timeline", dependencies=[READER])
def timeline_of(context: InContext, selection: Selection, format: str = "") -> Response:
    form = wanted_form(format)
    with context.read() as s:
        listed = queries.as_listed(s, selection)
        if form is None:
            shown = _lives(context, s, selection, listed.filter, "/timeline")
            left = left_out(s, selection, "/timeline")
            return context.page(s, "register/timeline.html.j2", **shown, **left)
    entries = all_agreements(context.served.database, listed.filter, context.language, BY_DAY)
    return download(context, form, AGREEMENTS, listed.parameters, entries)


def _of(pair: str, selection: Query) -> Filter:
    """The filter of a selection within a corridor, which also shows what only lists know."""
    one, _, other = pair.partition("-")
    known = selection.filter.known or Known.YES
    both = (*selection.filter.parties, one, other)
    return selection.filter.but(parties=tuple(dict.fromkeys(both)), known=known)


def _lives(
    context: Context, s: Session, selection: Query, flt: Filter, path: str
) -> dict[str, Any]:
    """The agreements of a filter over years, those with the latest step first."""
    words = context.words
    agreements = queries.agreements(s, flt, MOST, order=BY_DAY)
    total, has = search_counts.agreement_overview(s, flt, columns=columns_of(context, s))
    entries = named_entries(s, agreements, words.language)
    steps = [(entry, step) for entry in entries for step in entry.agreement.history]
    steps.sort(key=lambda one: one[1].on.toordinal() if one[1].on else 0, reverse=True)
    return {
        "total": total,
        "with_text": sum(n for value, n in has["text"] if value == TextState.PUBLISHED),
        "lines": entries,
        "path": path,
        **form_of(context, selection, path),
        "drawing": timeline(entries, words.direction),
        "steps": steps,
    }


# --- agreements over years ------------------------------------------------------------------------

WIDTH, _MARGIN = 100, 2  # percent of the page's width
_MOST_TICKS = 12
_INTERVALS = (1, 2, 5, 10, 20, 50, 100, 1000)  # years


def timeline(entries: Iterable[Entry], direction: str) -> dict[str, Any] | None:
    """The drawing: `years` at their x, and a lane for each agreement with its dated steps; None
    where nothing has a date. The agreement that began last is on top.
    """
    dated = []
    for entry in entries:
        steps = [(step.on, step) for step in entry.agreement.history if step.on is not None]
        if steps:
            dated.append((min(on for on, _ in steps), entry.agreement.id, entry, steps))
    if not dated:
        return None
    dated.sort(key=lambda life: life[:2], reverse=True)
    days = [on for *_, steps in dated for on, _ in steps]
    first, last = min(days).year, max(days).year
    begin, end = date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal()

    def place(on: date) -> float:
        share = (on.toordinal() - begin) / max(1, end - begin)
        x = _MARGIN + share * (WIDTH - 2 * _MARGIN)
        return round(x if direction == "ltr" else WIDTH - x, 1)

    lanes = []
    for *_, entry, steps in dated:
        marks = [(place(on), step) for on, step in steps]
        xs = [x for x, _ in marks]
        lanes.append({"entry": entry, "marks": marks, "start": min(xs), "end": max(xs)})
    # Each year is named, or each second, fifth and so on, where there are many.
    every = next(n for n in _INTERVALS if (last - first) / n <= _MOST_TICKS)
    years = range(first + -first % every, last + 1, every)
    return {
        "years": [(place(date(year, 1, 1)), year) for year in years],
        "lanes": lanes,
    }
