"""The sources: which are alive, and what came of their last look; and how programs get the data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.digest.labels import Labels
from scheduler.digest.lines import line, web_address
from scheduler.schedule.liveness import is_alive
from scheduler.web.site.access.addresses import error_without_secrets, without_secrets
from scheduler.web.site.pages.rendering import page, served_by, visitor_of
from scheduler.web.site.words import language_for, words_of
from storage.access.records import Role
from storage.records import Source
from storage.sources.states import SourceState, source_states

router = APIRouter(include_in_schema=False)


@router.get("/sources")
def sources(request: Request) -> Response:
    """Each source; those in trouble come first."""
    served, words = served_by(request), words_of(language_for(request))
    may_see = visitor_of(request).may(Role.ADMIN)
    with served.database.read() as s:
        states, now = source_states(s), served.now()
        lines = [
            _line(one, states.get(one.id), is_alive(one, states.get(one.id), now), words, may_see)
            for one in served.chosen.sources
        ]
        lines.sort(key=lambda one: (one["state"] != "silent", str(one["name"]).casefold()))
        return page(request, s, "sources.html.j2", lines=lines)


def _line(
    source: Source, state: SourceState | None, alive: bool, words: Labels, may_see: bool
) -> dict[str, Any]:
    """`may_see`: whether addresses and errors are shown with what may be secret in them."""
    polled = state is not None and state.last_poll_at is not None
    known = state or SourceState(source.id)
    trouble = known.last_error or ""
    if not may_see:
        trouble = error_without_secrets(trouble, source.url)
    stands = "disabled" if not source.enabled else "alive" if alive else "silent"
    return {
        "name": source.name or source.id,
        "id": source.id,
        "url": web_address(source.url if may_see else without_secrets(source.url)),
        "kind": source.kind,
        "country": words.party(source.country.upper()) if source.country else "",
        "language": words.language_name(source.language) if source.language else "",
        "state": stands if polled or stands == "disabled" else "never",
        "last_look": words.day(known.last_poll_at.date()) if known.last_poll_at else "",
        "last_success": words.day(known.last_success_at.date()) if known.last_success_at else "",
        "offered": known.last_offered,
        "new": known.last_new,
        "trouble": line(trouble, 200) if known.failures else "",
    }


@router.get("/data")
def data(request: Request) -> Response:
    """How programs get what the page shows."""
    with served_by(request).database.read() as s:
        return page(request, s, "data.html.j2")
