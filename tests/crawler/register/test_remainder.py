"""How many reports may be left among what nobody answered."""

from __future__ import annotations

import random
from math import comb

import pytest

from crawler.register.remainder import most_left


def test_few_answers_say_nothing() -> None:
    assert most_left(19, 3, 50) is None
    assert most_left(20, 3, 50) is not None


def test_nothing_is_left_of_an_empty_queue() -> None:
    assert most_left(40, 7, 0) == 0


@pytest.mark.parametrize(
    ("answers", "relevant", "waiting"), [(20, 0, 30), (25, 5, 60), (40, 40, 9)]
)
def test_one_more_than_the_bound_would_hardly_have_hidden(
    answers: int, relevant: int, waiting: int
) -> None:
    left = most_left(answers, relevant, waiting)
    assert left is not None
    assert chance(relevant, relevant + left, answers, answers + waiting) > 0.05
    if left < waiting:
        assert chance(relevant, relevant + left + 1, answers, answers + waiting) <= 0.05


def test_a_long_queue_comes_near_the_rule_of_three() -> None:
    """None of 300 found: at most one in a hundred, since 0.99 ** 300 is 5 %."""
    left = most_left(300, 0, 1_000_000)
    assert left is not None
    assert left == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize("point", [0.25, 0.5, 0.75])
def test_the_bound_holds_in_95_of_100_reviews_of_made_queues(point: float) -> None:
    """Queues of many sizes and mixes, in the order of a judge that is right more often than not."""
    held = 0
    for number in range(100):
        queue = made_queue(random.Random(number), prevalence=(0.02, 0.1, 0.3)[number % 3])
        answers = round(len(queue) * point)
        found = sum(queue[:answers])
        left = most_left(answers, found, len(queue) - answers)
        assert left is not None
        held += sum(queue) - found <= left
    assert held >= 95


def made_queue(dice: random.Random, prevalence: float) -> list[bool]:
    size = dice.randint(80, 200)
    reports = [dice.random() < prevalence for _ in range(size)]
    seeming = [(dice.gauss(1.0 if report else 0.0), report) for report in reports]
    return [report for _, report in sorted(seeming, reverse=True)]


def chance(found: int, reports: int, sample: int, population: int) -> float:
    ways = sum(
        comb(reports, n) * comb(population - reports, sample - n)
        for n in range(found + 1)
        if n <= sample
    )
    return ways / comb(population, sample)
