"""Which jobs are in the queue, which processes take them, and which run holds which host, so that
two workers never send requests to one host at a time.

The queue is procrastinate's, in a schema of its own on PostgreSQL; only
`scheduler.jobs.queue` writes there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text

from storage.database import sql
from storage.database.session import Session
from storage.sources.tables import Hosts, WorkerState

QUEUE_SCHEMA = "accordwatch_queue"

# After a failure a job rests, twice as long after each: a crawl that crashes at once must not be
# begun every five seconds.
FIRST_REST_S, LONGEST_REST_S = 60, 1800

_IS_THERE = text(f"SELECT to_regclass('{QUEUE_SCHEMA}.procrastinate_jobs') IS NOT NULL")
_COUNTS = text(f"""
    SELECT queue_name AS queue, task_name AS kind, count(*) AS jobs,
        CASE status WHEN 'todo' THEN 'waiting' ELSE status::text END AS state,
        GREATEST(0, EXTRACT(EPOCH FROM now() - min(since.at)))::float AS oldest_s
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


def has_queue(s: Session) -> bool:
    """Whether there is a queue: a leader has run on this database before."""
    return not sql.is_sqlite(s) and bool(s.scalar(_IS_THERE))


def job_counts(s: Session) -> Sequence[Any]:
    """How many `jobs` of a `queue` and `kind` are in a `state` (waiting, doing, failed), and how
    long the oldest has been there (`oldest_s`); none where there is no queue.
    """
    return s.execute(_COUNTS).all() if has_queue(s) else []


def open_keys(s: Session) -> set[str]:
    """Return the keys of jobs that wait, are being done, or rest after a failure."""
    rests: Mapping[str, float] = {"first_s": FIRST_REST_S, "longest_s": LONGEST_REST_S}
    return set(s.scalars(_OPEN, rests))


# --- the processes that take jobs -----------------------------------------------------------------

# A worker writes its row every ten seconds. An older row than this is deleted.
FORGOTTEN_S = 600.0

# A worker, and how many seconds ago it last wrote its row.
SeenWorker = tuple[WorkerState, float]


def note_worker(s: Session, state: WorkerState) -> None:
    """Record how a worker is, and delete the rows of those that wrote none for long."""
    values = asdict(state) | {"seen_at": func.now()}
    sql.add_or_change(s, WorkerState, {"name": state.name}, values, values)
    is_old = WorkerState.seen_at < func.now() - text(f"interval '{FORGOTTEN_S} seconds'")
    sql.remove(s, WorkerState, is_old)


def forget_worker(s: Session, name: str) -> None:
    sql.remove(s, WorkerState, WorkerState.name == name)


def seen_workers(s: Session) -> list[SeenWorker]:
    """Return the workers that reported lately, by name; none on SQLite."""
    if sql.is_sqlite(s):
        return []
    age = func.extract("epoch", func.now() - WorkerState.seen_at).label("seen_s")
    rows = s.execute(select(sql.plain(WorkerState), age).order_by(WorkerState.name))
    return [(WorkerState(*state), max(0.0, float(seen_s))) for *state, seen_s in rows]


def clock_ahead_s(s: Session, now: datetime) -> float:
    """Return by how many seconds `now` is ahead of the database's clock."""
    theirs: datetime = s.execute(select(func.clock_timestamp())).scalar_one()
    return (now - theirs).total_seconds()


# --- which run holds which host -------------------------------------------------------------------
#
# PostgreSQL only, in transactions `Database.beside`. All moments are those of the database's clock.
# `free_at` is when another run may take the host: while a run holds it, that is the end of its
# lease and the delay after it, so that nothing has to be known of a run that was killed.

# Only those that are not known: where a claim is under way, an insert would wait for its end.
_KNOW = text("""
    INSERT INTO hosts (host, free_at, delay_s)
    SELECT given, now(), 0 FROM unnest(CAST(:hosts AS text[])) AS given
    WHERE given NOT IN (SELECT host FROM hosts WHERE host = ANY(:hosts)) ORDER BY given
    ON CONFLICT DO NOTHING
""")
# A row that another claim has locked right now is not waited for: it will be taken.
# The delay that another run has read (robots.txt) stays until this one has a longer one.
_CLAIM = text("""
    WITH free AS (
        SELECT host FROM hosts
        WHERE host = ANY(:hosts) AND (run_id = :run_id OR free_at <= now())
        ORDER BY host FOR UPDATE SKIP LOCKED
    )
    UPDATE hosts SET run_id = :run_id, worker = :worker,
        held_until_at = now() + :lease_s * interval '1 second',
        free_at = now()
            + (:lease_s + GREATEST(hosts.delay_s, given.delay_s)) * interval '1 second'
    FROM free JOIN unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[]))
        AS given (host, delay_s) ON given.host = free.host
    WHERE hosts.host = free.host RETURNING hosts.host
""")
_BUSY = text("""
    SELECT host, GREATEST(EXTRACT(EPOCH FROM free_at - now()), 0.1) FROM hosts
    WHERE host = ANY(:hosts)
""")
_PAUSED = text("SELECT host, until_at FROM pauses WHERE host = ANY(:hosts) AND until_at > now()")
_RENEW = text("""
    UPDATE hosts SET delay_s = given.delay_s,
        held_until_at = now() + :lease_s * interval '1 second',
        free_at = now() + (:lease_s + given.delay_s) * interval '1 second'
    FROM unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[])) AS given (host, delay_s)
    WHERE hosts.host = given.host AND hosts.run_id = :run_id RETURNING hosts.host
""")
_LEAVE = text("""
    UPDATE hosts SET run_id = NULL, worker = NULL, held_until_at = NULL, delay_s = given.delay_s,
        free_at = now() + given.delay_s * interval '1 second'
    FROM unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[])) AS given (host, delay_s)
    WHERE hosts.host = given.host AND hosts.run_id = :run_id
""")


def claim(
    s: Session, delays_s: Mapping[str, float], run_id: int, worker: str, lease_s: float
) -> tuple[frozenset[str], dict[str, float], dict[str, datetime]]:
    """Lease for a run those of the hosts that are free now, or are its own already. `delays_s` are
    the seconds between two requests to each, as far as is known. Returns the hosts that are ours,
    for how many seconds the others are not free at least, and until when hosts among ours asked to
    wait.
    """
    s.execute(_KNOW, {"hosts": sorted(delays_s)})
    given = _arrays(delays_s, run_id) | {"worker": worker, "lease_s": lease_s}
    ours = frozenset(s.scalars(_CLAIM, given))
    waits = s.execute(_BUSY, {"hosts": [*delays_s.keys() - ours]})
    busy = {host: float(wait) for host, wait in waits}
    paused = {row.host: row.until_at for row in s.execute(_PAUSED, {"hosts": [*ours]})}
    return ours, busy, paused


def renew(s: Session, delays_s: Mapping[str, float], run_id: int, lease_s: float) -> set[str]:
    """Lease the hosts of a run, with their delays, for longer. Returns those still its own."""
    return set(s.scalars(_RENEW, _arrays(delays_s, run_id) | {"lease_s": lease_s}))


def leave(s: Session, delays_s: Mapping[str, float], run_id: int) -> None:
    s.execute(_LEAVE, _arrays(delays_s, run_id))


def runs_at_hosts(s: Session, now: datetime) -> set[int]:
    """Return the runs that stand at a host now: those of workers that are alive."""
    held = select(Hosts.run_id).where(Hosts.held_until_at > now, Hosts.run_id.is_not(None))
    return {run_id for run_id in s.scalars(held) if run_id is not None}


def _arrays(delays_s: Mapping[str, float], run_id: int) -> dict[str, object]:
    return {"hosts": [*delays_s], "delays_s": [*delays_s.values()], "run_id": run_id}


# Far longer than from the beginning of a run to its first lease.
_BEGUN_WITHIN_S = 120

_OPEN_RUNS = text("""
    SELECT id FROM runs WHERE finished_at IS NULL
        AND started_at < now() - :begun_s * interval '1 second'
        AND id NOT IN (SELECT run_id FROM hosts WHERE held_until_at > now() AND run_id IS NOT NULL)
""")


def dead_runs(s: Session) -> list[int]:
    """Return the runs that have not ended and stand at no host (PostgreSQL only)."""
    return list(s.scalars(_OPEN_RUNS, {"begun_s": _BEGUN_WITHIN_S}))
