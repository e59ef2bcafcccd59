"""Starts a server of ours as a process and knows where it listens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Site:
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def get(self, path: str) -> bytes:
        with build_opener(ProxyHandler({})).open(self.url(path)) as answer:
            body: bytes = answer.read()
        return body

    def asked(self) -> list[tuple[float, str, dict[str, Any]]]:
        """What was asked of a bad site: (seconds, path, headers)."""
        return [(at, path, headers) for at, path, headers in json.loads(self.get("/log"))]

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked()]


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """A module of ours as a process; the first line that it prints. Killed at the end."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def bad_site(robots: int = 200) -> Iterator[Site]:
    """The server of mishaps; `robots` is the status of its robots.txt."""
    with running("tests.spiders.bad_site", "--robots", str(robots)) as line:
        yield Site(int(line))
