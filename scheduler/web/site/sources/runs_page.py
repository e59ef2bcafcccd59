"""The runs: when each took place, what it brought, and its problems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.web.site.access.own_addresses import error_without_secrets
from scheduler.web.site.language import language_for
from scheduler.web.site.numbers import row_number
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.sources.current import sources_now
from scheduler.web.site.sources.run_views import run_line, source_lines, state_of
from scheduler.words.page import words_of
from storage.access.records import Role
from storage.database.session import Session
from storage.sources.runs import find_run, last_runs
from storage.sources.states import source_states
from storage.workers.hosts import runs_at_hosts
from storage.workers.queue import has_queue

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/runs")
def runs(request: Request) -> Response:
    """The last runs, the newest first."""
    served, words = served_by(request), words_of(language_for(request))
    after = row_number(request.query_params.get("after", ""))
    with served.database.read() as s:
        found = last_runs(s, PAGE + 1, after)
        newest, alive_at, now = _newest(s), _last_sign_of_life(s), served.now()
        shown, at_hosts = found[:PAGE], runs_at_hosts(s, now)
        states = [state_of(one, newest, alive_at, now, at_hosts) for one in shown]
        pairs = zip(shown, states, strict=True)
        lines = [run_line(one, state, now, words) for one, state in pairs]
        older = f"?after={shown[-1].id}" if found[PAGE:] else None
        return page(
            request,
            s,
            "sources/runs.html.j2",
            lines=lines,
            older=older,
            is_first=after is None,
            has_queue=has_queue(s),
        )


@router.get("/runs/{number}")
def run(request: Request, number: str) -> Response:
    """One run, source by source, with its problems."""
    served, words = served_by(request), words_of(language_for(request))
    run_id = row_number(number)
    with served.database.read() as s:
        found = find_run(s, run_id) if run_id else None
        if found is None:
            raise NotHere
        now = served.now()
        life = _last_sign_of_life(s)
        state = state_of(found, _newest(s), life, now, runs_at_hosts(s, now))
        names = {one.id: one.name for one in sources_now(served)}
        return page(
            request,
            s,
            "sources/run.html.j2",
            run=run_line(found, state, now, words),
            sources=source_lines(found, names, words, _told_to(request)),
        )


def _told_to(request: Request) -> Callable[[str, str], str]:
    """What who asks may see of a source's problem: keys in addresses are for admins."""
    if visitor_of(request).may(Role.ADMIN):
        return lambda _, problem: problem
    urls = {one.id: one.url for one in sources_now(served_by(request))}
    return lambda source, problem: error_without_secrets(problem, urls.get(source, ""))


def _newest(s: Session) -> int:
    return next((one.id for one in last_runs(s, 1)), 0)


def _last_sign_of_life(s: Session) -> datetime | None:
    """When something was last recorded that only a run records."""
    polled = (state.last_poll_at for state in source_states(s).values())
    return max(filter(None, polled), default=None)
