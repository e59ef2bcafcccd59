"""Does the bound that `accordwatch review` ends with hold? 100 simulated reviews of real documents.

`python -m benchmarks.reviews FOLDER` (part of `make real`) draws 100 queues from the labelled real
documents that pass the gate, in the order in which `review` asks: the most probable first, by the
cross-fitted verdicts that `benchmarks.real` keeps. The labels answer one by one. When a quarter,
half and three quarters are answered, the reports that are left are compared with `most_left`, which
must hold in 95 of 100. Half of the draws are from what waits for review, half from all that passes
the gate. The same draws in random order show the bound without the help of the order.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.real_changes import CACHE, JudgedExample, load
from crawler.register.remainder import most_left
from scheduler.cli.output import print_table
from scheduler.documents_file import labels_of

_LABELS = Path(__file__).parent / "labels" / "ordinary.jsonl"
_DRAWS, _MUST_HOLD = 100, 95
_POINTS = (0.25, 0.5, 0.75)
_SIZES = (80, 200)  # documents in a queue; a quarter of the smallest is enough for a bound
_PREVALENCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35)


@dataclass(frozen=True, slots=True)
class Check:
    """A point of one simulated review: how many reports are left, and the bound on them."""

    point: float
    left: int
    bound: int

    @property
    def holds(self) -> bool:
        return self.left <= self.bound


Answered = tuple[float, bool]  # how probable a document is, and what its label says


def queue_of(pool: Sequence[Answered], chance: random.Random, prevalence: float) -> list[bool]:
    """A queue with this share of reports, in the order of `review`; fewer where the pool is small."""
    size = chance.randint(*_SIZES)
    reports = [one for one in pool if one[1]]
    others = [one for one in pool if not one[1]]
    true = min(max(round(size * prevalence), 1), len(reports))
    drawn = chance.sample(reports, true) + chance.sample(others, min(size - true, len(others)))
    return [label for _, label in sorted(drawn, reverse=True)]


def checks_of(queue: Sequence[bool]) -> list[Check]:
    """What the rule says of a queue at each point, and what is so."""
    found = []
    for point in _POINTS:
        answers = round(len(queue) * point)
        relevant = sum(queue[:answers])
        bound = most_left(answers, relevant, len(queue) - answers)
        if bound is not None:
            found.append(Check(point, sum(queue) - relevant, bound))
    return found


def simulate(pools: Sequence[Sequence[Answered]], seed: int, shuffled: bool) -> list[Check]:
    """The checks of 100 reviews, from each pool and with each prevalence in turn."""
    found: list[Check] = []
    for number in range(_DRAWS):
        chance = random.Random(f"{seed} {number}")
        prevalence = _PREVALENCES[number // len(pools) % len(_PREVALENCES)]
        queue = queue_of(pools[number % len(pools)], chance, prevalence)
        if shuffled:
            chance.shuffle(queue)
        found += checks_of(queue)
    return found


def main() -> None:
    """Print the table. Exit 1 if the bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviews", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verdicts", type=Path, default=CACHE)
    chosen = parser.parse_args()
    judged, labels = load(chosen.verdicts), chosen.folder / "background" / "labels.jsonl"
    if not judged or not labels.exists():
        sys.exit(
            f"{chosen.folder}: no real texts, or `make real` was not run; no reviews simulated"
        )
    pools = _pools(judged, labels_of(labels) | labels_of(_LABELS))
    if any(len(pool) < _SIZES[1] for pool in pools):
        sys.exit(f"{chosen.folder}: too few labelled documents pass the gate; no reviews simulated")
    rows = []
    for name, shuffled in (("most probable first", False), ("at random", True)):
        checks = simulate(pools, chosen.seed, shuffled)
        rows += [_row(name, [one for one in checks if one.point == point]) for point in _POINTS]
    columns = ("order", "answered", "reviews", "bound holds", "left, mean", "bound, mean", "0 left")
    print_table("100 simulated reviews", columns, rows)
    if any(int(row[3]) < _MUST_HOLD for row in rows[: len(_POINTS)]):
        sys.exit("the bound does not hold in 95 of 100 reviews")


def _pools(judged: Sequence[JudgedExample], labels: dict[str, bool | None]) -> list[list[Answered]]:
    """What waits for review, and all that passes the gate."""
    known = [(one, label) for one in judged if (label := labels.get(one.id)) is not None]
    to_review = [(one.logit, label) for one, label in known if one.outcome == "review"]
    return [to_review, [(one.logit, label) for one, label in known]]


def _row(name: str, checks: Sequence[Check]) -> tuple[str, ...]:
    count = len(checks)
    return (
        name,
        f"{checks[0].point:.0%}",
        str(count),
        str(sum(one.holds for one in checks)),
        f"{sum(one.left for one in checks) / count:.1f}",
        f"{sum(one.bound for one in checks) / count:.1f}",
        str(sum(one.left == 0 for one in checks)),
    )


if __name__ == "__main__":
    main()
