"""This version beside an earlier one: processor time of commands and of judging, as ratios.

Run as `python -m benchmarks.ratios [COMMIT] [--keep]` (`make bench`). The two versions take turns,
so a busy machine slows both down alike, and the least time of each piece of work counts. Above 1
this version is slower. Without COMMIT it is compared with the last one in `results.jsonl`, to which
`--keep` adds a line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_RESULTS = _HERE / "results.jsonl"
_ROUNDS = 5
_LINE = "Italy and Tunisia sign a migration agreement\n"
_COMMANDS = (("--help",), ("classify", "line.txt"), ("doctor",), ("search", "visa"), ("run",))
_PORTION = 10  # articles between two turns
# Runs with the code of either version, and takes the articles of this one.
_JUDGING = """
import json, sys, time
from crawler.judgement.judge import judge, load_rules
from storage.records import Document
documents = [Document(**row) for row in json.load(open(sys.argv[1], encoding="utf-8"))]
rules = load_rules()
for document in documents:
    judge(document, rules)
print(len(documents), flush=True)
for line in sys.stdin:
    first, after = map(int, line.split())
    began = time.process_time()
    for document in documents[first:after]:
        judge(document, rules)
    print(time.process_time() - began, flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", nargs="?", help="the version to compare with")
    parser.add_argument("--keep", action="store_true", help="add a line to results.jsonl")
    asked = parser.parse_args()
    against = _commit(asked.commit or _last_kept() or "HEAD~1")
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other"
        other.mkdir()
        archive = subprocess.run(["git", "archive", against], check=True, capture_output=True)
        subprocess.run(["tar", "x", "-C", str(other)], input=archive.stdout, check=True)
        found = measured([_HERE.parent, other], Path(folder))
    for name, ratio in found.items():
        print(f"{name:24} {ratio:.2f}")
    if asked.keep:
        row = {"commit": _commit("HEAD"), "against": against, "on": f"{datetime.now(UTC):%Y-%m-%d}"}
        with _RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**row, "ratios": found}) + "\n")


def measured(versions: Sequence[Path], folder: Path) -> dict[str, float]:
    """Return the times of the first version as shares of those of the second, by what was done."""
    ratios = {}
    for name, tail in (("judge short", 0), ("judge long", 20)):
        articles = folder / "articles.json"
        articles.write_text(json.dumps(_articles(tail)), encoding="utf-8")
        ratios[name] = _ratio(judged_by_turns(versions, articles))
    (folder / "line.txt").write_text(_LINE)
    (folder / "accordwatch.yaml").write_text("sources: []\n")
    for command in _COMMANDS:
        turns = [
            [_spent(command, folder, version) for version in versions] for _ in range(_ROUNDS + 1)
        ]
        # the first round fills caches
        ratios[f"start {command[0]}"] = _ratio([min(one) for one in zip(*turns[1:], strict=True)])
    return ratios


def _spent(command: Sequence[str], work: Path, version: Path) -> float:
    """Processor time of a command from start to end, with all of its processes."""
    environment = {**os.environ, "PYTHONPATH": str(version)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: modules are compiled once
    run = [sys.executable, str(_HERE / "crawl" / "spent.py")]
    run += [sys.executable, "-m", "scheduler.cli", *command]
    done = subprocess.run(run, cwd=work, env=environment, capture_output=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["cpu_s"])


def judged_by_turns(versions: Sequence[Path], articles: Path) -> list[float]:
    judges = [
        subprocess.Popen(
            [sys.executable, "-c", _JUDGING, str(articles)],
            cwd=version,
            env={**os.environ, "PYTHONPATH": str(version)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for version in versions
    ]
    (count,) = {int(_answer(judge)) for judge in judges}
    least: list[dict[int, float]] = [{} for _ in judges]
    for _ in range(_ROUNDS):
        for first in range(0, count, _PORTION):
            for one, times in zip(judges, least, strict=True):
                assert one.stdin is not None
                print(first, first + _PORTION, file=one.stdin, flush=True)
                times[first] = min(times.get(first, float("inf")), float(_answer(one)))
    for one in judges:
        one.communicate()
    return [sum(times.values()) for times in least]


def _answer(judge: subprocess.Popen[str]) -> str:
    assert judge.stdout is not None
    return judge.stdout.readline()


def _articles(tail: int) -> list[dict[str, str]]:
    """Our own labelled articles, each followed by the text of so many others."""
    rows = []
    for path in sorted((_HERE.parent / "tests" / "eval" / "articles").glob("??.jsonl")):
        of_language = [json.loads(line) for line in path.read_text("utf-8").splitlines()][:40]
        texts = [row["text"] for row in of_language]
        for number, row in enumerate(of_language):
            around = [texts[(number + step) % len(texts)] for step in range(1, tail + 1, 2)]
            text = "\n".join([row["text"], *around])
            rows.append({"title": row["title"], "text": text, "language": row["lang"]})
    return rows


def _ratio(times: Sequence[float]) -> float:
    return round(times[0] / times[1], 3)


def _commit(name: str) -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", name], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def _last_kept() -> str | None:
    lines = _RESULTS.read_text("utf-8").splitlines() if _RESULTS.is_file() else []
    return json.loads(lines[-1])["commit"] if lines else None


if __name__ == "__main__":
    main()
