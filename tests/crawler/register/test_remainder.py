"""How many reports are left unanswered, and how many were passed over in silence."""

from __future__ import annotations

import random
from math import comb

import pytest

from crawler.register.remainder import Interval, Sampled, missed, most_left, per_10_000, recall


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


def test_each_group_needs_answers_of_its_own() -> None:
    few = Sampled(1_000, 19, 0)
    assert (few.lacking, Sampled(7, 5, 0).lacking, Sampled(0, 0, 0).lacking) == (1, 2, 0)
    assert missed([few, Sampled(50, 40, 1)]) is None


def test_a_group_counts_as_it_stands_in_the_whole() -> None:
    interval = missed([Sampled(200, 50, 5), Sampled(10_000, 25, 0)])
    assert interval is not None
    assert interval.likely == 20
    assert 5 <= interval.low < 20 < interval.high


def test_what_is_wholly_answered_is_known() -> None:
    assert missed([Sampled(30, 30, 4), Sampled(0, 0, 0)]) == Interval(4, 4, 4)


def test_one_group_has_the_interval_of_clopper_and_pearson() -> None:
    """2 of 50: 0.5 to 13.7 % of a population so large that its size does not matter."""
    interval = missed([Sampled(1_000_000, 50, 2)])
    assert interval is not None
    assert interval.low == pytest.approx(4_900, rel=0.02)
    assert interval.high == pytest.approx(137_100, rel=0.01)


def test_the_interval_holds_the_truth_at_least_as_often_as_it_says() -> None:
    chance = random.Random(1934)
    read, unread = 400, 6_000
    held = 0
    for _ in range(200):
        counts = [
            sum(chance.sample([True] * true + [False] * (all_ - true), 60))
            for all_, true in ((read, 24), (unread, 30))
        ]
        interval = missed([Sampled(read, 60, counts[0]), Sampled(unread, 60, counts[1])])
        assert interval is not None
        held += interval.low <= 54 <= interval.high
    assert held >= 190


def test_rate_and_recall_follow_from_what_is_missed() -> None:
    among_silent = Interval(20, 5, 80)
    assert per_10_000(among_silent, 40_000) == Interval(5, 1.25, 20)
    assert recall(among_silent, 20) == Interval(0.5, 0.2, 0.8)
    assert recall(Interval(0, 0, 3), 0) == Interval(0, 0, 0)
    assert recall(Interval(0, 0, 0), 0) is None
