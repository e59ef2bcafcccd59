"""A daemon in a process of its own, on the demo's news site, for tests to talk to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.warm import start as warm

ARGUMENTS = ["daemon", "--listen", "127.0.0.1:0", "--config"]
PATIENCE_S = 290  # only what hangs is ever waited for so long; a little less than a test may last


@dataclass
class RunningDaemon:
    process: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def said(self, event: str) -> list[dict[str, Any]]:
        return [line for line in list(self.lines) if line.get("event") == event]

    def wait_for(self, event: str, times: int = 1) -> dict[str, Any]:
        wait_until(lambda: len(self.said(event)) >= times, f"{event} in {self.lines}")
        return self.said(event)[times - 1]

    @property
    def address(self) -> str:
        return str(self.wait_for("listening")["address"])

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()

    def end(self, number: int = signal.SIGTERM) -> int:
        """The exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def daemon(path: Path, *, cold: bool = False, **environ: str) -> Iterator[RunningDaemon]:
    """A daemon with this configuration; `cold` starts it as people do, with children of its own."""
    start = [sys.executable, "-m", "scheduler.cli"] if cold else warm.command("scheduler.cli")
    process = subprocess.Popen(
        [*start, *ARGUMENTS, str(path)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
        encoding="utf-8",
    )
    running = RunningDaemon(process)

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            running.lines.append(
                json.loads(line) if line.startswith("{") else {"event": line.strip()}
            )

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        reader.join(10)
        assert process.stderr is not None
        process.stderr.close()


@contextmanager
def news_site() -> Iterator[str]:
    site = subprocess.Popen(
        [sys.executable, "-m", "spiders.demo", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert site.stdout is not None
        yield site.stdout.readline().strip()
    finally:
        site.terminate()
        site.wait(10)
        assert site.stdout is not None
        site.stdout.close()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_at, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`, by what Linux says of each."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            match = re.search(r"^PPid:\s+(\d+)", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        if match and int(match[1]) == pid:
            found.append(int(status.parent.name))
    return found
