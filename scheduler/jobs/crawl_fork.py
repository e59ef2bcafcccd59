"""The crawl of a `run` as a copy of its process, made before that opens anything.

What `run` has imported, half of what a crawl needs, is there already, and the memory is shared:
8 to 18 % of a crawl of 200 pages, 30 % of a run with nothing new. The crawl is a process of its own
all the same. See docs/decisions/starting-crawls.md.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO, NoReturn

from crawler.fork_server import has_threads
from crawler.process_end import end
from spiders import crawl
from spiders.spec import CrawlSpec

_LOOK_S = 0.05


class ForkedCrawl:
    """A process that waits for the specification of its crawl. Its methods are those of a
    `Popen`.
    """

    def __init__(self, pid: int, stdin: IO[str], stdout: IO[str]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._code: int | None = None
        self._lock = threading.Lock()  # several threads ask
        self._has_begun = False

    def begin(self, spec: CrawlSpec) -> ForkedCrawl | None:
        """Return the process, for the first crawl that asks."""
        if self._has_begun or self.poll() is not None:
            return None
        self._has_begun = True
        return self

    def poll(self) -> int | None:
        """The exit code; None while it is at work."""
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
                raise subprocess.TimeoutExpired("spiders.crawl", timeout or 0)
            time.sleep(_LOOK_S)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
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


@contextlib.contextmanager
def forked_crawl() -> Iterator[ForkedCrawl | None]:
    """A process for a crawl, while the block runs. None where it cannot be forked: then a crawl
    begins as a new process. Nothing may be open yet that two processes cannot share.
    """
    if sys.platform != "linux" or has_threads():
        yield None
        return
    forked = _fork()
    try:
        yield forked
    finally:
        forked.close()


def _fork() -> ForkedCrawl:
    orders, stdin = os.pipe()
    stdout, events = os.pipe()
    gc.freeze()  # a collection would write to what is shared
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(stdin)
        os.close(stdout)
        _become_crawl(orders, events, parent)
    os.close(orders)
    os.close(events)
    return ForkedCrawl(
        pid, os.fdopen(stdin, "w", encoding="utf-8"), os.fdopen(stdout, encoding="utf-8")
    )


def _become_crawl(orders: int, events: int, parent: int) -> NoReturn:
    code = crawl.CRASHED
    try:
        os.setsid()
        os.dup2(orders, 0)
        os.dup2(events, 1)
        os.close(orders)
        os.close(events)
        os.environ[crawl.PARENT_VARIABLE] = str(parent)
        if not sys.flags.safe_path:  # as with -P: nothing is imported from where we were started
            del sys.path[0]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = crawl.main()
    finally:
        end(code)
