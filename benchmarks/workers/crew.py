"""The web, the leader and the workers of a played crawl, each a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.workers.apart import NETWORK, namespaces
from benchmarks.workers.web import address
from tests.scheduler.daemon.running_daemon import children

PORT = 8123
# What the command line of each process begins with, so that it has a network of its own.
Places = Mapping[str, Sequence[str]]


def configured(folder: Path, url: str, hosts: Sequence[str], delay_s: float) -> Path:
    names = [f"{host}:{PORT}" for host in hosts]
    sources = "".join(
        f"  - {{id: host-{n}, kind: feed, url: 'http://{name}/feed', every: 24h}}\n"
        for n, name in enumerate(names)
    )
    path = folder / "accordwatch.yaml"
    path.write_text(
        f"database: {json.dumps(url)}\n"
        f"crawl: {{delay_s: {delay_s}, allow_private: {json.dumps(names)}}}\n"
        "known_agreements: false\n"
        "subscriptions:\n  - {id: all, channels: [file], rate: immediately, max_items: 1000}\n"
        f"sources:\n{sources}"
    )
    return path


class Crew:
    """The leader and the workers, each a process whose death is followed by another one. What each
    says stands in a file of its own in `logs`.
    """

    def __init__(self, config: Path, names: Sequence[str], places: Places, logs: Path) -> None:
        self.config, self.places, self.logs = config, places, logs
        self.program: Path | None = None  # of the newest version that was started
        self.processes = {name: self.start(name) for name in names}

    def start(self, name: str, program: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a process; `program` is the folder of another version of Accordwatch."""
        does = ["worker"] if name.startswith("worker") else ["daemon", "--workers"]
        words = [*self.places.get(name, ()), sys.executable, "-m", "scheduler.cli", *does]
        with self.log(name).open("ab") as log:
            return subprocess.Popen(
                [*words, "--config", str(self.config)],
                stdout=log,
                stderr=log,
                cwd=program,
                env=None if program is None else os.environ | {"PYTHONPATH": str(program)},
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name.replace(' ', '-')}.log"

    def kill(self, name: str, *, whole: bool) -> None:
        """SIGKILL a process; `whole` as when its machine dies, with all that it started."""
        process = self.processes[name]
        family = descendants(process.pid) if whole else []
        process.kill()
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        self.processes[name] = self.start(name)

    def replace(self, name: str, program: Path) -> None:
        """End a process in order, and start another version in its place."""
        process = self.processes[name]
        process.terminate()
        process.wait(60)
        self.program = program
        self.processes[name] = self.start(name, program)

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def descendants(pid: int) -> list[int]:
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


@contextmanager
def web(hosts: int, pages: int, network: str) -> Iterator[None]:
    words = [str(hosts), str(pages), str(PORT), network]
    command = [sys.executable, "-m", "benchmarks.workers.web", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            yield
        finally:
            process.kill()


@contextmanager
def machines(names: Sequence[str], hosts: int, *, apart: bool) -> Iterator[tuple[str, Places]]:
    """The network that the hosts are in, and where each process runs."""
    if not apart:
        yield "127.2", {}
        return
    with namespaces(names, [address(number, NETWORK) for number in range(hosts)]) as places:
        yield NETWORK, places
