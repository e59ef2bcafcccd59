"""Workers that are killed again and again: `python -m benchmarks.workers [--hosts N] [--pages N]
[--workers N] [--kill-every S] [--delay S] [--apart] [--upgrade]`.

The same web is crawled by one worker that is left alone, and by several that are killed with
SIGKILL, the leader and connections of the database among the victims; or, with `--upgrade`, by
several that are replaced by a newer version with one migration more. Is each page stored once, is
no host asked before its delay, is no job left, is nothing told twice, is the register the same?
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import psycopg

from benchmarks.workers.crew import Crew, configured, machines, web
from benchmarks.workers.outcome import (
    Outcome,
    look_at_database,
    look_at_server,
    note_doing,
    register,
    say,
    settle,
)
from benchmarks.workers.upgrade import Upgrade
from benchmarks.workers.web import address
from storage.database.session import open_database
from tests.postgres import postgres

LIMIT_S = 1800.0


class Meddling(Protocol):
    """What is done to workers while they crawl."""

    def look(
        self, crew: Crew, outcome: Outcome, connection: psycopg.Connection[Any], share: float
    ) -> bool:
        """Called once a second; `share` of the pages is stored. Whether all is done."""


class LeftAlone:
    def look(
        self, crew: Crew, outcome: Outcome, connection: psycopg.Connection[Any], share: float
    ) -> bool:
        return True


class Kills:
    """Somebody is killed every few seconds, or connections of the database are cut."""

    def __init__(self, every_s: float) -> None:
        self._every_s, self._next_s = every_s, time.monotonic() + every_s
        self._chance = random.Random(1)

    def look(
        self, crew: Crew, outcome: Outcome, connection: psycopg.Connection[Any], share: float
    ) -> bool:
        if time.monotonic() > self._next_s:
            self._next_s = time.monotonic() + self._every_s
            victim = self._chance.choice([*crew.processes, "connections"])
            outcome.kills[victim.partition(" ")[0]] += 1
            if victim == "connections":
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                    "pg_backend_pid() AND datname = current_database() AND random() < 0.3"
                )
            else:
                crew.kill(victim, whole=self._chance.random() < 0.5)
        return True


def play(
    url: str, options: argparse.Namespace, workers: int, meddling: Meddling, delay_s: float
) -> Outcome:
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
        logs = Path(options.logs or name) / url.partition("?")[0].rpartition("/")[2]
        logs.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        crew = Crew(config, names, places, logs)
        try:
            watch(url, options, crew, outcome, meddling)
            outcome.seconds = time.monotonic() - began
            settle(url, outcome)
        finally:
            crew.end()
        outcome.register = register(config, crew.program)
        look_at_server(outcome, hosts[0])
    look_at_database(url, outcome)
    return outcome


def watch(
    url: str, options: argparse.Namespace, crew: Crew, outcome: Outcome, meddling: Meddling
) -> None:
    """Until each page is stored, and all is done that was to be done to the workers."""
    wanted, end_at = options.hosts * options.pages, time.monotonic() + LIMIT_S
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end_at:
            time.sleep(1)
            row = connection.execute("SELECT count(*) FROM documents").fetchone()
            share = row[0] / wanted if row is not None else 0.0
            note_doing(url, outcome)
            if meddling.look(crew, outcome, connection, share) and share >= 1:
                return


def plays(options: argparse.Namespace) -> Sequence[tuple[str, int, Meddling, float]]:
    """What is played: (name, workers, what is done to them, delay)."""
    alone_s = options.alone_delay or options.delay
    many = f"{options.workers} workers, {'upgraded' if options.upgrade else 'killed'}"
    meddling: Meddling = Upgrade() if options.upgrade else Kills(options.kill_every)
    one = ("one worker, left alone", 1, LeftAlone(), alone_s)
    several = (many, options.workers, meddling, options.delay)
    return [one] * (options.only != "many") + [several] * (options.only != "one")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kill-every", type=float, default=8.0)
    parser.add_argument("--delay", type=float, default=0.5)
    parser.add_argument("--alone-delay", type=float)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument("--logs", help="a folder for what each process says")
    parser.add_argument("--only", choices=("one", "many", "both"), default="both")
    options = parser.parse_args()
    registers = []
    with postgres() as server:
        for number, (name, workers, meddling, delay_s) in enumerate(plays(options)):
            before, _, query = server.get_uri().partition("?")
            url = f"{before.rpartition('/')[0]}/played_{number}" + (f"?{query}" if query else "")
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE played_{number} TEMPLATE template0")  # type: ignore[call-overload]
            outcome = play(url, options, workers, meddling, delay_s)
            say(name, outcome, options)
            registers.append(outcome.register)
    if len(registers) == 2:
        one, many = map(set, registers)
        print("the registers are the same" if one == many else "the registers DIFFER")
        for line in sorted(one ^ many):
            print(("one:  " if line in one else "many: ") + line)


if __name__ == "__main__":
    main()
