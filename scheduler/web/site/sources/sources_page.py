"""The sources: which are alive, what came of their last look, and what was looked at this week; and
how programs get the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.edit import enable_source
from scheduler.jobs.health.source_findings import changes_of_sources
from scheduler.schedule.sources_due import look_soon
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, isolated, line
from scheduler.views.words.page import words_of
from scheduler.web.site.addresses import Forbidden, NotHere, language_for
from scheduler.web.site.editing.acting import check_token
from scheduler.web.site.installation import can_write, sources_now
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.source_views import (
    DAYS,
    Sums,
    by_day,
    by_source,
    set_aside_views,
    since_days,
    source_views,
)
from storage.coverage import Volume, languages, volumes
from storage.database.session import Session
from storage.documents.set_aside import all_set_aside
from storage.records import Source
from storage.sources.checks import (
    Deed,
    SourceDecision,
    add_source_decision,
    last_source_decisions,
)
from storage.sources.states import source_states
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

LOOK, PAUSE = "/sources/look", "/sources/pause"
LONGEST_REASON = 300


@router.get("/sources")
def sources(request: Request) -> Response:
    """Each source; those in trouble come first."""
    served, words = served_by(request), words_of(language_for(request))
    visitor = visitor_of(request)
    may_see = visitor.may(Role.ADMIN)
    with served.database.read() as s:
        states, now, all_sources = source_states(s), served.now(), sources_now(served)
        found = volumes(s, since_days(now, DAYS))
        lines = source_views(
            all_sources,
            states,
            found,
            now,
            words,
            failing_polls=served.chosen.settings.monitor.failing_polls,
            may_see=may_see,
            changes=changes_of_sources(s, words.language),
        )
        aside = set_aside_views(all_set_aside(s), all_sources, words, may_see=may_see)
        may_act = visitor.name is not None and may_see
        shown: dict[str, Any] = {
            "lines": lines,
            "aside": aside,
            "soon": _done_just_now(request),
            "may_add": may_see,
            "is_writable": can_write(served),
            "decided": _decided(s, words) if may_see else {},
            "longest": LONGEST_REASON,
            "token": visitor.form_token(LOOK) if may_act else "",
            "pausing": visitor.form_token(PAUSE) if may_act and can_write(served) else "",
        }
        return page(request, s, "sources/sources.html.j2", **shown)


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
    wanted = _source(request, source)
    if not wanted.enabled:
        raise NotHere
    with served.database.begin() as s:
        look_soon(s, wanted, served.now())
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/sources?{urlencode({'soon': wanted.id})}", 303)


@router.post(PAUSE)
def pause(
    request: Request,
    source: str = Form("", max_length=200),
    deed: str = Form("", max_length=10),
    why: str = Form("", max_length=LONGEST_REASON),
    token: str = Form("", max_length=64),
) -> Response:
    """Switch a source off or on in the configuration, and keep who did so and why."""
    served, who = served_by(request), check_token(request, PAUSE, token)
    wanted = _source(request, source)
    if deed not in (Deed.PAUSED, Deed.RESUMED):
        raise NotHere
    with served.database.begin() as s:  # a file that cannot be changed takes the decision back
        reason = clean(why)[:LONGEST_REASON]
        add_source_decision(s, SourceDecision(wanted.id, Deed(deed), who, reason, served.now()))
        enable_source(served.chosen.path, wanted.id, deed == Deed.RESUMED)
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/sources?{urlencode({deed: wanted.id})}", 303)


def _source(request: Request, source_id: str) -> Source:
    found = next((one for one in sources_now(served_by(request)) if one.id == source_id), None)
    if found is None:
        raise NotHere
    return found


def _decided(s: Session, words: Labels) -> dict[str, tuple[str, str]]:
    """The last decision about each source: a sentence, and the reason."""

    def said(one: SourceDecision) -> str:
        who = isolated(line(one.who, 64), words.direction)
        return words.say(f"page.trials.deeds.{one.deed}", who=who, day=words.day(one.at.date()))

    return {key: (said(one), one.why) for key, one in last_source_decisions(s).items()}


_DONE = {
    "soon": "look.soon",
    "added": "trials.added",
    "paused": "trials.paused_now",
    "resumed": "trials.resumed_now",
}


def _done_just_now(request: Request) -> str:
    """What is said of the source that the address names as just made due, added, paused or resumed;
    "" of none.
    """
    words, served = words_of(language_for(request)), served_by(request)
    asked = next(
        ((key, request.query_params[key]) for key in _DONE if key in request.query_params), None
    )
    if asked is None:
        return ""
    named = next((one.name or one.id for one in sources_now(served) if one.id == asked[1]), None)
    if named is None:
        return ""
    source = isolated(line(named, 120), words.direction)
    return words.say(f"page.{_DONE[asked[0]]}", source=source)


@router.get("/data")
def data(request: Request) -> Response:
    """How programs get what the page shows."""
    with served_by(request).database.read() as s:
        return page(request, s, "sources/data.html.j2")


WEEK = 7


@router.get("/coverage")
def coverage(request: Request) -> Response:
    """The last week: all days together, or the one that the address names."""
    served, words = served_by(request), words_of(language_for(request))
    now = served.now()
    may_see = visitor_of(request).may(Role.ADMIN)
    with served.database.read() as s:
        found = volumes(s, since_days(now, DAYS))
        since = since_days(now, WEEK)
        week = [one for one in found if one.on >= since.date()]
        days = by_day(week)
        chosen = _chosen_day(request.query_params.get("day", ""), days)
        shown = [one for one in week if chosen is None or one.on == chosen]
        lines = source_views(
            sources_now(served),
            source_states(s),
            found,
            now,
            words,
            failing_polls=served.chosen.settings.monitor.failing_polls,
            may_see=may_see,
        )
        return page(
            request,
            s,
            "sources/coverage.html.j2",
            total=sum(days.values(), Sums()),
            lines=[line for line in lines if line.state != "disabled"],
            by_source=by_source(shown),
            nothing=Sums(),
            days=[(on, words.day(on), days[on]) for on in sorted(days, reverse=True)],
            chosen=chosen,
            chosen_said=words.day(chosen) if chosen else "",
            countries=_by_country(sources_now(served), week, words),
            by_language=[(words.language_name(code), *n) for code, *n in languages(s, since)],
        )


def _chosen_day(written: str, there: Iterable[date]) -> date | None:
    """The day that was asked for, if it is one of those that there are."""
    return next((on for on in there if on.isoformat() == written), None)


def _by_country(
    sources: Sequence[Source], week: Sequence[Volume], words: Labels
) -> list[tuple[str, int, Sums]]:
    """Each country of enabled sources: its name, how many sources, and what came of them."""
    sums_of = by_source(week)
    counted: dict[str, tuple[int, Sums]] = {}
    for source in sources:
        if source.enabled:
            code = (source.country or "").upper()
            number, sums = counted.get(code, (0, Sums()))
            counted[code] = (number + 1, sums + sums_of.get(source.id, Sums()))
    named = [
        (words.party(code) if code else words.say("page.coverage.no_country"), *found)
        for code, found in counted.items()
    ]
    return sorted(named, key=lambda one: (-one[2].matched, -one[2].judged, one[0]))
