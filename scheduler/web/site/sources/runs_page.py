"""The runs, what each brought, and for admins the queue of workers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.jobs.crawl_process import QUIET_S
from scheduler.views.words.labels import Labels
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
from storage.workers.queue import JobCount, SeenWorker, has_queue, job_counts, seen_workers

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


# A crawl that says nothing for QUIET_S is ended; some more for a slow disk.
_LIFELESS = timedelta(seconds=1.5 * QUIET_S)
_LONGEST_PROBLEM = 400


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a list shows it. `state` is running, ended, stopped or interrupted."""

    id: int
    started: str
    started_at: datetime
    ago: str
    state: str
    lasted: str
    sources: int
    failed: int
    new: int
    stored: int
    matched: int


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What a run did with one source."""

    id: str
    name: str
    failed: bool
    offered: int
    new: int
    fetched: int
    matched: int
    skipped: Sequence[str]
    problems: Sequence[str]


def run_line(run: Run, state: str, now: datetime, words: Labels) -> RunLine:
    totals: Mapping[str, Any] = run.report.get("totals", {})
    return RunLine(
        id=run.id,
        started=moment(run.started_at, words),
        started_at=run.started_at,
        ago=ago(run.started_at, now, words),
        state=state,
        lasted=length(run.finished_at - run.started_at, words) if run.finished_at else "",
        sources=len(run.report.get("sources", {})),
        failed=len(run.report.get("failed_sources", ())),
        new=totals.get("new", 0),
        stored=totals.get("stored", 0),
        matched=totals.get("relevant", 0),
    )


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


def source_lines(
    run: Run, names: Mapping[str, str], words: Labels, visible: Callable[[str, str], str]
) -> list[SourceLine]:
    """What the run did with each source: first those that failed, then those with most news.

    `visible` makes of the id of a source and one of its problems what the reader may see of that.
    """
    reports: Mapping[str, Mapping[str, Any]] = run.report.get("sources", {})
    lines = [_source_line(name, reports[name], names, words, visible) for name in reports]
    return sorted(lines, key=lambda one: (not one.failed, -one.matched, -one.new, one.id))


def _source_line(
    name: str,
    report: Mapping[str, Any],
    names: Mapping[str, str],
    words: Labels,
    visible: Callable[[str, str], str],
) -> SourceLine:
    skipped: Mapping[str, int] = report.get("skipped", {})
    return SourceLine(
        id=name,
        name=names.get(name) or name,
        failed=bool(report.get("failed")),
        offered=report.get("offered", 0),
        new=report.get("new", 0),
        fetched=report.get("fetched", 0),
        matched=report.get("relevant", 0),
        skipped=[f"{why.replace('_', ' ')}: {words.number(n)}" for why, n in skipped.items()],
        problems=[
            line(visible(name, str(one)), _LONGEST_PROBLEM) for one in report.get("problems", ())
        ],
    )


_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class JobLine:
    """Jobs of one kind in one state. `state` is waiting, doing or failed."""

    queue: str
    kind: str
    state: str
    jobs: int
    oldest: str


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker as the page shows it. `why` is why it takes no jobs; empty if it does."""

    name: str
    version: str
    queues: str
    leads: bool
    jobs: int
    rate: float
    memory_mb: int | None
    seen: str
    why: str


@router.get("/queue")
def queue(request: Request) -> Response:
    """What waits, what is being done and what failed, and by whom."""
    served, words = served_by(request), words_of(language_for(request))
    with served.database.read() as s:
        return page(
            request,
            s,
            "sources/queue.html.j2",
            is_led=has_queue(s),
            counts=[_job_line(one, words) for one in job_counts(s)],
            workers=[_worker_line(one, words) for one in seen_workers(s)],
        )


def _job_line(count: JobCount, words: Labels) -> JobLine:
    oldest = _seconds_ago(count.oldest_s, words)
    return JobLine(count.queue, count.kind, count.state, count.jobs, oldest)


def _seconds_ago(seconds: float, words: Labels) -> str:
    now = datetime.now(UTC)
    return ago(now - timedelta(seconds=max(seconds, 1)), now, words)


def _worker_line(seen: SeenWorker, words: Labels) -> WorkerLine:
    state = seen.state
    return WorkerLine(
        name=line(state.name, 80),
        version=line(state.version, 40),
        queues=", ".join(state.queues),
        leads=state.leads,
        jobs=state.jobs,
        rate=state.documents_a_minute,
        memory_mb=state.memory_mb,
        seen=_seconds_ago(seen.seen_s, words),
        why=line(state.waits_because or "", _LONGEST_REASON),
    )
