"""A corridor: all agreements of two parties, on a timeline; and the map of who has agreements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.party_names import corridor_fault
from scheduler.configuration.query import Query
from scheduler.views.agreements import AGREEMENTS
from scheduler.views.columns import Column, Row, Table
from scheduler.views.entry import entry_line, stage_of, status_name
from scheduler.views.words.labels import Labels
from scheduler.views.words.names import name_of, name_parts
from scheduler.views.words.page import words_of
from scheduler.web.site.addresses import NotHere, language_for, query_in, tidied
from scheduler.web.site.cache import columns_of
from scheduler.web.site.download import (
    LIST_FORMS,
    Form,
    about_file,
    all_agreements,
    attached,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.filters.controls import chosen, controls_of
from scheduler.web.site.filters.periods import agreements_over_time
from scheduler.web.site.installation import source_names
from scheduler.web.site.register.world_map import SHADES, geojson, world_map
from scheduler.web.site.rendering import page, served_by
from storage import queries
from storage.database.session import Session
from storage.filter import Filter, Known
from storage.records import TextState
from storage.register.given_names import given_names
from storage.register.records import Agreement
from storage.search import counts as search_counts

router = APIRouter(include_in_schema=False)

MOST = 60  # agreements of one corridor; the register pages through the others
_ALL_PARTIES = 1000
MAP_FORMS = (*LIST_FORMS, Form.GEOJSON)
MAP = Table[Row](
    "map",
    (
        Column("party", "string", itemgetter("party"), required=True),
        Column("name", "string", itemgetter("name")),
        Column("agreements", "integer", itemgetter("agreements"), required=True),
    ),
)


@router.get("/corridors/{pair}")
def corridor(request: Request, pair: str) -> Response:
    """The agreements of two parties: when each of their steps was."""
    if corridor_fault(pair.upper()):
        raise NotHere
    if pair != pair.upper():
        root = request.scope.get("root_path", "")
        return RedirectResponse(f"{root}/corridors/{pair.upper()}", 301)
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = query_in(request), wanted_form(request)
    if form is not None:
        return _file(request, pair, selection, form)
    with served_by(request).database.read() as s:
        shown = _shown(request, s, pair, selection)
        return page(request, s, "register/corridor.html.j2", pair=pair, **shown)


def _of(pair: str, selection: Query) -> Filter:
    """The filter of a selection within a corridor, which also shows what only lists know."""
    one, _, other = pair.partition("-")
    known = selection.filter.known or Known.YES
    both = (*selection.filter.parties, one, other)
    return selection.filter.but(parties=tuple(dict.fromkeys(both)), known=known)


def _file(request: Request, pair: str, selection: Query, form: Form) -> Response:
    about = about_file(request, "corridor", [("corridor", pair), *selection.parameters])
    served, language = served_by(request), language_for(request)
    found = all_agreements(served.database, _of(pair, selection), language)
    return download(form, about, AGREEMENTS, found)


def _shown(request: Request, s: Session, pair: str, selection: Query) -> dict[str, Any]:
    words, flt = words_of(language_for(request)), _of(pair, selection)
    one, _, other = pair.partition("-")
    path = f"/corridors/{pair}"
    found = queries.agreements(s, flt, MOST)
    names = given_names(s, [each.id for each in found])
    has = search_counts.agreement_overview(s, flt, columns=columns_of(served_by(request), s))
    texts = next(one for one in has.facets if one.name == "text")
    lives = [_life(each, names.get(each.id), words) for each in found]
    return {
        "parties": [(code, words.party(code)) for code in (one, other)],
        "total": has.total,
        "with_text": sum(n for value, n in texts.counts if value == TextState.PUBLISHED),
        "lines": [entry_line(each, names.get(each.id), words) for each in found],
        "selection": selection,
        "path": path,
        "chosen": chosen(selection, {}, words, path),
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "downloads": download_links(lambda form: selection.address(path, format=form)),
        "drawing": timeline(lives, words.direction),
        "steps": _steps(found, lives, words),
    }


def _life(found: Agreement, given: str | None, words: Labels) -> Life:
    events = [
        Event(step.on, stage_of(step.status), _said(found, number, words))
        for number, step in enumerate(found.history)
        if step.on is not None
    ]
    return Life(found.id, name_of(name_parts(found, given), words), events)


def _said(found: Agreement, number: int, words: Labels) -> str:
    step = found.history[number]
    return f"{status_name(step.status, found, words)}{words.say('colon')}{words.day(step.on)}"


def _steps(found: list[Agreement], lives: list[Life], words: Labels) -> list[dict[str, Any]]:
    """The rows of the table that says what the timeline shows, the newest first."""
    rows = [
        {
            "id": agreement.id,
            "name": life.name,
            "day": step.on,
            "on": words.day(step.on) if step.on else words.say("page.undated"),
            "status": status_name(step.status, agreement, words),
            "stage": stage_of(step.status),
        }
        for agreement, life in zip(found, lives, strict=True)
        for step in agreement.history
    ]
    return sorted(rows, key=lambda row: row["day"].toordinal() if row["day"] else 0, reverse=True)


@router.get("/map")
def world(request: Request) -> Response:
    """Which states have agreements, of a selection of the register."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, words = query_in(request), words_of(language_for(request))
    form = wanted_form(request, MAP_FORMS)
    if form is not None:
        return _map_file(request, selection, form)
    with served_by(request).database.read() as s:
        columns = columns_of(served_by(request), s)
        has = search_counts.agreement_overview(s, selection.filter, _ALL_PARTIES, columns)
        parties = has.facets[0].counts
        drawn = world_map(dict(parties))
        return page(
            request,
            s,
            "register/map.html.j2",
            selection=selection,
            chosen=chosen(selection, {}, words, "/map"),
            controls=controls_of(selection, words, source_names(served_by(request))),
            over_time=agreements_over_time(
                served_by(request),
                s,
                selection,
                words,
                lambda since, until: selection.address("/map", since=since, until=until),
            ),
            drawn=drawn,
            shades=[(number, least) for number, least in enumerate(SHADES, 1)],
            parties=[_party(code, n, selection, words) for code, n in parties],
            total=has.total,
            downloads=download_links(
                lambda form: selection.address("/map", format=form), MAP_FORMS
            ),
        )


def _map_file(request: Request, selection: Query, form: Form) -> Response:
    words, about = words_of(language_for(request)), about_file(request, "map", selection.parameters)
    with served_by(request).database.read() as s:
        columns = columns_of(served_by(request), s)
        has = search_counts.agreement_overview(s, selection.filter, _ALL_PARTIES, columns)
        counts = has.facets[0].counts
    rows = [{"party": code, "name": words.party(code), "agreements": n} for code, n in counts]
    if form is Form.GEOJSON:
        return attached(form, about, [geojson(rows, about.provenance)])
    return download(form, about, MAP, rows)


def _party(code: str, agreements: int, selection: Query, words: Labels) -> dict[str, Any]:
    chosen = (*selection.parties, code)
    others = [pair for pair in selection.parameters if pair[0] != "party"]
    return {
        "code": code,
        "name": words.party(code),
        "agreements": agreements,
        "address": "/?" + urlencode([*others, *(("party", one) for one in dict.fromkeys(chosen))]),
    }


# --- agreements over years ------------------------------------------------------------------------

WIDTH, LANE, AXIS = 960, 44, 28
_MARGIN = 14
_MOST_TICKS = 12
_INTERVALS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Event:
    """A dated step. `stage` chooses shape and colour; `title` is what a pointer reads."""

    on: date
    stage: str
    title: str


@dataclass(frozen=True, slots=True)
class Life:
    """An agreement and its dated steps in order."""

    id: str
    name: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class StepMark:
    x: float
    stage: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """`y` is that of the line; it goes from `start` to `end`."""

    id: str
    name: str
    y: float
    start: float
    end: float
    marks: Sequence[StepMark]


@dataclass(frozen=True, slots=True)
class Timeline:
    width: int
    height: int
    edge: int  # where a lane's name begins
    years: Sequence[tuple[float, int]]
    lanes: Sequence[Lane]


def timeline(lives: Sequence[Life], direction: str) -> Timeline | None:
    """The drawing; None where nothing has a date. The agreement that began last is on top."""
    dated = sorted((life for life in lives if life.events), key=_begin, reverse=True)
    if not dated:
        return None
    days = [event.on for life in dated for event in life.events]
    first, last = min(days).year, max(days).year
    scale = _Scale(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal(), direction)
    lanes = [_lane(life, AXIS + LANE * row, scale) for row, life in enumerate(dated)]
    years = [(scale.x(date(year, 1, 1)), year) for year in _ticks(first, last)]
    height = AXIS + LANE * len(lanes) + 8
    return Timeline(WIDTH, height, 0 if direction == "ltr" else WIDTH, years, lanes)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: int
    last: int
    direction: str

    def x(self, on: date) -> float:
        share = (on.toordinal() - self.first) / max(1, self.last - self.first)
        x = _MARGIN + share * (WIDTH - 2 * _MARGIN)
        return round(x if self.direction == "ltr" else WIDTH - x, 1)


def _begin(life: Life) -> tuple[date, str]:
    return min(event.on for event in life.events), life.id


def _lane(life: Life, top: float, scale: _Scale) -> Lane:
    marks = [StepMark(scale.x(event.on), event.stage, event.title) for event in life.events]
    xs = [mark.x for mark in marks]
    return Lane(
        id=life.id, name=life.name, y=top + LANE - 14, start=min(xs), end=max(xs), marks=marks
    )


def _ticks(first: int, last: int) -> range:
    """The years to be named: each, or each second, fifth and so on, where there are many."""
    every = next(n for n in (*_INTERVALS, 1000) if (last - first) / n <= _MOST_TICKS)
    return range(first + -first % every, last + 1, every)
