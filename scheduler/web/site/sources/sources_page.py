"""The sources: which are alive, what came of their last look and of this week; looking at one now,
and pausing it; and how programs get the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.edit import enable_source
from scheduler.jobs.health.source_findings import changes_of_sources
from scheduler.schedule.liveness import is_alive
from scheduler.schedule.sources_due import look_soon
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, isolated, line, web_address
from scheduler.views.words.page import words_of
from scheduler.views.words.phrases import reason_in_words
from scheduler.web.site.addresses import (
    Forbidden,
    NotHere,
    error_without_secrets,
    language_for,
    without_secrets,
)
from scheduler.web.site.editing.acting import check_token
from scheduler.web.site.installation import can_write, sources_now
from scheduler.web.site.rendering import page, served_by, visitor_of
from storage.coverage import Volume, volumes
from storage.database.session import Session
from storage.documents.set_aside import all_set_aside
from storage.records import Source
from storage.sources.checks import (
    Deed,
    SourceDecision,
    add_source_decision,
    last_source_decisions,
)
from storage.sources.states import SourceState, source_states
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

LOOK, PAUSE = "/sources/look", "/sources/pause"
LONGEST_REASON = 300
DAYS, WEEK = 28, 7
_LONGEST_ERROR = 200
# Sources in trouble stand first, those that are switched off last.
_STATES = ("silent", "never", "alive", "disabled")
_SUMMED = ("polls", "failed", "new", "judged", "matched")


@router.get("/sources")
def sources(request: Request) -> Response:
    """Each source; those in trouble come first."""
    served, words = served_by(request), words_of(language_for(request))
    visitor = visitor_of(request)
    may_see = visitor.may(Role.ADMIN)  # what may be secret in addresses and errors
    with served.database.read() as s:
        now, there = served.now(), sources_now(served)
        first = (now - timedelta(days=DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
        found = volumes(s, first)
        week = [one for one in found if one.on > now.date() - timedelta(days=WEEK)]
        may_act = visitor.name is not None and may_see
        shown: dict[str, Any] = {
            "lines": _lines(request, s, there, found, may_see=may_see),
            "total": _sum(week),
            "aside": _set_aside(s, there, words, may_see=may_see),
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


# --- how each source is doing, and what it has brought --------------------------------------------


def _lines(
    request: Request,
    s: Session,
    sources: Sequence[Source],
    found: Iterable[Volume],
    *,
    may_see: bool,
) -> list[dict[str, Any]]:
    """Each source with what is known of it, its state and trouble, and its last DAYS days."""
    served, words, states = served_by(request), words_of(language_for(request)), source_states(s)
    week = served.now().date() - timedelta(days=WEEK)
    now, changes = served.now(), changes_of_sources(s, words.language)
    failing_polls = served.chosen.settings.monitor.failing_polls
    volumes_of: dict[str, list[Volume]] = {}
    for one in found:
        volumes_of.setdefault(one.source_id, []).append(one)
    lines = []
    for source in sources:
        known, days = states.get(source.id), volumes_of.get(source.id, [])
        trouble = _trouble(known, changes.get(source.id, ()), words)
        stored, polled = {one.on: one.judged for one in days}, {one.on: one.polls for one in days}
        lines.append(
            {
                "source": source,
                "known": known,
                "name": source.name or source.id,
                "url": web_address(source.url if may_see else without_secrets(source.url)),
                "state": _state(source, known, now, failing_polls),
                "trouble": trouble if may_see else error_without_secrets(trouble, source.url),
                "sums": _sum([one for one in days if one.on > week]),
                "days": sparkline(stored, polled, now.date(), words.direction),
            }
        )
    return sorted(lines, key=lambda one: (_STATES.index(one["state"]), one["name"].casefold()))


def _trouble(known: SourceState | None, changes: Sequence[str], words: Labels) -> str:
    """The last error of a source, or what has changed in one that answers; "" if all is well."""
    if known is not None and known.failures:
        return line(reason_in_words(known.last_error or "", words.language), _LONGEST_ERROR)
    return line(changes[0], _LONGEST_ERROR) if changes else ""


def _state(source: Source, known: SourceState | None, now: datetime, failing_polls: int) -> str:
    if not source.enabled:
        return "disabled"
    if known is None or known.last_poll_at is None:
        return "never"
    return "alive" if is_alive(source, known, now, failing_polls) else "silent"


def _set_aside(
    s: Session, sources: Sequence[Source], words: Labels, *, may_see: bool
) -> list[tuple[str, str, str, str]]:
    """Documents that our own code could not store: address, day, source and fault of each."""
    names = {source.id: source.name for source in sources}
    found = []
    for one in all_set_aside(s):
        url, fault = one.url, one.fault
        if not may_see:
            url, fault = without_secrets(url), error_without_secrets(fault, url)
        named = names.get(one.source_id) or one.source_id
        found.append((url, words.day(one.at.date()), named, line(fault, _LONGEST_ERROR)))
    return found


def _sum(found: Sequence[Volume]) -> Counter[str]:
    return Counter({name: sum(getattr(one, name) for one in found) for name in _SUMMED})


# --- a source's volume as small bars --------------------------------------------------------------

HEIGHT, BAR = 24, 4
_LEAST = 2  # so that a day with one document is seen beside one with hundreds


def sparkline(
    stored: Mapping[date, int], polled: Mapping[date, int], today: date, direction: str
) -> dict[str, Any]:
    """The last DAYS days as bars (x, height, kind); today stands where the reader's line ends.

    Of each day "some" documents came, or "none", or the source was "unseen".
    """
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = [stored.get(day, 0) for day in days]
    most, bars = max(counts), []
    for place, (day, n) in enumerate(zip(days, counts, strict=True)):
        x = BAR * (place if direction == "ltr" else DAYS - 1 - place)
        height = max(_LEAST, round(HEIGHT * n / most)) if n else 1
        bars.append((x, height, "some" if n else "none" if polled.get(day) else "unseen"))
    return {"width": BAR * DAYS, "bars": bars, "total": sum(counts), "most": most}
