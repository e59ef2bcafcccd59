"""Whether an export of a large register stays small in memory: `python -m benchmarks.dataset`.

One register of a few agreements is copied within its own database until its tables have so many
rows; a process of its own exports it, and says how much memory it took at most.
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from tests.scheduler.exchange.given import lives, register

# The database keeps up to 64 MB of its file in memory (cache_size), which 20,000 rows do not fill.
_SIZES = (20_000, 200_000, 600_000)


def main(sizes: Sequence[int]) -> None:
    peaks = [_measured(rows) for rows in sizes]
    ratios = ", ".join(f"{after / before:.2f}" for before, after in pairwise(peaks))
    print(f"from size to size by a factor of {ratios}", flush=True)


def _measured(rows: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        register(Path(folder), *lives())
        held = _multiply(Path(folder) / "accordwatch.db", rows)
        began = time.monotonic()
        command = [sys.executable, "-m", "benchmarks.dataset", "--export", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peak = float(done.stdout)
        took = time.monotonic() - began
    print(f"  {held:,} rows, {peak:.0f} MB at most, {took:.0f} s", flush=True)
    return peak


def _export(folder: str) -> None:
    """Run the command in this process, and print its peak of memory, in MB."""
    from scheduler.cli.main import main as accordwatch

    config = f"{folder}/accordwatch.yaml"
    try:
        accordwatch(["--config", config, "export", f"{folder}/out", "--parquet"])
    except SystemExit as end:
        if end.code:
            raise
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _multiply(path: Path, rows: int) -> int:
    """Copy all agreements and documents under new ids; return how many rows an export has then."""
    with closing(sqlite3.connect(path)) as made, made:
        per_copy = sum(_count(made, query) for query in _EXPORTED)
        agreements, documents = (
            _count(made, f"SELECT max(id) FROM {t}") for t in ("agreements", "documents")
        )
        made.execute("CREATE TEMP TABLE copies (n INTEGER)")
        made.executemany(
            "INSERT INTO copies VALUES (?)", ((n,) for n in range(1, rows // per_copy))
        )
        moved = {"agreement_id": agreements, "document_id": documents}
        for table, own in (
            ("documents", documents),
            ("agreements", agreements),
            *((t, 0) for t in _BELOW),
        ):
            _copy(made, table, moved | ({"id": own} if own else {}))
        return sum(_count(made, query) for query in _EXPORTED)


_BELOW = ("matches", "agreement_parties", "agreement_topics", "steps", "reports")
_EXPORTED = (
    "SELECT count(*) FROM agreements",
    "SELECT count(*) FROM steps",
    "SELECT count(*) FROM agreement_parties",
    "SELECT count(*) FROM steps JOIN agreement_parties USING (agreement_id) WHERE status IS NOT NULL",
    "SELECT count(*) FROM reports",
)


def _copy(made: sqlite3.Connection, table: str, moved: dict[str, int]) -> None:
    columns = [row[1] for row in made.execute(f"PRAGMA table_info({table})")]
    values = [_value(name, moved) for name in columns]
    named = ", ".join(f'"{name}"' for name in columns)
    made.execute(f"INSERT INTO {table} ({named}) SELECT {', '.join(values)} FROM {table}, copies")


def _value(name: str, moved: dict[str, int]) -> str:
    if name in moved:
        return f'"{name}" + n * {moved[name]}'
    return f"\"{name}\" || '-' || n" if name in ("identity", "url", "external_id") else f'"{name}"'


def _count(made: sqlite3.Connection, query: str) -> int:
    return int(made.execute(query).fetchone()[0])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--export"]:
        _export(sys.argv[2])
    else:
        main([int(size) for size in sys.argv[1:]] or _SIZES)
