"""Our crawl beside the obvious design: processor time and memory, as ratios.

Run as `python -m benchmarks.crawl [--pages N] [--rounds N] [--share PERCENT ...]
[--against COMMIT] [--readers FOLDER] [--keep]` (`make bench`). Both read the same pages of a local web, in turns, and
the least time of each counts. Above 1 we need less than the obvious design. `a page` leaves out what
a crawl costs before its first page, told from a crawl of few pages. With `--against` an earlier
version takes its turns, too, and with `--readers` the same spider with newspaper4k and with
news-please, if FOLDER holds them (`pip install --target FOLDER newspaper4k news-please`). `--keep`
adds a line to `results.jsonl`, and prints the chart of docs/measured.md.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.crawl.site import real_pages

_HERE = Path(__file__).resolve().parent
_OURS = _HERE.parents[1]
_RESULTS = _HERE.parent / "results.jsonl"
_OTHER_READERS = ("newspaper4k", "news-please")
_DRAWN = ("crawl 15", "crawl 15 a page")
_HIDDEN = re.compile(r"/\.")  # folders such as that of an environment
_FEW = 16  # pages of a crawl that tells what its start costs


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a crawl: seconds of processor time, peak memory, documents stored, and matches of them."""

    cpu_s: float
    peak_mb: float
    stored: int
    matching: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--share", type=int, nargs="+", default=[5, 15, 80])
    parser.add_argument("--against", help="an earlier version")
    parser.add_argument("--readers", type=Path, help="where newspaper4k and news-please are")
    parser.add_argument("--keep", action="store_true", help="add a line to results.jsonl")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        versions = {"ours": _OURS}
        if asked.against:
            versions[asked.against] = _unpacked(asked.against, folder / "earlier")
        for version in versions.values():  # as installed: modules are compiled once
            compileall.compile_dir(version, quiet=2, rx=_HIDDEN)
        found: dict[str, float] = {}
        for share in asked.share:
            if real := real_pages()[: asked.pages - ceil(asked.pages * share / 100)]:
                print(f"real pages, {share} % matching:", *(path.name for path in real))
            few = measured(versions, share, asked.readers, _FEW, 1, folder)
            many = measured(versions, share, asked.readers, asked.pages, asked.rounds, folder)
            found |= _told(few, many, share, asked.pages)
    if asked.keep:
        _keep(found, asked.pages)


def measured(
    versions: dict[str, Path], share: int, readers: Path | None, pages: int, rounds: int, work: Path
) -> dict[str, Cost]:
    """Return what a crawl of so many pages, `share` percent of them reports, costs the obvious
    designs and each version of ours; `readers` is where the libraries are that read them beside us.
    """
    costs: dict[str, list[Cost]] = {}
    with _served(pages, share) as addresses:
        for _ in range(rounds):
            costs.setdefault("obvious", []).append(_obvious("trafilatura", addresses, work))
            for name, version in versions.items():
                costs.setdefault(name, []).append(_ours(addresses, version, work))
            for name in _OTHER_READERS if readers is not None else ():
                cost = _obvious(name, addresses, work, readers)
                costs.setdefault(name, []).append(cost)
    return {name: min(some, key=lambda one: one.cpu_s) for name, some in costs.items()}


def _told(few: dict[str, Cost], many: dict[str, Cost], share: int, pages: int) -> dict[str, float]:
    """Print a table, and return its ratios."""
    print(f"{share} % matching, {pages} pages")
    found = {}
    other = many["obvious"]
    other_a_page = (other.cpu_s - few["obvious"].cpu_s) / (pages - _FEW)
    for name, cost in many.items():
        a_page = (cost.cpu_s - few[name].cpu_s) / (pages - _FEW)
        ratios = {
            f"crawl {share}": other.cpu_s / cost.cpu_s,
            f"crawl {share} a page": other_a_page / a_page,
            f"memory {share}": cost.peak_mb / other.peak_mb,
        }
        print(
            f"  {name:10} {cost.cpu_s:6.1f} s, {1000 * a_page:5.1f} ms a page, "
            f"{cost.peak_mb:5.0f} MB, {cost.stored} stored, {cost.matching} matching; "
            + ", ".join(f"{ratio:.2f}" for ratio in ratios.values())
        )
        if name == "ours":
            found = {key: round(ratio, 2) for key, ratio in ratios.items()}
    return found


@contextmanager
def _served(pages: int, share: int) -> Iterator[list[str]]:
    command = [sys.executable, "-m", "benchmarks.crawl.site", str(pages), str(share / 100)]
    with subprocess.Popen(
        command, cwd=_OURS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as site:
        assert site.stdout is not None
        assert site.stdin is not None
        yield json.loads(site.stdout.readline())
        site.stdin.close()


def _obvious(reader: str, addresses: list[str], work: Path, library: Path | None = None) -> Cost:
    folder = _new(work / "crawl")
    command = [sys.executable, "-m", "benchmarks.crawl.obvious", reader, "obvious.db", *addresses]
    spent = _spent(command, folder, _OURS, *([library] if library is not None else []))
    counted = "SELECT count(*), sum(is_match) FROM documents"
    return _cost(spent, folder / "obvious.db", counted)


def _ours(addresses: list[str], version: Path, work: Path) -> Cost:
    folder = _new(work / "crawl")
    (folder / "accordwatch.yaml").write_text(configuration(addresses), encoding="utf-8")
    spent = _spent([sys.executable, "-m", "scheduler.cli", "run"], folder, version)
    counted = "SELECT count(*), sum(relevant) FROM matches"
    return _cost(spent, folder / "accordwatch.db", counted)


def configuration(addresses: list[str]) -> str:
    hosts = [urlsplit(address).netloc for address in addresses]
    sources = [
        {"id": f"host-{number}", "kind": "sitemap", "url": f"{one}/sitemap.xml", "delay_s": 0}
        for number, one in enumerate(addresses)
    ]
    crawl = {"allow_private": hosts, "patience_s": 0}
    written = {"known_agreements": False, "crawl": crawl, "sources": sources}
    return json.dumps(written)  # which is YAML, too


def _spent(command: Sequence[str], folder: Path, *modules: Path) -> dict[str, float]:
    wrapped = [sys.executable, str(_HERE / "spent.py"), *command]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, modules))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        wrapped, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    spent: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if spent["code"]:
        sys.exit(f"{' '.join(command)} ended with {spent['code']}:\n{done.stderr[-2000:]}")
    return spent


def _cost(spent: dict[str, float], path: Path, counted: str) -> Cost:
    with sqlite3.connect(path) as database:
        stored, matching = database.execute(counted).fetchone()
    return Cost(spent["cpu_s"], spent["peak_mb"], stored, matching or 0)


def _new(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _unpacked(commit: str, folder: Path) -> Path:
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=_OURS, check=True, capture_output=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def chart() -> str:
    """Draw what was kept, as Markdown shows it (Mermaid): docs/measured.md has it."""
    rows = [json.loads(line) for line in _RESULTS.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["against"] == "obvious"]
    lines = (f"  line {[row['ratios'][name] for row in kept]}" for name in _DRAWN)
    commits = ", ".join(f'"{row["commit"]}"' for row in kept)
    return "\n".join(
        (
            "```mermaid",
            "xychart-beta",
            '  title "Processor time of the obvious design / of this one"',
            f"  x-axis [{commits}]",
            '  y-axis "times" 0 --> 3',
            *lines,
            "```",
        )
    )


def _keep(found: dict[str, float], pages: int) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True
    )
    row = {"commit": commit.stdout.strip(), "against": "obvious", "on": f"{datetime.now(UTC):%F}"}
    with _RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "pages": pages, "ratios": found}) + "\n")
    print(chart())


if __name__ == "__main__":
    main()
