"""Killable worker processes for everything that reads bytes from strangers.

A document that hangs, crashes or uses too much memory costs one worker, but not the run. Workers
are started by a fork server, since a plain fork would break the threads of the crawl's process.
They load models and rules once, when they are first needed, and are reused. This is the only module
that imports Pebble.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.context import BaseContext
from typing import Any

from pebble import ProcessExpired, ProcessPool

from crawler.extract.printed.step_limit import STEP_OUT_OF_TIME, STEP_S
from crawler.worker import OUT_OF_TIME, Outcome, RulesSpec, start, work
from storage.errors import UnreadableError

_LOG = logging.getLogger(__name__)
PRELOADED = ["crawler.worker_preload"]  # modules that the fork server imports; tests have their own
PRELOADED_FOR_PAGES = "crawler.page_preload"
# Then it is replaced, because caches of libraries only grow: 3 MB by then, 7 MB by the 5,000th. A
# new worker is there in 0.2 s, a hundredth of the time of so many tasks.
_TASKS_A_WORKER = 2_000
# A worker that waits for something uses no processor time: it is stopped after so many times the
# limit. A crawl that says nothing for ten minutes would be ended as a whole.
_HANGS_AFTER = 5
_LOADING_S = 120.0  # may pass before that, if a task may have to load rules and models first
_TICK_S = 0.2
# How often a task is tried if the whole pool goes down. If its own worker dies, it is not tried
# again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Request:
    stage: str | Callable[..., Any]
    payload: tuple[Any, ...]
    tries: int = _TRIES
    future: Future[Any] = field(default_factory=Future)


class WorkerPool:
    """A pool of workers from the first `submit`, by any thread, until `close`."""

    def __init__(
        self,
        rules: RulesSpec | None,
        workers: int = 2,
        memory_limit_mb: int = 1024,  # a page of 10 MB takes 800 MB
        time_limit_s: float = 60.0,  # of processor time, for a document
        functions_of: tuple[str, ...] = (),  # modules whose functions it is given
    ) -> None:
        self._settings = (rules, memory_limit_mb)
        self._functions_of = functions_of
        self._workers = workers
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._waiting: set[Future[Any]] = set()
        # What is scheduled, with how long it has been at work, and what was stopped for that.
        self._at_work_s: dict[Future[Outcome], float] = {}
        self._hanging: set[Future[Outcome]] = set()
        self._pool = self._new_pool()
        self._beginning: threading.Thread | None = None
        threading.Thread(target=self._watch, name="hangs", daemon=True).start()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, stage: str | Callable[..., Any], *payload: Any) -> Future[Any]:
        """Run a stage in a worker, and return a future for its result. A function at the top level
        of a module is called with `payload` alone.

        The future fails with the AccordwatchError of the stage; with UnreadableError ("timeout",
        "broken" or "too_large") if the worker had to be stopped, died, failed or ran out of memory,
        of which the first two may pass; with RuntimeError if the pool is closed. Its callbacks run
        in a thread of the pool, and must be short.
        """
        request = _Request(stage, payload)
        request.future.set_running_or_notify_cancel()  # it cannot be cancelled: the worker goes on
        with self._lock:
            self._waiting.add(request.future)
        self._schedule(request)
        return request.future

    def begin(self) -> None:
        """Start the workers now, in another thread, which waits for their fork server."""
        self._beginning = threading.Thread(target=self.submit, args=(_nothing,), name="beginning")
        self._beginning.start()

    def close(self) -> None:
        """Stop all workers; tasks fail. It takes a second, or three with a worker in C code."""
        if self._beginning is not None:  # a worker that starts beside this would outlive the pool
            self._beginning.join()
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
            waiting = list(self._waiting)
        _end(self._pool)
        for future in waiting:
            self._fail(future, RuntimeError("the worker pool was closed"))

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_A_WORKER,
            initializer=start,
            initargs=self._settings,
            context=_context(self._settings[0], self._functions_of),
        )

    def _schedule(self, request: _Request) -> None:
        pool = self._pool
        try:
            inner = pool.schedule(work, (request.stage, request.payload, self._time_limit_s))
        except RuntimeError as error:  # the pool is closed, or went down
            self._again(pool, request, error)
        else:
            with self._lock:
                self._at_work_s[inner] = 0.0 if callable(request.stage) else -_LOADING_S
            inner.add_done_callback(partial(self._settle, pool, request))

    def _settle(self, pool: ProcessPool, request: _Request, inner: Future[Outcome]) -> None:
        with self._lock:
            self._at_work_s.pop(inner, None)
            hung = inner in self._hanging
            self._hanging.discard(inner)
        try:
            outcome = inner.result()
        except ProcessExpired as error:
            self._fail(request.future, self._ended(error))
        except (BrokenExecutor, CancelledError) as error:
            if hung:
                self._fail(request.future, self._hung())
            else:
                self._again(pool, request, error)
        except Exception as error:  # Pebble raises whatever made an answer unreadable
            message = f"the worker's answer was lost: {error}"
            self._fail(request.future, UnreadableError("broken", message))
        else:
            self._answer(request.future, outcome)

    def _ended(self, error: ProcessExpired) -> UnreadableError:
        if error.exitcode == -OUT_OF_TIME:
            message = f"reading it took over {self._time_limit_s:g} s of processor time"
            return UnreadableError("timeout", f"{message} and was stopped", may_pass=True)
        if error.exitcode == -STEP_OUT_OF_TIME:
            message = f"opening it or reading a page of it took over {STEP_S:g} s of processor time"
            return UnreadableError("timeout", f"{message} and was stopped", may_pass=True)
        message = f"reading it ended its worker process (exit code {error.exitcode})"
        return UnreadableError("broken", message, may_pass=True)

    def _hung(self) -> UnreadableError:
        waited_s = _HANGS_AFTER * self._time_limit_s
        message = f"reading it did nothing for most of {waited_s:g} s and was stopped"
        return UnreadableError("timeout", message, may_pass=True)

    def _watch(self) -> None:
        """Stop tasks that hang. Time is counted in ticks of this thread, of which none come while
        the machine or this process is suspended.
        """
        while not self._closed.wait(_TICK_S):
            with self._lock:
                for inner in self._at_work_s:
                    self._at_work_s[inner] += _TICK_S * inner.running()
                limit_s = _HANGS_AFTER * self._time_limit_s
                late = [inner for inner, at_s in self._at_work_s.items() if at_s > limit_s]
                self._hanging.update(late)
            for inner in late:
                inner.cancel()  # Pebble then stops the worker

    def _again(self, pool: ProcessPool, request: _Request, error: BaseException) -> None:
        """Try again, in a new pool if Pebble's went down with a worker killed while idle."""
        with self._lock:
            hopeless = self._closed.is_set() or request.tries <= 1
            if self._pool is pool and not hopeless:
                _LOG.warning("the worker pool went down (%s) and is started again", error)
                self._pool = self._new_pool()
                # In another thread, since this one may belong to the pool that has to be joined.
                threading.Thread(target=_end, args=(pool,), daemon=True).start()
        if hopeless:
            message = f"the worker pool is closed or keeps failing: {error}"
            self._fail(request.future, RuntimeError(message))
        else:
            self._schedule(replace(request, tries=request.tries - 1))

    def _answer(self, future: Future[Any], outcome: Outcome) -> None:
        if outcome.fault:
            _LOG.error("a stage failed because of a bug:\n%s", outcome.fault)
        if outcome.error is not None:
            self._fail(future, outcome.error)
            return
        self._forget(future)
        with suppress(InvalidStateError):  # closed in the meantime
            future.set_result(outcome.value)

    def _fail(self, future: Future[Any], error: Exception) -> None:
        self._forget(future)
        with suppress(InvalidStateError):
            future.set_exception(error)

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._waiting.discard(future)


def _nothing() -> None:
    """A task that is done once there is a worker."""


def _context(rules: RulesSpec | None, functions_of: tuple[str, ...]) -> BaseContext:
    """Return a fork server. If its workers judge, it has imported their modules and read the
    sentence encoder; if they read many pages, all models and the shipped rules, too: memory that
    they share.
    """
    context = multiprocessing.get_context("forkserver")
    if rules is not None:
        for_pages = [PRELOADED_FOR_PAGES] * rules.warm
        context.set_forkserver_preload([*PRELOADED, *for_pages, *functions_of])
    return context


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # Pebble leaves it untyped
    pool.join()
