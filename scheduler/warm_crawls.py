"""Crawls that begin warm: each is forked from a process that has loaded all that they need
(`spiders.warm`), which is kept between them.

Whatever is wrong with that process, a crawl then begins as a new process, which takes some four
seconds of work more. See docs/decisions/warm-crawls.md.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crawler.worker import RulesSpec
from spiders.spec import CrawlSpec
from spiders.warm import BEGIN, END, NUMBER_BYTES, line_of

# None: each crawl begins as a new process.
COMMAND: Sequence[str] | None = (sys.executable, "-P", "-m", "spiders.warm")

_LOADING_S = 120.0  # far longer than loading takes, on a busy machine too
_ANSWER_S = 30.0  # from asking for a crawl until there is its process
_LOOK_S = 0.5
_ENDING_S = 2.0
# If it fails that often, it is left alone until rules or settings change.
_MOST_FAILURES = 3

# What tells one version of a file from another; None: there is no such file.
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Key:
    """What a process was made for. A crawl with another key needs another process."""

    rules: RulesSpec
    stamps: tuple[_Stamp, ...]
    environment: dict[str, str]
    most_mb: int


class _NotWarmError(Exception):
    """Why a crawl cannot begin warm."""


class _TooLargeError(_NotWarmError):
    """The process holds more memory than it may."""


class WarmCrawl:
    """A crawl that was forked, as a caller sees it. Its methods are those of a `Popen`."""

    def __init__(
        self, pid: int, process: int, told: socket.socket, stdin: IO[str], stdout: IO[str]
    ) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._process, self._told = process, told
        self._code: int | None = None
        self._lock = threading.Lock()  # several threads ask

    def poll(self) -> int | None:
        """The exit code; None while it is at work."""
        with self._lock:
            if self._code is None and _has_come(self._told.fileno(), 0):
                said = self._told.recv(NUMBER_BYTES)
                if said:
                    self._code = int.from_bytes(said, signed=True)
                elif _has_come(self._process, 0):
                    self._code = -signal.SIGTERM  # what it was forked from is gone, and so is it
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code. Raises TimeoutExpired."""
        end_at = time.monotonic() + (float("inf") if timeout is None else timeout)
        while (code := self.poll()) is None:
            if time.monotonic() > end_at:
                raise subprocess.TimeoutExpired("spiders.crawl", timeout or 0)
            _has_come(self._process, _LOOK_S)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGTERM)

    def close(self) -> None:
        """Forget it; to be called once it has ended."""
        self._told.close()
        os.close(self._process)


class WarmCrawls:
    """Keeps the process that crawls are forked from. `tell` is told in a line when a crawl has to
    begin anew. Methods may be called from any thread.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._kept: _WarmProcess | None = None
        self._leaving: list[_WarmProcess] = []
        self._failures = 0
        self._refused: _Key | None = None

    def begin(self, spec: CrawlSpec) -> WarmCrawl | None:
        """Begin a crawl; its specification is still to be written to its stdin. Returns None if it
        has to begin as a new process.
        """
        if COMMAND is None or sys.platform != "linux" or not spec.crawl.warm_mb:
            return None
        key = _key_of(spec)
        with self._lock:
            if self._closed.is_set() or key == self._refused:
                return None
            try:
                crawl = self._ready(key).fork(self._closed)
            except (_NotWarmError, OSError) as error:
                self._failed(key, error)
                return None
            self._failures, self._refused = 0, None
            return crawl

    def close(self) -> None:
        """End the process. Crawls that are still at work are asked to end."""
        self._closed.set()
        with self._lock:
            for one in self._leaving:
                one.close()
            self._leaving = []
            self._forget()

    def _ready(self, key: _Key) -> _WarmProcess:
        """The process for crawls with this key. Raises _NotWarmError if there can be none."""
        kept = self._kept
        if kept is not None and kept.process.poll() is not None:
            self._forget()
            if kept.process.returncode:  # else it was not needed for long
                raise _NotWarmError(kept.death)
        elif kept is not None and kept.key != key:
            kept.leave()
            self._leaving.append(kept)
            self._kept = None
        for one in self._leaving:
            if one.process.poll() is not None:
                one.close()
        self._leaving = [one for one in self._leaving if one.process.returncode is None]
        if self._kept is None:
            self._kept = _WarmProcess(key)
            self._kept.load(self._closed)
        return self._kept

    def _failed(self, key: _Key, error: Exception) -> None:
        self._forget()
        if self._closed.is_set():
            return
        self._failures += 1
        told = f"{error}; the crawl begins as a new process"
        if self._failures >= _MOST_FAILURES or isinstance(error, _TooLargeError):
            self._refused = key
            told += ", and so do later ones, until rules or settings change"
        self._tell(told)

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


class _WarmProcess:
    """The process that crawls are forked from."""

    def __init__(self, key: _Key) -> None:
        self.key = key
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - nobody else can write the command
                [*(COMMAND or ()), line_of(key.rules)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env=dict(key.environment),
            )

    @property
    def death(self) -> str:
        """How it died."""
        code = self.process.returncode
        if code is None:
            return "the process that crawls are forked from does not answer"
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        return f"the process that crawls are forked from {how}"

    def load(self, closed: threading.Event) -> None:
        """Wait until it has loaded all. Raises _NotWarmError if it does not."""
        held_mb = int.from_bytes(self._heard(self._asked, _LOADING_S, closed)[0])
        if held_mb > self.key.most_mb:
            raise _TooLargeError(
                f"the process that crawls are forked from needs {held_mb} MB, and crawl.warm_mb is "
                f"{self.key.most_mb}"
            )

    def fork(self, closed: threading.Event) -> WarmCrawl:
        """Have it forked for a crawl. Raises _NotWarmError if that does not work."""
        told, teller = socket.socketpair()
        orders, stdin = os.pipe()
        stdout, events = os.pipe()
        crawl_stdin = os.fdopen(stdin, "w", encoding="utf-8")
        crawl_stdout = os.fdopen(stdout, encoding="utf-8")
        try:
            with teller:
                socket.send_fds(self._asked, [BEGIN], [orders, events, teller.fileno()])
            said, files = self._heard(told, _ANSWER_S, closed)
        except (_NotWarmError, OSError):
            for one in (told, crawl_stdin, crawl_stdout):
                one.close()
            raise
        finally:
            os.close(orders)
            os.close(events)
        return WarmCrawl(int.from_bytes(said), files[0], told, crawl_stdin, crawl_stdout)

    def leave(self) -> None:
        """Let it end when its crawls are through."""
        with contextlib.suppress(OSError):
            self._asked.send(END)

    def close(self) -> None:
        """End it now."""
        self._asked.close()
        try:
            self.process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _heard(
        self, of: socket.socket, within_s: float, closed: threading.Event
    ) -> tuple[bytes, list[int]]:
        """What it says next, with the files that come along. Raises _NotWarmError."""
        end_at = time.monotonic() + within_s
        while not _has_come(of.fileno(), _LOOK_S):
            if closed.is_set() or time.monotonic() > end_at:
                raise _NotWarmError(self.death)
        said, files, _, _ = socket.recv_fds(of, NUMBER_BYTES, 1)
        if not said:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_ENDING_S)
            raise _NotWarmError(self.death)
        return said, files


def _key_of(spec: CrawlSpec) -> _Key:
    # how many false alarms are affordable is counted anew for each crawl, which sets it itself
    rules = RulesSpec(spec.packs, spec.rule_files)
    stamps = tuple(_stamp(file) for file in spec.rule_files)
    return _Key(rules, stamps, dict(os.environ), spec.crawl.warm_mb)


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def _has_come(file: int, within_s: float) -> bool:
    """Whether there is something to be read."""
    waiting = select.poll()  # select cannot wait for files with high numbers
    waiting.register(file, select.POLLIN)
    return bool(waiting.poll(within_s * 1000))
