"""What the measurement on real news says of changes between two runs."""

from __future__ import annotations

import random
import re
from pathlib import Path

from benchmarks.real_changes import JudgedExample, changes, load, save
from benchmarks.reviews import checks_of, queue_of


def judged(name: str, outcome: str, is_ordinary: bool = True) -> JudgedExample:
    return JudgedExample(name, "feeds", outcome, 0.5, is_ordinary)


def test_alerts_that_come_and_go_are_told_and_nothing_else() -> None:
    before = [judged("stays", "alert"), judged("sinks", "alert"), judged("held back", "alert")]
    before += [judged("rises", "review"), judged("of one subject", "review", is_ordinary=False)]
    now = [judged("stays", "alert"), judged("sinks", "review"), judged("rises", "alert")]
    now += [judged("unheard of", "alert"), judged("of one subject", "alert", is_ordinary=False)]
    came, went = changes(before, now)
    assert [one.id for one in came] == ["rises", "unheard of"]
    assert [(one.id, one.outcome) for one in went] == [("sinks", "review"), ("held back", "alert")]


def test_verdicts_are_kept_for_the_next_run(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    assert load(kept) == []
    save([judged("one", "alert")], kept)
    assert load(kept) == [judged("one", "alert")]


def test_a_simulated_review_begins_with_the_most_probable() -> None:
    pool = [(number / 1_000, number >= 900) for number in range(1_000)]
    queue = queue_of(pool, random.Random(1), prevalence=0.1)
    reports = sum(queue)
    assert queue == [True] * reports + [False] * (len(queue) - reports)
    assert [(one.point, one.left) for one in checks_of(queue)] == [(0.25, 0), (0.5, 0), (0.75, 0)]


def test_each_script_stands_in_the_table_with_a_document_that_is_there() -> None:
    folder = Path(__file__).parents[1] / "benchmarks"
    table = (folder / "README.md").read_text(encoding="utf-8")
    scripts = {path.name for path in folder.glob("*.py") if path.name != "__init__.py"}
    assert scripts == set(re.findall(r"`(\w+\.py)`", table)) - {"test_benchmarks.py"}
    for link in re.findall(r"\]\(([^)]+)\)", table):
        assert (folder / link).exists(), link
