"""Tails of distributions, by what books and sums say."""

from __future__ import annotations

from math import exp, factorial, isclose

import pytest

from scheduler.health.usual.tails import mixed_tail, poisson_tail, share_tail


def test_tails_are_those_of_the_books() -> None:
    assert isclose(share_tail(0, 1, 1, 1), 0.25)  # half a yes and half a no beside what was seen
    assert isclose(share_tail(9, 9, 5, 20), 1)


@pytest.mark.parametrize(("count", "mean"), [(0, 3.0), (4, 2.5), (7, 30.0), (40, 30.0)])
def test_the_tail_of_a_poisson_distribution_is_the_sum_of_its_terms(
    count: int, mean: float
) -> None:
    told = sum(exp(-mean) * mean**k / factorial(k) for k in range(count + 1))
    assert isclose(poisson_tail(count, mean), told, rel_tol=1e-9)


def test_a_factor_makes_extremes_more_probable() -> None:
    assert isclose(mixed_tail(3, 9, 0), poisson_tail(3, 9))
    assert isclose(mixed_tail(3, 9, 0.5) + mixed_tail(4, 9, 0.5, upper=True), 1)
    assert mixed_tail(1, 20, 0.4) > 100 * mixed_tail(1, 20, 0)
    assert mixed_tail(60, 20, 0.4, upper=True) > 100 * mixed_tail(60, 20, 0, upper=True)
