"""Archives as jobs of the workers of a team: one archive a job.

Archives and results lie in folders that all machines see under the same names. A worker that dies
costs its archive what was not written yet: another one goes on from there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

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
    on_result: Callable[[ArchiveResult], None],
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
            on_result(result)
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
                on_result(done[file.name])
            elif job.key not in open_now:
                jobs[job.key] = job
                tries[file.name] += 1
        queue.put(list(jobs.values()))
        if len(done) < len(files):
            time.sleep(look_s)
    return [done[file.name] for file in files]


def job_of(file: HeldFile, order: BackfillOrder) -> Job:
    args = {"file": file, "order": order}
    key = f"backfill:{order.path(file)}"
    return Job("backfill", QUEUE, key, to_jsonable_python(args))


def order_of(args: Mapping[str, Any]) -> tuple[HeldFile, BackfillOrder]:
    file = TypeAdapter(HeldFile).validate_python(args["file"])
    return file, TypeAdapter(BackfillOrder).validate_python(args["order"])
