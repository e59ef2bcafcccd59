"""The crawl as a child process: Scrapy's engine can start once in a process, and a crawl must be killable."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spiders.crawl import PARENT_VARIABLE
from spiders.spec import CrawlSpec

Event = dict[str, Any]

# A child that was asked to end finishes its transaction and its open fetches; then it is ended.
_GRACE_S = 8.0
_STOP_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Ended:
    """How a crawl ended. `report` is the run report, None where the child died before it could write one."""

    code: int
    report: dict[str, Any] | None
    timed_out: bool = False


def crawl(
    spec: CrawlSpec,
    on_event: Callable[[Event], None],
    *,
    deadline_s: float | None = None,
    stop: threading.Event | None = None,
) -> Ended:
    """Run one crawl to its end, telling each event as it comes; end it early when `stop` is set.

    The child has a session of its own, so that a Ctrl-C reaches us first and we end it in order.
    """
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "spiders.crawl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, PARENT_VARIABLE: str(os.getpid())},
    )
    expired = threading.Event()
    with _ended_at_last(child), _deadline(child, deadline_s, expired), _stoppable(child, stop):
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
        with contextlib.suppress(BrokenPipeError), child.stdin as stdin:  # it died at once: its exit code says why
            stdin.write(spec.model_dump_json())
        report = None
        for event in _events(child.stdout):
            if event.get("event") == "finished":
                report = event.get("report")
            on_event(event)
        code = child.wait()
    return Ended(code, report, expired.is_set())


def _events(lines: Any) -> Iterator[Event]:
    for line in lines:
        with contextlib.suppress(json.JSONDecodeError):  # a library printed something: not an event of ours
            event = json.loads(line)
            if isinstance(event, dict):
                yield event


@contextlib.contextmanager
def _deadline(child: subprocess.Popen[str], deadline_s: float | None, expired: threading.Event) -> Iterator[None]:
    if deadline_s is None:
        yield
        return

    def expire() -> None:
        expired.set()
        _end(child)

    timer = threading.Timer(deadline_s, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def _stoppable(child: subprocess.Popen[str], stop: threading.Event | None) -> Iterator[None]:
    if stop is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if stop.wait(_STOP_LOOK_S):
                _end(child)
                return

    watcher = threading.Thread(target=watch, name="crawl-stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()


@contextlib.contextmanager
def _ended_at_last(child: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    """Ask, wait, then kill the child and what it started."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
