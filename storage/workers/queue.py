"""What stands in the queue of jobs. It is kept by procrastinate, in a schema of its own on
PostgreSQL; only `scheduler.workers.queue` writes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from storage.database.session import Session
from storage.database.statements import is_sqlite

QUEUE_SCHEMA = "accordwatch_queue"

# After a failure a job rests, twice as long after each: a crawl that crashes at once must not be
# begun every five seconds.
FIRST_REST_S, LONGEST_REST_S = 60, 1800

_IS_THERE = text(f"SELECT to_regclass('{QUEUE_SCHEMA}.procrastinate_jobs') IS NOT NULL")
_COUNTS = text(f"""
    SELECT queue_name, task_name, status::text, count(*), EXTRACT(EPOCH FROM now() - min(since.at))
    FROM {QUEUE_SCHEMA}.procrastinate_jobs AS job
    JOIN LATERAL (
        SELECT max(at) AS at FROM {QUEUE_SCHEMA}.procrastinate_events WHERE job_id = job.id
    ) AS since ON true
    WHERE status IN ('todo', 'doing', 'failed') GROUP BY queue_name, task_name, status
    ORDER BY queue_name, task_name, status
""")  # noqa: S608 - our own names
_OPEN = text(f"""
    SELECT lock FROM {QUEUE_SCHEMA}.procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND lock IS NOT NULL
    UNION
    SELECT lock FROM {QUEUE_SCHEMA}.procrastinate_jobs AS job
    JOIN {QUEUE_SCHEMA}.procrastinate_events AS event ON event.job_id = job.id
    WHERE job.status = 'failed' AND event.type = 'failed' AND lock IS NOT NULL
        AND event.at > now() - :longest_s * interval '1 second'
    GROUP BY lock HAVING max(event.at) + interval '1 second'
        * LEAST(:first_s * power(2, count(*) - 1), :longest_s) > now()
""")  # noqa: S608 - our own names
STATES = {"todo": "waiting", "doing": "doing", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a kind are in a state (waiting, doing, failed), and for how long the oldest
    has been.
    """

    queue: str
    kind: str
    state: str
    jobs: int
    oldest_s: float


def has_queue(s: Session) -> bool:
    """Whether there is a queue: workers have been led here once."""
    return not is_sqlite(s) and bool(s.scalar(_IS_THERE))


def job_counts(s: Session) -> list[JobCount]:
    """Return the counts of jobs that are open or have failed; none where there is no queue."""
    if not has_queue(s):
        return []
    return [
        JobCount(queue, kind, STATES[state], n, max(0.0, float(age)))
        for queue, kind, state, n, age in s.execute(_COUNTS)
    ]


def open_keys(s: Session) -> set[str]:
    """Return the keys of jobs that wait, are being done, or rest after a failure."""
    rests: Mapping[str, float] = {"first_s": FIRST_REST_S, "longest_s": LONGEST_REST_S}
    return set(s.scalars(_OPEN, rests))
