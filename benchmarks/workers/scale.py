"""Many workers before many hosts, played on a clock of its own, without a network: `python -m
benchmarks.workers.scale [--workers N] [--hosts N] [--interval S] [--die-every S]`.

What is played is what the code does: bundles of five hosts, a look at what is due every five
seconds, a queue of which one job of a key waits or is done, leases of thirty seconds, dead workers
that are noticed after twenty-five. With --measure, PostgreSQL says first how fast the queue and the
rows of hosts really are.
"""

from __future__ import annotations

import argparse
import heapq
import random
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass, field

import psycopg

from scheduler.workers.leader import HANDFUL
from scheduler.workers.queue import DEAD_S, Job, JobQueue
from spiders.leases import LEASE_S, PATIENCE_S
from storage.database.session import open_database
from storage.workers.hosts import claim, renew
from tests.postgres import postgres

TICK_S = 5.0
START_S = 4.5  # a crawl process, until its first request
HOURS = 3
# Of its interval, how much earlier a host is looked at with others of its bundle. The code: not at all.
ALONG = 0.0
# Of a hundred hosts, how many ask for which delay; robots.txt and the feed are asked for, too.
DELAYS_S = ((1.0, 90), (5.0, 6), (10.0, 3), (30.25, 1))
NEW = 3.0  # pages a look at a host brings


@dataclass
class Played:
    """What came of it."""

    waits_s: list[float] = field(default_factory=list)  # from due to looked at
    early: int = 0
    deaths: int = 0
    jobs: int = 0
    longest_queue: int = 0
    busy_s: float = 0.0


@dataclass
class Host:
    delay_s: float
    due_at: float
    free_at: float = 0.0
    last_request: float = -1e9


def play(
    workers: int, hosts: int, interval_s: float, die_every_s: float, along: float = ALONG
) -> Played:
    chance, played = random.Random(1), Played()
    delays, weights = zip(*DELAYS_S, strict=True)
    made = [
        Host(chance.choices(delays, weights)[0], chance.uniform(0, interval_s))
        for _ in range(hosts)
    ]
    bundles = [made[at : at + HANDFUL] for at in range(0, hosts, HANDFUL)]
    waiting: deque[int] = deque()
    open_keys: set[int] = set()
    idle, events, now, end = workers, [(0.0, 0, -1)], 0.0, HOURS * 3600.0
    number = 0

    def due(bundle: int) -> float:
        return min(host.due_at for host in bundles[bundle])

    # The next moment at which each bundle has something due: the leader sees it at its next tick.
    ready = [(due(one), one) for one in range(len(bundles))]
    heapq.heapify(ready)
    while events and now < end:
        now, _, bundle = heapq.heappop(events)
        if bundle >= 0:  # a job is over, or its dead worker was noticed
            open_keys.discard(bundle)
            idle += 1
            heapq.heappush(ready, (due(bundle), bundle))
        else:
            while ready and ready[0][0] <= now:
                _, one = heapq.heappop(ready)
                if one not in open_keys:
                    open_keys.add(one)
                    waiting.append(one)
            number += 1
            heapq.heappush(events, (now + TICK_S, number, -1))
        played.longest_queue = max(played.longest_queue, len(waiting))
        while idle and waiting:
            idle -= 1
            taken = waiting.popleft()
            until = crawl(bundles[taken], now, interval_s, die_every_s, chance, played, along)
            number += 1
            heapq.heappush(events, (until, number, taken))
    return played


def crawl(
    bundle: list[Host],
    now: float,
    interval_s: float,
    die_every_s: float,
    chance: random.Random,
    played: Played,
    along: float,
) -> float:
    """A job of a bundle. Returns when its worker is free, or its death was noticed."""
    begun = now + START_S
    dies_at = now + chance.expovariate(1 / die_every_s) if die_every_s else float("inf")
    over = begun
    played.jobs += 1
    for host in bundle:
        at = max(begun, host.free_at)
        if at - begun > PATIENCE_S:
            continue  # another is there: the host stays due
        is_due = host.due_at <= now + along * interval_s
        for page in range(2 + poisson(chance, NEW)) if is_due else ():
            if at >= dies_at:
                break
            if at - host.last_request < host.delay_s - 1e-9:
                played.early += 1
            host.last_request = at
            if page == 1:
                played.waits_s.append(max(0.0, at - host.due_at))
                host.due_at = at + interval_s
            at += host.delay_s
        over = max(over, at)
    ended = min(over, dies_at)
    for host in bundle:
        # Left in order: after the delay. Dead: at the end of a lease that was renewed at most 5 s ago.
        host.free_at = ended + host.delay_s + (LEASE_S if dies_at < over else 0.0)
    played.busy_s += ended - now
    if dies_at < over:
        played.deaths += 1
        return ended + DEAD_S + TICK_S
    return ended


def poisson(chance: random.Random, mean: float) -> int:
    number, left = 0, chance.expovariate(1.0)
    while left < mean:
        number, left = number + 1, left + chance.expovariate(1.0)
    return number


def measure(hosts: int) -> None:
    """How many jobs are put in a second, and how long hosts take among many."""
    with postgres() as server, closing(open_database(server.get_uri())) as database:
        queue = JobQueue(database.url)
        queue.prepare()
        began = time.perf_counter()
        queue.put(
            [Job("crawl", "crawl", f"crawl:{n}", {"sources": ["a"] * 5}) for n in range(1000)]
        )
        print(f"jobs put in a second: {1000 / (time.perf_counter() - began):.0f}")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("SET search_path = accordwatch_queue")
            began = time.perf_counter()
            for _ in range(300):
                connection.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
            took = (time.perf_counter() - began) / 300
            print(f"taking a job of 1,000: {1000 * took:.1f} ms")
        with database.beside() as s:
            claim(s, {f"h{n}.example:443": 0.0 for n in range(hosts)}, 0, "it", 0.0)
        began = time.perf_counter()
        for n in range(200):
            with database.beside() as s:
                claim(s, {f"h{n * 5 + k}.example:443": 1.0 for k in range(5)}, n + 1, "it", 30.0)
        print(f"claiming 5 hosts of {hosts:,}: {1000 * (time.perf_counter() - began) / 200:.1f} ms")
        began = time.perf_counter()
        for n in range(200):
            with database.beside() as s:
                renew(s, {f"h{n * 5 + k}.example:443": 1.0 for k in range(5)}, n + 1, 30.0)
        print(f"renewing them: {1000 * (time.perf_counter() - began) / 200:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--interval", type=float, default=3600.0)
    parser.add_argument("--die-every", type=float, default=3600.0)
    parser.add_argument("--along", type=float, default=ALONG)
    parser.add_argument("--measure", action="store_true")
    options = parser.parse_args()
    if options.measure:
        measure(options.hosts)
    played = play(
        options.workers, options.hosts, options.interval, options.die_every, options.along
    )
    waits = sorted(played.waits_s)
    within = sum(wait <= options.interval for wait in waits) / len(waits)
    print(
        f"{options.workers:,} workers, {options.hosts:,} hosts every {options.interval:.0f} s, for {HOURS} h"
    )
    print(
        f"looks {len(waits):,}, jobs {played.jobs:,}, deaths {played.deaths:,}, hosts asked early {played.early}"
    )
    print(
        f"wait of a due look: median {waits[len(waits) // 2]:.0f} s, 99 % {waits[len(waits) * 99 // 100]:.0f} s, longest {waits[-1]:.0f} s"
    )
    print(
        f"within two intervals {100 * within:.2f} %; longest queue {played.longest_queue:,}; workers busy {100 * played.busy_s / (options.workers * HOURS * 3600):.0f} %"
    )


if __name__ == "__main__":
    main()
