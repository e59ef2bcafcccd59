"""How many reports were passed over in silence, estimated from an audit."""

from __future__ import annotations

import random

import pytest

from crawler.register.remainder import Interval, Sampled, missed, per_10_000, recall


def test_each_group_needs_answers_of_its_own() -> None:
    few = Sampled(1_000, 19, 0)
    assert (few.lacking, Sampled(7, 5, 0).lacking, Sampled(0, 0, 0).lacking) == (1, 2, 0)
    assert missed([few, Sampled(50, 40, 1)]) is None


def test_a_group_counts_as_it_stands_in_the_whole() -> None:
    found = missed([Sampled(200, 50, 5), Sampled(10_000, 25, 0)])
    assert found is not None
    assert found.likely == 20
    assert 5 <= found.low < 20 < found.high


def test_what_is_wholly_answered_is_known() -> None:
    assert missed([Sampled(30, 30, 4), Sampled(0, 0, 0)]) == Interval(4, 4, 4)


def test_one_group_has_the_interval_of_clopper_and_pearson() -> None:
    """2 of 50: 0.5 to 13.7 % of a population so large that its size does not matter."""
    found = missed([Sampled(1_000_000, 50, 2)])
    assert found is not None
    assert found.low == pytest.approx(4_900, rel=0.02)
    assert found.high == pytest.approx(137_100, rel=0.01)


def test_the_interval_holds_the_truth_at_least_as_often_as_it_says() -> None:
    chance = random.Random(1934)
    read, unread = 400, 6_000
    held = 0
    for _ in range(200):
        counts = [
            sum(chance.sample(_reports(all_, true), 60))
            for all_, true in ((read, 24), (unread, 30))
        ]
        found = missed([Sampled(read, 60, counts[0]), Sampled(unread, 60, counts[1])])
        assert found is not None
        held += found.low <= 54 <= found.high
    assert held >= 190


def _reports(documents: int, true: int) -> list[bool]:
    return [True] * true + [False] * (documents - true)


def test_rate_and_recall_follow_from_what_is_missed() -> None:
    among_silent = Interval(20, 5, 80)
    assert per_10_000(among_silent, 40_000) == Interval(5, 1.25, 20)
    assert recall(among_silent, 20) == Interval(0.5, 0.2, 0.8)
    assert recall(Interval(0, 0, 3), 0) == Interval(0, 0, 0)
    assert recall(Interval(0, 0, 0), 0) is None
