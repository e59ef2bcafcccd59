"""What came of a played crawl: what the server heard, what is stored, and what was told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from argparse import Namespace
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import psycopg

from benchmarks.workers.crew import PORT


@dataclass
class Outcome:
    """What came of a crawl."""

    delay_s: float = 0.0
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    documents: int = 0
    asked_again: int = 0
    shortest_s: float = 0.0
    too_near: int = 0
    handovers: int = 0
    shortest_handover_s: float | None = None
    side_by_side: int = 0
    longest_doing_s: float = 0.0
    left: list[str] = field(default_factory=list)
    told: int = 0
    told_twice: int = 0
    register: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # of an upgrade
    requests: int = 0


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
    jobs = (
        "SELECT task_name, status::text, count(*) FROM accordwatch_queue.procrastinate_jobs "
        "WHERE status IN ('todo', 'doing', 'failed') GROUP BY task_name, status"
    )
    # Not by functions of ours, which may be of another version than the workers by now.
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end_at:
            counts = connection.execute(jobs).fetchall()
            outcome.left = [f"{kind} {state} {n}" for kind, state, n in counts]
            is_owed = connection.execute("SELECT EXISTS (SELECT FROM owed)").fetchone() == (True,)
            if not is_owed and not any(state == "doing" for _, state, _ in counts):
                return
            time.sleep(1)


def look_at_server(outcome: Outcome, host: str) -> None:
    with build_opener(ProxyHandler({})).open(f"http://{host}:{PORT}/log") as answer:
        log = sorted(json.loads(answer.read()))
    outcome.requests = len(log)
    by_host = defaultdict(list)
    for began, ended, host, path, by in log:
        by_host[host].append((began, ended, path, by))
    gaps, handovers = [], []
    for rows in by_host.values():
        for (began, ended, _, by), (following, _, _, by_next) in pairwise(rows):
            gaps.append(following - began)
            outcome.side_by_side += following < ended
            if by != by_next:
                handovers.append(following - began)
    outcome.shortest_s = min(gaps)
    outcome.too_near = sum(gap < outcome.delay_s for gap in gaps)
    outcome.handovers, outcome.shortest_handover_s = len(handovers), min(handovers, default=None)
    asked = Counter((host, path) for _, _, host, path, _ in log if path[1:].isdigit())
    outcome.asked_again = asked.total() - len(asked)


def register(config: Path, program: Path | None) -> list[str]:
    """The register as it is exported, without numbers that are given in the order of arrival."""
    command = [sys.executable, "-m", "scheduler.cli", "agreements", "--format", "jsonl"]
    out = subprocess.run(
        [*command, "--config", str(config)],
        capture_output=True,
        text=True,
        check=True,
        cwd=program,
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


def say(name: str, outcome: Outcome, options: Namespace) -> None:
    kills = ", ".join(f"{n} {name}" for name, n in outcome.kills.items()) or "none"
    print(f"{name}: {outcome.seconds:.0f} s; killed: {kills}")
    print(
        f"  pages stored {outcome.documents} of {options.hosts * options.pages}, requests {outcome.requests}, of them again {outcome.asked_again}"
    )
    print(
        f"  shortest time between requests to one host {outcome.shortest_s:.3f} s (delay {outcome.delay_s} s, nearer {outcome.too_near}), side by side {outcome.side_by_side}"
    )
    if outcome.shortest_handover_s is not None:
        print(
            f"  from one worker to another {outcome.handovers} times, the nearest two {outcome.shortest_handover_s:.3f} s apart"
        )
    print(
        f"  longest without heartbeat in doing {outcome.longest_doing_s:.0f} s; left in the queue: {outcome.left or 'nothing'}"
    )
    for line in outcome.said:
        print(f"  {line}")
    print(
        f"  told {outcome.told}, twice {outcome.told_twice}; agreements {len(outcome.register)}",
        flush=True,
    )
