"""The runs, and what each brought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.jobs.crawl_process import QUIET_S
from scheduler.views.words.lines import line
from scheduler.views.words.page import ago, length, moment, words_of
from scheduler.web.site.addresses import NotHere, error_without_secrets, language_for, row_number
from scheduler.web.site.installation import sources_now
from scheduler.web.site.rendering import page, served_by, visitor_of
from storage.database.session import Session
from storage.sources.runs import Run, find_run, last_runs
from storage.sources.states import source_states
from storage.users.records import Role
from storage.workers.hosts import runs_at_hosts

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/runs")
def runs(request: Request) -> Response:
    """The last runs, the newest first."""
    after = row_number(request.query_params.get("after", ""))
    with served_by(request).database.read() as s:
        found = last_runs(s, PAGE + 1, after)
        shown = found[:PAGE]
        return page(
            request,
            s,
            "sources/runs.html.j2",
            lines=_lines(request, s, shown),
            older=f"?after={shown[-1].id}" if found[PAGE:] else None,
            is_first=after is None,
        )


@router.get("/runs/{number}")
def run(request: Request, number: str) -> Response:
    """One run, source by source, with its problems."""
    run_id = row_number(number)
    with served_by(request).database.read() as s:
        found = find_run(s, run_id) if run_id else None
        if found is None:
            raise NotHere
        (shown,) = _lines(request, s, [found])
        reports = _source_reports(request, found)
        return page(request, s, "sources/run.html.j2", one=shown, sources=reports)


def _lines(request: Request, s: Session, found: Sequence[Run]) -> list[dict[str, Any]]:
    """Each run with what became of it, and when that was, in words."""
    words, now = words_of(language_for(request)), served_by(request).now()
    newest = next((one.id for one in last_runs(s, 1)), 0)
    # When something was last recorded that only a run records.
    polled = filter(None, (state.last_poll_at for state in source_states(s).values()))
    alive_at, at_hosts = max(polled, default=None), runs_at_hosts(s, now)
    return [
        {
            "run": one,
            "started": moment(one.started_at, words),
            "ago": ago(one.started_at, now, words),
            "state": state_of(one, newest, alive_at, now, at_hosts),
            "lasted": length(one.finished_at - one.started_at, words) if one.finished_at else "",
        }
        for one in found
    ]


def _source_reports(request: Request, found: Run) -> list[dict[str, Any]]:
    """What a run did with each source: first those that failed, then those with most news."""
    names = {one.id: one.name for one in sources_now(served_by(request))}
    visible = _told_to(request)
    reports: Mapping[str, Mapping[str, Any]] = found.report.get("sources", {})
    lines = [
        {
            **report,
            "name": names.get(key) or key,
            "problems": [
                line(visible(key, str(one)), _LONGEST_PROBLEM) for one in report.get("problems", ())
            ],
        }
        for key, report in sorted(reports.items())
    ]
    return sorted(
        lines,
        key=lambda one: (not one.get("failed"), -one.get("relevant", 0), -one.get("new", 0)),
    )


def _told_to(request: Request) -> Callable[[str, str], str]:
    """What who asks may see of a source's problem: keys in addresses are for admins."""
    if visitor_of(request).may(Role.ADMIN):
        return lambda _, problem: problem
    urls = {one.id: one.url for one in sources_now(served_by(request))}
    return lambda source, problem: error_without_secrets(problem, urls.get(source, ""))


# A crawl that says nothing for QUIET_S is ended; some more for a slow disk.
_LIFELESS = timedelta(seconds=1.5 * QUIET_S)
_LONGEST_PROBLEM = 400


def state_of(
    run: Run,
    newest: int,
    alive_at: datetime | None,
    now: datetime,
    at_hosts: Collection[int] = (),
) -> str:
    """What became of a run.

    A run that did not end was killed, unless it is the newest one and something was still stored
    (`alive_at`) a short while ago, or it is one of those that stand at hosts. One that crashed, or
    whose crawl alone was killed, was closed.
    """
    if run.fault is not None:
        return "interrupted"
    if run.finished_at is not None:
        return "stopped" if run.report.get("stopped") else "ended"
    if run.id in at_hosts:
        return "running"
    last = max(run.started_at, alive_at or run.started_at)
    return "running" if run.id == newest and now - last < _LIFELESS else "interrupted"
