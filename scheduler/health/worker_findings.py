"""How the workers are doing, where some are led."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.health.findings import Finding
from scheduler.words.lines import line
from scheduler.words.phrases import fault, phrase
from storage.database.session import Session
from storage.workers.queue import JobCount, SeenWorker, job_counts, seen_workers

# A worker is heard of every five seconds, and a job is taken at once if one is free.
_GONE_S = 60.0
_WAITS_S = 600.0


def worker_findings(s: Session) -> Iterator[Finding]:
    """Jobs that nobody takes or that failed, workers that wait. Nothing where none are led."""
    jobs, seen = job_counts(s), seen_workers(s)
    workers = [one for one in seen if not one.state.leads and one.seen_s < _GONE_S]
    for one in workers:
        if one.state.waits_because:
            why = fault(line(one.state.waits_because, 300))
            said = phrase("worker_waits", worker=one.state.name, why=why)
            yield Finding("warning", f"worker:{one.state.name}", said)
    yield from _unattended(jobs, workers)
    for job in jobs:
        if job.state == "failed":
            said = phrase("jobs_failed", n=job.jobs, kind=job.kind)
            yield Finding("warning", f"jobs:{job.kind}:failed", said)


def workers_at_work(s: Session) -> Iterator[Finding]:
    """How many workers take jobs, for a person who asks."""
    seen = [one for one in seen_workers(s) if one.seen_s < _GONE_S]
    working = [one for one in seen if not one.state.leads and one.state.waits_because is None]
    if seen:
        yield Finding("well", "workers", phrase("workers_at_work", n=len(working)))


def _unattended(jobs: Sequence[JobCount], workers: Sequence[SeenWorker]) -> Iterator[Finding]:
    taken = {
        queue for one in workers if one.state.waits_because is None for queue in one.state.queues
    }
    for job in jobs:
        if job.state == "waiting" and job.queue not in taken and job.oldest_s > _WAITS_S:
            said = phrase("no_worker", queue=job.queue, n=job.jobs)
            yield Finding("problem", f"queue:{job.queue}:nobody", said)
