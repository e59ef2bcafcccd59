"""Workers that are killed again and again: `python -m benchmarks.workers [--hosts N] [--pages N]
[--workers N] [--kill-every S] [--delay S] [--apart]`.

The same web is crawled by one worker that is left alone, and by several that are killed with
SIGKILL, the leader and connections of the database among the victims. Is each page stored once, is
no host asked before its delay, is no job left, is nothing told twice, is the register the same?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.request import ProxyHandler, build_opener

import psycopg

from benchmarks.workers.apart import NETWORK, namespaces
from benchmarks.workers.web import address
from storage.database.session import open_database
from storage.workers.queue import job_counts
from tests.postgres import postgres
from tests.scheduler.daemon.running_daemon import children

PORT = 8123
LIMIT_S = 1800.0
# What the command line of each process begins with, so that it has a network of its own.
Places = Mapping[str, Sequence[str]]


@dataclass
class Outcome:
    """What came of a crawl."""

    delay_s: float = 0.0
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    documents: int = 0
    asked_again: int = 0
    shortest_s: float = 0.0
    side_by_side: int = 0
    longest_doing_s: float = 0.0
    left: list[str] = field(default_factory=list)
    told: int = 0
    told_twice: int = 0
    register: list[str] = field(default_factory=list)
    requests: int = 0


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
    """The leader and the workers, each a process whose death is followed by another one."""

    def __init__(self, config: Path, names: Sequence[str], places: Places, log: IO[bytes]) -> None:
        self.config, self.places, self.log = config, places, log
        self.processes = {name: self.start(name) for name in names}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        does = ["worker"] if name.startswith("worker") else ["daemon", "--workers"]
        words = [*self.places.get(name, ()), sys.executable, "-m", "scheduler.cli", *does]
        return subprocess.Popen(
            [*words, "--config", str(self.config)], stdout=self.log, stderr=self.log
        )

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


def play(url: str, options: argparse.Namespace, workers: int, kill_every_s: float) -> Outcome:
    chance = random.Random(1)
    delay_s = options.delay if kill_every_s else options.alone_delay or options.delay
    outcome = Outcome(delay_s)
    names = ["leader", "standby", *(f"worker {n}" for n in range(workers))]
    open_database(url).close()
    with (
        TemporaryDirectory() as name,
        machines(names, options.hosts, apart=options.apart) as (network, places),
        web(options.hosts, options.pages, network),
    ):
        hosts = [address(number, network) for number in range(options.hosts)]
        config = configured(Path(name), url, hosts, delay_s)
        began = time.monotonic()
        with Path(options.log).open("ab") as log:
            crew = Crew(config, names, places, log)
            try:
                watch(url, options, crew, outcome, chance, kill_every_s)
                outcome.seconds = time.monotonic() - began
                settle(url, outcome)
            finally:
                crew.end()
        outcome.register = register(config)
        look_at_server(outcome, hosts[0])
    look_at_database(url, outcome)
    return outcome


def watch(
    url: str,
    options: argparse.Namespace,
    crew: Crew,
    outcome: Outcome,
    chance: random.Random,
    kill_every_s: float,
) -> None:
    """Until each page is stored; and kill somebody now and then."""
    wanted, end_at = options.hosts * options.pages, time.monotonic() + LIMIT_S
    next_kill = time.monotonic() + kill_every_s
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end_at:
            time.sleep(1)
            row = connection.execute("SELECT count(*) FROM documents").fetchone()
            if row is not None and row[0] >= wanted:
                return
            note_doing(url, outcome)
            if kill_every_s and time.monotonic() > next_kill:
                next_kill = time.monotonic() + kill_every_s
                victim = chance.choice([*crew.processes, "connections"])
                outcome.kills[victim.partition(" ")[0]] += 1
                if victim == "connections":
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                        "pg_backend_pid() AND datname = current_database() AND random() < 0.3"
                    )
                else:
                    crew.kill(victim, whole=chance.random() < 0.5)


def note_doing(url: str, outcome: Outcome) -> None:
    """How long a job of a worker that is dead has been in "doing"."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = accordwatch_queue")
        with suppress(psycopg.Error):
            row = connection.execute(
                "SELECT max(EXTRACT(EPOCH FROM now() - COALESCE(w.last_heartbeat, now()))) FROM "
                "procrastinate_jobs j JOIN procrastinate_workers w ON w.id = j.worker_id "
                "WHERE j.status = 'doing'"
            ).fetchone()
            outcome.longest_doing_s = max(outcome.longest_doing_s, float((row or [0])[0] or 0))


def settle(url: str, outcome: Outcome) -> None:
    """A minute in which the queue has to become empty."""
    end_at = time.monotonic() + 60
    with closing(open_database(url)) as database:
        while time.monotonic() < end_at:
            with database.read() as s:
                counts = job_counts(s)
                owed = s.connection().exec_driver_sql("SELECT count(*) FROM owed").scalar()
            outcome.left = [f"{one.kind} {one.state} {one.jobs}" for one in counts]
            if not owed and not any(one.state == "doing" for one in counts):
                return
            time.sleep(1)


def look_at_server(outcome: Outcome, host: str) -> None:
    with build_opener(ProxyHandler({})).open(f"http://{host}:{PORT}/log") as answer:
        log = sorted(json.loads(answer.read()))
    outcome.requests = len(log)
    by_host = defaultdict(list)
    for began, ended, host, path in log:
        by_host[host].append((began, ended, path))
    gaps, seen = [], defaultdict(int)
    for host, rows in by_host.items():
        for (began, ended, path), (following, _, _) in pairwise(rows):
            gaps.append(following - began)
            outcome.side_by_side += following < ended
            seen[host, path] += 1
        seen[host, rows[-1][2]] += 1
    outcome.shortest_s = min(gaps)
    outcome.asked_again = sum(n - 1 for (_, path), n in seen.items() if path[1:].isdigit())


def register(config: Path) -> list[str]:
    """The register as it is exported, without numbers that are given in the order of arrival."""
    command = [sys.executable, "-m", "scheduler.cli", "agreements", "--format", "jsonl"]
    out = subprocess.run(
        [*command, "--config", str(config)], capture_output=True, text=True, check=True
    )
    return sorted(canonical(json.loads(line)) for line in out.stdout.splitlines())


def canonical(entry: dict[str, Any]) -> str:
    address_of = {one["document_id"]: one["url"] for one in entry["reports"]}
    for step in entry["history"]:
        step["document_ids"] = sorted(address_of[number] for number in step["document_ids"])
    # Reasons name documents by number, too.
    entry["reasons"] = sorted(re.sub(r"\bD(\d+)\b", "D", reason) for reason in entry["reasons"])
    for report in entry["reports"]:
        del report["document_id"]
    entry["reports"].sort(key=lambda one: one["url"])
    for name in (
        "id",
        "first_reported_at",
        "first_voice",
        "text_document_id",
        "listed",
        "mentions",
    ):
        entry.pop(name, None)
    return json.dumps(entry, sort_keys=True, ensure_ascii=False)


def look_at_database(url: str, outcome: Outcome) -> None:
    with psycopg.connect(url) as connection:

        def count(statement: str) -> int:
            row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
            return int(row[0]) if row else 0

        outcome.documents = count("SELECT count(*) FROM documents")
        # In how many digests each step was told.
        told = (
            "SELECT count(DISTINCT digest_id) AS times FROM told JOIN reports USING (document_id) "
            "WHERE news = 'step' AND step IS NOT NULL GROUP BY agreement_id, step"
        )
        outcome.told = count(f"SELECT count(*) FROM ({told}) AS told")
        outcome.told_twice = count(f"SELECT count(*) FROM ({told}) AS told WHERE times > 1")


def say(name: str, outcome: Outcome, options: argparse.Namespace) -> None:
    kills = ", ".join(f"{n} {name}" for name, n in outcome.kills.items()) or "none"
    print(f"{name}: {outcome.seconds:.0f} s; killed: {kills}")
    print(
        f"  pages stored {outcome.documents} of {options.hosts * options.pages}, requests {outcome.requests}, of them again {outcome.asked_again}"
    )
    print(
        f"  shortest time between requests to one host {outcome.shortest_s:.3f} s (delay {outcome.delay_s} s), side by side {outcome.side_by_side}"
    )
    print(
        f"  longest without heartbeat in doing {outcome.longest_doing_s:.0f} s; left in the queue: {outcome.left or 'nothing'}"
    )
    print(
        f"  told {outcome.told}, twice {outcome.told_twice}; agreements {len(outcome.register)}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kill-every", type=float, default=8.0)
    parser.add_argument("--delay", type=float, default=0.5)
    parser.add_argument("--alone-delay", type=float)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--log", default=os.devnull)
    parser.add_argument("--only", choices=("one", "many", "both"), default="both")
    options = parser.parse_args()
    registers = []
    with postgres() as server:
        wanted = [("one worker, left alone", 1, 0.0)] * (options.only != "many")
        wanted += [(f"{options.workers} workers, killed", options.workers, options.kill_every)] * (
            options.only != "one"
        )
        for number, (name, workers, kill_every_s) in enumerate(wanted):
            before, _, query = server.get_uri().partition("?")
            url = f"{before.rpartition('/')[0]}/played_{number}" + (f"?{query}" if query else "")
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE played_{number} TEMPLATE template0")  # type: ignore[call-overload]
            outcome = play(url, options, workers, kill_every_s)
            say(name, outcome, options)
            registers.append(outcome.register)
    if len(registers) == 2:
        one, many = map(set, registers)
        print("the registers are the same" if one == many else "the registers DIFFER")
        for line in sorted(one ^ many):
            print(("one:  " if line in one else "many: ") + line)


if __name__ == "__main__":
    main()
