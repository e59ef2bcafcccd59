"""`queue`: the jobs that wait, are being done or have failed, and the workers that take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.listing import Shape
from scheduler.cli.output import print_csv, print_jsonl, print_table, say
from storage.database.session import Session
from storage.workers.queue import has_queue, job_counts, seen_workers

_COLUMNS = (
    "what", "name", "queues", "state", "jobs", "oldest_s", "machine", "version", "concurrency",
    "documents_a_minute", "memory_mb", "seen_s", "why",
)  # fmt: skip


def queue(*, format: Shape = "table") -> None:
    """Show the jobs by kind and state, with the age of the oldest, and the workers."""
    with opened_database(configuration()) as database, database.read() as s:
        is_led, rows = has_queue(s), [*_jobs(s), *_workers(s)]
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv(rows, _COLUMNS)
    elif is_led:
        _print_tables(rows)
    else:
        say("No workers are led here; to lead some, on PostgreSQL: accordwatch daemon --workers")


def _jobs(s: Session) -> Iterator[dict[str, Any]]:
    empty = dict.fromkeys(_COLUMNS)
    for one in job_counts(s):
        yield empty | {
            "what": "jobs",
            "name": one.kind,
            "queues": one.queue,
            "state": one.state,
            "jobs": one.jobs,
            "oldest_s": round(one.oldest_s),
        }


def _workers(s: Session) -> Iterator[dict[str, Any]]:
    empty = dict.fromkeys(_COLUMNS)
    for one in seen_workers(s):
        state = one.state
        doing = "leads" if state.leads else "waits" if state.waits_because else "works"
        yield empty | {
            "what": "worker",
            "name": state.name,
            "queues": ",".join(state.queues),
            "state": doing,
            "jobs": state.jobs,
            "machine": state.machine,
            "version": state.version,
            "concurrency": state.concurrency,
            "documents_a_minute": state.documents_a_minute,
            "memory_mb": state.memory_mb,
            "seen_s": round(one.seen_s),
            "why": state.waits_because,
        }


def _print_tables(rows: list[dict[str, Any]]) -> None:
    jobs = [row for row in rows if row["what"] == "jobs"]
    workers = [row for row in rows if row["what"] == "worker"]
    of_jobs = ("name", "queues", "state", "jobs", "oldest_s")
    of_workers = ("name", "version", "queues", "state", "jobs", *_COLUMNS[-4:])
    print_table("jobs", of_jobs, [_cells(row, of_jobs) for row in jobs], pages=False)
    print_table("workers", of_workers, [_cells(row, of_workers) for row in workers], pages=False)


def _cells(row: Mapping[str, Any], columns: tuple[str, ...]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in columns]
