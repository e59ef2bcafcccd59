"""The sources: which are alive, and what came of their last look; and how programs get the data."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.health.source_findings import changes_of_sources
from scheduler.web.site.drawing.sparkline import DAYS
from scheduler.web.site.language import language_for
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.source_views import (
    set_aside_views,
    since_days,
    source_views,
)
from scheduler.words.page import words_of
from storage.access.records import Role
from storage.coverage import volumes
from storage.documents.set_aside import all_set_aside
from storage.sources.states import source_states

router = APIRouter(include_in_schema=False)


@router.get("/sources")
def sources(request: Request) -> Response:
    """Each source; those in trouble come first."""
    served, words = served_by(request), words_of(language_for(request))
    may_see = visitor_of(request).may(Role.ADMIN)
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
        return page(request, s, "sources/sources.html.j2", lines=lines, days=DAYS, aside=aside)


@router.get("/data")
def data(request: Request) -> Response:
    """How programs get what the page shows."""
    with served_by(request).database.read() as s:
        return page(request, s, "sources/data.html.j2")
