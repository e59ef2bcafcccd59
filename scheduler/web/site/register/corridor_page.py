"""A corridor: all agreements of two parties, on a timeline; and the map of who has agreements."""

from __future__ import annotations

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
from scheduler.web.site.download.forms import (
    LIST_FORMS,
    Form,
    about_file,
    attached,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.download.rows import all_agreements
from scheduler.web.site.drawing.geojson import geojson
from scheduler.web.site.drawing.timeline import Event, Life, timeline
from scheduler.web.site.drawing.world import SHADES, world_map
from scheduler.web.site.filters.addresses import NotHere, language_for, query_in, tidied
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.filters.periods import agreements_over_time
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.search.choices import chosen
from scheduler.web.site.search.counted import columns_of
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
