"""A backfill that is killed again and again: `python -m benchmarks.backfill.killed [--pages 100000]
[--archives 40] [--kills 10] [--workers 2]`.

The same archives, made from the local web, are read by a command that is left alone, and by one
that is killed with SIGKILL at random moments: with all that it started, by itself, or one of the processes
that it started. Eight kills in ten meet it while it reads, the others while it stores. Is the register the
same, row by row, and what is said of each archive? How much was read twice?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.backfill.made import make_archives
from benchmarks.workers.crew import descendants

_STORING = 0.2  # of the kills come while it stores
_LIMIT_S = 2 * 3600.0


@dataclass
class Played:
    """What came of a backfill."""

    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    while_storing: int = 0
    judged: int = 0
    outlived_s: float = 0.0
    refused: list[str] = field(default_factory=list)
    said: str = ""
    archives: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[str]] = field(default_factory=dict)


class Command:
    """`accordwatch backfill`, given again whenever it was killed."""

    def __init__(self, folder: Path, archives: Path, workers: int, played: Played) -> None:
        self.folder, self.played = folder, played
        (folder / "accordwatch.yaml").write_text("sources: []\n")
        self.judged, self.report = folder / "judged", folder / "report.json"
        counted = [sys.executable, "-m", "benchmarks.backfill.counted", str(self.judged)]
        asked = ["--workers", str(workers), "--report", str(self.report)]
        config = ["--config", str(folder / "accordwatch.yaml")]
        self._words = [*counted, "backfill", str(archives), *asked, *config]
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(self._words, stderr=said, stdout=said)

    @property
    def read(self) -> int:
        """Documents whose results are kept."""
        return sum(
            json.loads(line).get("read", 0)
            for path in (self.folder / "backfill").glob("*.read")
            for line in path.read_bytes().splitlines()[1:]
            if line.endswith(b"}")
        )

    def kill(self, chance: random.Random) -> None:
        """Kill all of it, the command alone, or one of the processes that it started."""
        family = descendants(self.process.pid)
        what = chance.choice(("all of it", "the command alone", "one that it started"))
        what = what if family else "all of it"
        self.played.kills[what] += 1
        if what == "one that it started":
            _kill(chance.choice(family))
            return
        self.process.kill()
        if what == "all of it":
            for pid in family:
                _kill(pid)
        self.process.wait()
        began = time.monotonic()
        self.process = self._start()
        while any(_lives(pid) for pid in family) and time.monotonic() < began + 60:
            time.sleep(0.1)
        self.played.outlived_s = max(self.played.outlived_s, time.monotonic() - began)

    def again(self) -> None:
        """Give the command again: it was refused, since what was killed held a lock."""
        self.played.refused.append((self.folder / "said").read_text().splitlines()[-1])
        time.sleep(1)
        self.process = self._start()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    return False


def play(archives: Path, pages: int, kills: int, workers: int) -> Played:
    """Read archives to their end, killed so many times."""
    chance, played = random.Random(1), Played()
    while_reading = round(kills * (1 - _STORING))
    moments = sorted(chance.uniform(0.02, 0.95) * pages for _ in range(while_reading))
    with TemporaryDirectory() as name:
        began = time.monotonic()
        command = Command(Path(name), archives, workers, played)
        storing_at: float | None = None
        left = kills - while_reading
        while time.monotonic() < began + _LIMIT_S:
            time.sleep(1 + chance.random())
            code = command.process.poll()
            if code in (0, 1) and not (code == 1 and not command.report.exists()):
                break
            if code is not None:
                command.again()
            elif moments and command.read > moments[0]:
                moments.pop(0)
                command.kill(chance)
            elif left and not moments and _stored(command.folder) > 0:
                storing_at = storing_at or time.monotonic() + chance.uniform(0, 6)
                if time.monotonic() > storing_at:
                    storing_at, left = None, left - 1
                    played.while_storing += 1
                    command.kill(chance)
        played.seconds = time.monotonic() - began
        _look(command, played)
    return played


def _stored(folder: Path) -> int:
    with suppress(sqlite3.Error), closing(sqlite3.connect(folder / "accordwatch.db")) as database:
        return int(database.execute("SELECT count(*) FROM documents").fetchone()[0])
    return 0


def _look(command: Command, played: Played) -> None:
    """What stands in the database and in the report."""
    played.judged = sum(map(int, command.judged.read_text().split()))
    played.archives = json.loads(command.report.read_text())["archives"]
    played.said = "; ".join(
        line
        for line in (command.folder / "said").read_text().splitlines()
        if " documents read" in line or line.startswith("Register:")
    )
    with closing(sqlite3.connect(command.folder / "accordwatch.db")) as database:
        tables = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
                "AND name <> 'register_stamp'"  # which is drawn by chance
            )
        ]
        for table in tables:
            with suppress(sqlite3.OperationalError):  # a shadow of the words that are searched
                played.rows[table] = _rows(database, table)


def _rows(database: sqlite3.Connection, table: str) -> list[str]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info('{table}')")]
    # Not the moments in which something was done.
    same = [f'"{name}"' for name in columns if name != "at" and not name.endswith("_at")]
    if not same:
        return []
    return sorted(repr(row) for row in database.execute(f'SELECT {", ".join(same)} FROM "{table}"'))


def say(name: str, played: Played) -> None:
    read = sum(one["read"] for one in played.archives)
    killed = ", ".join(f"{what} {n}" for what, n in played.kills.items()) or "nobody"
    print(f"{name}: {played.seconds:.0f} s; killed: {killed}; {played.while_storing} while storing")
    print(f"  {read} documents; judged {played.judged}, of them twice {played.judged - read}")
    print(f"  what was killed lived on for {played.outlived_s:.1f} s at most")
    print(f"  refused when given again: {played.refused or 'never'}")
    print(f"  {played.said}", flush=True)


def compare(alone: Played, killed: Played) -> None:
    same = alone.archives == killed.archives
    print(
        f"what is said of the {len(alone.archives)} archives is {'the same' if same else 'DIFFERENT'}"
    )
    for one, other in zip(alone.archives, killed.archives, strict=True):
        if one != other:
            print(f"  {one}\n  {other}")
    total = 0
    for table in sorted(alone.rows.keys() | killed.rows.keys()):
        ours, theirs = alone.rows.get(table, []), killed.rows.get(table, [])
        total += len(ours)
        if ours != theirs:
            print(f"{table}: {len(ours)} rows and {len(theirs)}: DIFFERENT")
            for row in sorted(set(ours) ^ set(theirs))[:6]:
                print(f"  {'alone' if row in set(ours) else 'killed'}: {row[:300]}")
    print(f"{total} rows of {len(alone.rows)} tables compared")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.backfill.killed", description=__doc__
    )
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--archives", type=int, default=40)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    with TemporaryDirectory() as name:
        archives = Path(name) / "archives"
        size = make_archives(archives, chosen.pages, chosen.archives)
        print(f"{chosen.archives} archives, {size / 1e6:.0f} MB", flush=True)
        alone = play(archives, chosen.pages, 0, chosen.workers)
        say("left alone", alone)
        killed = play(archives, chosen.pages, chosen.kills, chosen.workers)
        say("killed", killed)
        compare(alone, killed)


if __name__ == "__main__":
    main()
