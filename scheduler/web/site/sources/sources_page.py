"""The sources: which are alive, and what came of their last look; and how programs get the data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.health.source_findings import changes_of_sources
from scheduler.schedule.sources_due import look_soon
from scheduler.web.site.drawing.sparkline import DAYS
from scheduler.web.site.editing.acting import check_token
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.source_views import (
    set_aside_views,
    since_days,
    source_views,
)
from scheduler.words.lines import isolated, line
from scheduler.words.page import words_of
from storage.access.records import Role
from storage.coverage import volumes
from storage.documents.set_aside import all_set_aside
from storage.sources.states import source_states

router = APIRouter(include_in_schema=False)

LOOK = "/sources/look"


@router.get("/sources")
def sources(request: Request) -> Response:
    """Each source; those in trouble come first."""
    served, words = served_by(request), words_of(language_for(request))
    visitor = visitor_of(request)
    may_see = visitor.may(Role.ADMIN)
    with served.database.read() as s:
        states, now = source_states(s), served.now()
        found = volumes(s, since_days(now, DAYS))
        lines = source_views(
            served.chosen.sources,
            states,
            found,
            now,
            words,
            may_see=may_see,
            changes=changes_of_sources(s, words.language),
        )
        aside = set_aside_views(all_set_aside(s), served.chosen.sources, words, may_see=may_see)
        shown: dict[str, Any] = {
            "lines": lines,
            "days": DAYS,
            "aside": aside,
            "soon": _soon(request),
        }
        token = visitor.form_token(LOOK) if visitor.name is not None and may_see else ""
        return page(request, s, "sources/sources.html.j2", **shown, token=token)


@router.post(LOOK)
def look(
    request: Request,
    source: str = Form("", max_length=200),
    token: str = Form("", max_length=64),
) -> Response:
    """Make a source due at once. The daemon looks at it soon, or the next run does."""
    served = served_by(request)
    check_token(request, LOOK, token)
    if not visitor_of(request).may(Role.ADMIN):
        raise Forbidden
    wanted = next((one for one in served.chosen.sources if one.id == source and one.enabled), None)
    if wanted is None:
        raise NotHere
    with served.database.begin() as s:
        look_soon(s, wanted, served.now())
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/sources?{urlencode({'soon': wanted.id})}", 303)


def _soon(request: Request) -> str:
    """What is said of the source that was made due a moment ago; "" of none."""
    words, asked = words_of(language_for(request)), request.query_params.get("soon")
    served = served_by(request)
    named = next((one.name or one.id for one in served.chosen.sources if one.id == asked), None)
    if asked is None or named is None:
        return ""
    return words.say("page.look.soon", source=isolated(line(named, 120), words.direction))


@router.get("/data")
def data(request: Request) -> Response:
    """How programs get what the page shows."""
    with served_by(request).database.read() as s:
        return page(request, s, "sources/data.html.j2")
