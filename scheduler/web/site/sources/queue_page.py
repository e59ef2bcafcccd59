"""The queue of jobs and the workers that take them, for admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.web.site.language import language_for
from scheduler.web.site.moments import length
from scheduler.web.site.rendering import page, served_by
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from scheduler.words.page import words_of
from storage.workers.queue import JobCount, SeenWorker, has_queue, job_counts, seen_workers

router = APIRouter(include_in_schema=False)

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
    oldest = length(timedelta(seconds=count.oldest_s), words)
    return JobLine(count.queue, count.kind, count.state, count.jobs, oldest)


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
        seen=length(timedelta(seconds=seen.seen_s), words),
        why=line(state.waits_because or "", _LONGEST_REASON),
    )
