"""The labelled articles, and what of them is set aside.

`pairs.jsonl` files hold partners with several agreements. `later/` holds articles that were written
when the rules stood, in the manner of agencies, papers and gazettes, and `latest/` others by
somebody who never saw the rules; they have floors of their own, and are registers of their own,
since some of them are about the same agreements.
What is set aside is scored by `held.py` alone, which logs every opening: nobody writes rules with
those articles before their eyes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

from crawler.judgement.judge import Rules, judge
from crawler.judgement.rules.scoring import ALL, Labelled, Scores, read_labelled, score

ARTICLES = Path(__file__).parent / "articles"
LATER = Path(__file__).parent / "later"
LATEST = Path(__file__).parent / "latest"
_HELD_FIFTHS = 2  # two fifths are set aside


def load_articles(wanted: Callable[[str], bool] = lambda line: True) -> list[Labelled]:
    """All labelled articles whose JSON line is wanted. Raises FileNotFoundError where there are
    none.
    """
    files = sorted(ARTICLES.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no labelled articles in {ARTICLES}")
    lines = [
        line
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if line.strip() and wanted(line)
    ]
    return read_labelled(lines)


def is_held(line: str) -> bool:
    """Whether an article is set aside, by its agreement so that no agreement stands on both sides."""
    row = json.loads(line)
    return zlib.crc32((row.get("agreement_id") or row["id"]).encode()) % 5 < _HELD_FIFTHS


def score_articles(articles: list[Labelled], rules: Rules) -> Scores:
    return score((labelled, judge(labelled.document, rules)) for labelled in articles)


def figures(scores: Scores) -> dict[str, float]:
    """The figures that floors hold, by name."""
    total = scores.total
    languages = [counts.f1 for name, counts in scores.languages.items() if name != ALL]
    return {
        "precision": total.precision,
        "recall": total.recall,
        "worst_language_f1": min(languages, default=0.0),
        **{f"card_{name}": share for name, share in scores.card.items()},
    }
