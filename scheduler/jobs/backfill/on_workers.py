"""Archives as jobs of the workers of a team: one archive a job.

Archives and results lie in folders that all machines see under the same names. A worker that dies
costs its archive what was not written yet: another one goes on from there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from crawler.process.several import WantedDocuments
from scheduler.jobs.backfill.reading import ArchiveResult, BackfillOrder, result_so_far
from scheduler.jobs.workers.queue import Job, JobQueue
from spiders.local.files import HeldFile
from storage.database.session import Database
from storage.errors import AccordwatchError
from storage.workers.queue import has_queue, open_keys

QUEUE = "backfill"
_LOOK_S = 2.0
_MOST_TRIES = 3  # of an archive whose job failed


def read_on_workers(
    database: Database,
    files: Sequence[HeldFile],
    order: BackfillOrder,
    tell: Callable[[ArchiveResult], None],
    look_s: float = _LOOK_S,
) -> list[ArchiveResult]:
    """Have workers read archives; return what came of each, in their order. Raises AccordwatchError
    if nobody leads workers, or the database is lost; a later call goes on from there.
    """
    with database.read() as s:
        if not has_queue(s):
            raise AccordwatchError(
                "--on-workers: nobody leads workers yet; start `accordwatch daemon --workers`"
            )
    queue, tries = JobQueue(database.url), Counter[str]()
    done: dict[str, ArchiveResult] = {}
    while len(done) < len(files):
        waiting = [file for file in files if file.name not in done]
        for file in waiting:
            result = result_so_far(order, file)
            tell(result)
            if result.ended or result.problem:
                done[file.name] = result
        with database.read() as s:
            open_now = open_keys(s)
        jobs = {}
        for file in (one for one in waiting if one.name not in done):
            job = job_of(file, order)
            if tries[file.name] >= _MOST_TRIES and job.key not in open_now:
                line = f"broken: {file.name}: each worker that read it failed; its log says why"
                done[file.name] = ArchiveResult(file.name, file.size, problem=line)
                tell(done[file.name])
            elif job.key not in open_now:
                jobs[job.key] = job
                tries[file.name] += 1
        queue.put(list(jobs.values()))
        if len(done) < len(files):
            time.sleep(look_s)
    return [done[file.name] for file in files]


def job_of(file: HeldFile, order: BackfillOrder) -> Job:
    wanted = order.wanted
    args = {
        "file": asdict(file),
        "folder": str(order.folder),
        "rules": order.rules,
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "languages": sorted(wanted.languages),
        "columns": dict(order.columns),
        "max_bytes": order.max_bytes,
        "false_alarms": order.false_alarms,
    }
    return Job("backfill", QUEUE, f"backfill:{order.path(file)}", args)


def order_of(args: Mapping[str, Any]) -> tuple[HeldFile, BackfillOrder]:
    since, until = (date.fromisoformat(args[one]) if args[one] else None for one in _DAYS)
    return HeldFile(**args["file"]), BackfillOrder(
        folder=Path(args["folder"]),
        rules=args["rules"],
        wanted=WantedDocuments(since, until, frozenset(args["languages"])),
        columns=args["columns"],
        max_bytes=args["max_bytes"],
        false_alarms=args["false_alarms"],
    )


_DAYS = ("since", "until")
