"""The crawl as a child process: Scrapy's engine starts only once in a process, and a crawl must be
killable. The crawl of a `run` is a copy of its process, made before that opens anything: what `run`
has imported, half of what a crawl needs, is there already, and the memory is shared. That is 8 to
18 % of a crawl of 200 pages, 30 % of a run with nothing new (docs/decisions/starting-crawls.md).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from crawler.worker import has_threads
from spiders import process
from spiders.spec import CrawlSpec, Joining
from storage.phrases import Phrase
from storage.source import Source

Event = dict[str, Any]

_NEW_PROCESS = (sys.executable, "-P", "-m", "spiders.process")
COMMAND: Sequence[str] = _NEW_PROCESS

# From SIGTERM on, a child finishes its transaction and its open fetches within this time; after it
# the child is killed.
_GRACE_S = 8.0
_LOOK_S = 0.5

# Between two looks for sources that became due; the daemon looks as often while no crawl is
# running.
JOIN_S = 15.0

# A working crawl emits a line whenever a request ends. If none comes for this long, and for longer
# than any answer may take, the crawl waits for something that will never come.
QUIET_S = 600.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a crawl ended. `report` is None if the child died before it could write one, `why` is why
    we ended it, `failure` the reason that the child gave itself.
    """

    code: int
    report: dict[str, Any] | None
    why: str | None = None
    failure: str | None = None

    @property
    def fault(self) -> str | None:
        """Why there is no report, whatever the exit code; None if there is one."""
        if self.report is not None:
            return None
        if self.why is not None:
            return self.why
        if self.failure is not None:
            return Phrase("the crawl failed: {why}", why=self.failure)
        if self.code < 0:
            name = signal.Signals(-self.code).name
            form = "the crawl was killed by {signal}; was there enough memory?"
            return Phrase(form, signal=name)
        form = "the crawl process ended with {code}; what it wrote to stderr says why"
        return Phrase(form, code=self.code)


def crawl(
    spec: CrawlSpec,
    on_event: Callable[[Event], None],
    *,
    deadline_s: float | None = None,
    stop: threading.Event | None = None,
    joining: Callable[[], Sequence[Source] | None] | None = None,
    forked: ForkedCrawl | None = None,
) -> Ended:
    """Run one crawl to its end, passing each event to `on_event` as it comes.

    `joining` is called every JOIN_S and returns sources that became due meanwhile, which the crawl
    then polls too; if it returns None, the crawl begins nothing new. The crawl is ended early when
    `stop` is set, after `deadline_s`, and when no event came for QUIET_S. The child has a
    session of its own, so that a Ctrl-C reaches us first and we end it in order. `forked` is a
    child that waits already.
    """
    child = (forked.begin() if forked is not None else None) or _new_process()
    watch = _Watch(child, deadline_s, 2 * spec.crawl.timeout_s, stop)
    with _ended_at_last(child), watch:
        assert child.stdin is not None  # noqa: S101 - it is a pipe
        assert child.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError):  # the child died at once: its exit code says why
            child.stdin.write(spec.model_dump_json() + "\n")
            child.stdin.flush()
        report = failure = reported = None
        with _joined(child.stdin, joining), _drained(child, child.stdout) as lines:
            for event in _events(lines):
                watch.received()
                if event.get("event") == "finished":
                    report, reported = event.get("report"), event.get("exit")
                elif event.get("event") == "failed":
                    failure = event.get("why")
                on_event(event)
        code = child.wait()
        if code < 0 and reported is not None:
            code = int(reported)  # whatever ended it, it was through
    return Ended(code, report, watch.why, failure)


def waiting_crawl() -> contextlib.AbstractContextManager[ForkedCrawl | None]:
    """A process for `crawl`, as its `forked`. To be called before anything is opened."""
    return forked_crawl() if COMMAND is _NEW_PROCESS else contextlib.nullcontext()


def _new_process() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - nobody else can write the command
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, process.PARENT_VARIABLE: str(os.getpid())},
    )


@contextlib.contextmanager
def _drained(child: Child, stdout: IO[str]) -> Iterator[IO[str]]:
    """The child's output. If the block is left early, as by Ctrl-C, the child is ended and its
    output read until then: a full pipe would keep it from giving back what it has claimed.
    """
    with stdout:
        try:
            yield stdout
        except BaseException:
            rest = threading.Thread(
                target=lambda: deque(stdout, maxlen=0), name="crawl-rest", daemon=True
            )
            rest.start()
            _end(child)
            rest.join(_GRACE_S)
            raise


def _events(lines: Any) -> Iterator[Event]:
    for line in lines:
        # a library may print lines that are no events
        with contextlib.suppress(json.JSONDecodeError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield event


@contextlib.contextmanager
def _joined(
    stdin: IO[str], joining: Callable[[], Sequence[Source] | None] | None
) -> Iterator[None]:
    """Hand over what becomes due while the block runs. A thread of its own does so, because the
    child may not read what we write, and must be ended all the same.
    """
    done = threading.Event()

    def hand_over() -> None:
        # an OSError means that the child has ended: what it did not look at stays due
        with contextlib.suppress(OSError), contextlib.closing(stdin):
            while joining is not None and not done.wait(JOIN_S):
                sources = joining()
                if sources is None or sources:
                    order = Joining(sources=tuple(sources or ()), last=sources is None)
                    stdin.write(order.model_dump_json() + "\n")
                    stdin.flush()
                if sources is None:
                    return

    thread = threading.Thread(target=hand_over, name="crawl-join", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


class _Watch:
    """Ends the child when it has to end. A thread of its own looks for that."""

    def __init__(
        self, child: Child, deadline_s: float | None, answer_s: float, stop: threading.Event | None
    ) -> None:
        self.why: str | None = None
        self._child, self._stop = child, stop
        self._deadline_s, self._answer_s = deadline_s, answer_s
        self._began_at = self._received_at = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crawl-watch", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def received(self) -> None:
        self._received_at = time.monotonic()

    def _run(self) -> None:
        deadline_s = self._deadline_s
        while not self._done.wait(_LOOK_S):
            now, quiet_s = time.monotonic(), max(QUIET_S, self._answer_s)
            if now - self._received_at > quiet_s:
                self.why = Phrase(
                    "the crawl made no progress for {minutes} minutes and was ended; the next one "
                    "goes on from there",
                    minutes=round(quiet_s / 60),
                )
            elif deadline_s is not None and now - self._began_at > deadline_s:
                self.why = Phrase(
                    "the crawl took more than {minutes} minutes and was ended; the next one goes "
                    "on from there",
                    minutes=round(deadline_s / 60),
                )
            if self.why is not None or (self._stop is not None and self._stop.is_set()):
                _end(self._child)
                return


@contextlib.contextmanager
def _ended_at_last(child: Child) -> Iterator[None]:
    try:
        yield
    finally:
        _end(child)
        if not isinstance(child, subprocess.Popen):
            child.close()


def _end(child: Child) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


# --- a crawl as a copy of its process -------------------------------------------------------------

_LOOK_FORKED_S = 0.05


class ForkedCrawl:
    """A process that waits for the specification of its crawl, with the methods of a `Popen`."""

    def __init__(self, pid: int, stdin: IO[str], stdout: IO[str]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._code: int | None = None
        self._lock = threading.Lock()  # several threads poll
        self._has_begun = False

    def begin(self) -> ForkedCrawl | None:
        """The process, for the first caller only."""
        if self._has_begun or self.poll() is not None:
            return None
        self._has_begun = True
        return self

    def poll(self) -> int | None:
        with self._lock:
            if self._code is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self._code = os.waitstatus_to_exitcode(status) if pid else None
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code. Raises TimeoutExpired."""
        end_at = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > end_at:
                raise subprocess.TimeoutExpired("spiders.process", timeout or 0)
            time.sleep(_LOOK_FORKED_S)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def close(self) -> None:
        """Forget it. If it has ended, or no crawl was begun, nothing is left of it."""
        # First of all, since it would miss its specification when the pipe is closed.
        if self.poll() is None and not self._has_begun:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        for pipe in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


Child = subprocess.Popen[str] | ForkedCrawl


@contextlib.contextmanager
def forked_crawl() -> Iterator[ForkedCrawl | None]:
    """A process for a crawl, while the block runs. None where it cannot be forked: then a crawl
    begins as a new process. Nothing may be open yet that two processes cannot share.
    """
    if sys.platform != "linux" or has_threads():
        yield None
        return
    orders, stdin = os.pipe()
    stdout, events = os.pipe()
    gc.freeze()  # a collection would write to what is shared
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(stdin)
        os.close(stdout)
        sys.exit(_crawl_of(orders, events, parent))
    os.close(orders)
    os.close(events)
    forked = ForkedCrawl(
        pid, os.fdopen(stdin, "w", encoding="utf-8"), os.fdopen(stdout, encoding="utf-8")
    )
    try:
        yield forked
    finally:
        forked.close()


def _crawl_of(orders: int, events: int, parent: int) -> int:
    """Be the crawl in this process, and return its exit code."""
    os.setsid()
    os.dup2(orders, 0)
    os.dup2(events, 1)
    os.close(orders)
    os.close(events)
    os.environ[process.PARENT_VARIABLE] = str(parent)
    if not sys.flags.safe_path:  # as with -P: nothing is imported from where we were started
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.modules["__main__"] = process  # each worker imports the main module, and needs no commands
    code = process.main()
    gc.freeze()  # else Python looks through all that it imported once more
    return code
