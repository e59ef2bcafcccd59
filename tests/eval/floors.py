"""Floors of quality: a file that may only rise. `python -m tests.eval.floors` raises them to what
is measured now.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from crawler.judgement.judge import load_rules
from tests.eval.corpus import figures, load_articles, score_articles
from tests.eval.entries import entry_figures

FLOORS = Path(__file__).parent / "floors.json"
_STEP = 1000  # floors have three decimals, rounded down


def read_floors() -> dict[str, float]:
    floors: dict[str, float] = json.loads(FLOORS.read_text("utf-8"))
    return floors


def raised(floors: dict[str, float], measured: dict[str, float]) -> dict[str, float]:
    """The higher of both, figure by figure."""
    return {
        name: max(floors.get(name, 0.0), math.floor(value * _STEP) / _STEP)
        for name, value in sorted(measured.items())
    }


def main() -> None:
    rules = load_rules()
    measured = figures(score_articles(load_articles(), rules)) | entry_figures(rules)
    floors = read_floors() if FLOORS.exists() else {}
    FLOORS.write_text(json.dumps(raised(floors, measured), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
