"""Score what is set aside, and log that it was opened: date, commit, figures to benchmarks/eval-held.log.

Run as `python -m tests.eval.held`, or by `make eval-held`.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from crawler.judgement.judge import load_rules
from tests.eval.corpus import figures, is_held, load_articles, score_articles

ROOT = Path(__file__).parents[2]
LOG = ROOT / "benchmarks" / "eval-held.log"


def commit() -> str:
    """The commit that is scored, with a + where the tree has changes."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    articles = load_articles(is_held)
    scores = score_articles(articles, load_rules())
    shown = " ".join(f"{name}={value:.3f}" for name, value in figures(scores).items())
    line = f"{datetime.now(UTC):%Y-%m-%d %H:%M} {commit()} articles={len(articles)} {shown}"
    with LOG.open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    print(line)
    for name, counts in scores.languages.items():
        print(
            f"{name:4} precision={counts.precision:.3f} recall={counts.recall:.3f} f1={counts.f1:.3f}"
        )


if __name__ == "__main__":
    main()
