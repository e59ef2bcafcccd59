"""Archives on the workers of a Dask scheduler: one archive a task. Dask's one home.

Archives and results lie in folders that all workers see under the same names. A worker that dies
costs its archive what was not written yet: Dask gives it to another one, which goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec

from crawler.judgement.judge import Rules
from crawler.process.several import Several, ToRead, WantedDocuments, judge_several
from crawler.worker import RulesSpec, load_spec
from scheduler.backfill.portions import cut_here
from scheduler.backfill.reading import BackfillOrder, read_archive
from scheduler.backfill.results import ArchiveResult
from spiders.local.files import HeldFile
from storage.errors import AccordwatchError

_REACHED_WITHIN_S = 10
_RETRIES = 2  # of an archive whose worker died, beside those of Dask itself


def read_on_dask(
    address: str,
    files: Sequence[HeldFile],
    order: BackfillOrder,
    spec: RulesSpec,
    tell: Callable[[ArchiveResult], None],
) -> list[ArchiveResult]:
    """Read archives there; return what came of each, in their order.

    Raises AccordwatchError if Dask is not installed, the scheduler is not there or goes away, or
    the workers read by other rules. What was read until then is kept.
    """
    if find_spec("distributed") is None:
        raise AccordwatchError("--scheduler needs Dask: pip install 'accordwatch[backfill]'")
    from distributed import CancelledError, Client, as_completed

    try:
        with _quiet(), Client(address, timeout=_REACHED_WITHIN_S) as client:  # type: ignore[no-untyped-call]  # Dask has no types here
            wanted = {
                client.submit(_read_there, file, order, spec, pure=False, retries=_RETRIES): file
                for file in files
            }
            done = {}
            for future in as_completed(list(wanted)):  # type: ignore[no-untyped-call]
                done[wanted[future].name] = result = _result(future, wanted[future])
                tell(result)
    except (OSError, CancelledError) as error:
        kept = f"what was read is kept in {order.folder}"
        raise AccordwatchError(f"{address}: no Dask scheduler answers; {kept}") from error
    return [done[file.name] for file in files]


@contextmanager
def _quiet() -> Iterator[None]:
    """Whatever Dask says of a scheduler that is gone, we say in one line: it would log a traceback.

    Each of its loggers has a handler and a level of its own.
    """
    known = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in known]
    before = [one.disabled for one in loggers]
    try:
        for one in loggers:
            one.disabled = True
        yield
    finally:
        for one, was_disabled in zip(loggers, before, strict=True):
            one.disabled = was_disabled


def _result(future: Future[ArchiveResult], file: HeldFile) -> ArchiveResult:
    """What came of an archive; why nothing did if workers died at it again and again."""
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        line = f"broken: {file.name}: each worker that read it died"
        return ArchiveResult(file.name, file.size, problem=line)


def _read_there(file: HeldFile, order: BackfillOrder, spec: RulesSpec) -> ArchiveResult:
    rules = _rules(spec)
    if rules.version != order.rules:
        raise AccordwatchError(
            f"a Dask worker has rules {rules.version}, here they are {order.rules}: "
            "install the same version of accordwatch on both"
        )

    def judge(documents: Sequence[ToRead], wanted: WantedDocuments) -> Future[Several]:
        done: Future[Several] = Future()
        done.set_result(judge_several(documents, wanted, rules))
        return done

    return read_archive(file, order, cut_here, judge, lambda _: True)


@cache
def _rules(spec: RulesSpec) -> Rules:
    """The rules of this process, which reads many archives."""
    return load_spec(spec)
