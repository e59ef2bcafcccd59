"""Tails of distributions: how improbable a count or a share is. Pure functions."""

from __future__ import annotations

from math import exp, lgamma, log

# The logarithm of a day's factor is taken at these points, in standard deviations.
_POINTS = tuple(n / 2 for n in range(-14, 15))
_WEIGHTS = tuple(exp(-z * z / 2) for z in _POINTS)


def mixed_tail(count: float, mean: float, spread: float, *, upper: bool = False) -> float:
    """P(N <= count), or P(N >= count), where N is Poisson, and its mean is multiplied by a factor
    of mean 1 that is lognormal: `spread` is the standard deviation of its logarithm.
    """
    total = 0.0
    for z, weight in zip(_POINTS, _WEIGHTS, strict=True):
        of_day = mean * exp(spread * z - spread * spread / 2)
        at_most = poisson_tail(count - 1 if upper else count, of_day)
        total += weight * (1 - at_most if upper else at_most)
    return max(0.0, total / sum(_WEIGHTS))


def poisson_tail(count: float, mean: float) -> float:
    """P(N <= count) of a Poisson distribution; between whole numbers that of the nearest."""
    if count < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    rate = log(mean)
    return min(1.0, sum(exp(k * rate - mean - lgamma(k + 1)) for k in range(round(count) + 1)))


def share_tail(count: int, of: int, before: int, of_before: int, most: float = 120.0) -> float:
    """P(X <= count) for the number X of hits among `of` documents, after `before` hits among
    `of_before` earlier documents: the beta-binomial prediction.

    The earlier documents count as `most` at the most, since documents come in batches that are
    alike.
    """
    weight = min(float(of_before), most) / max(1, of_before)
    yes, no = before * weight + 0.5, (of_before - before) * weight + 0.5
    whole = _log_beta(yes, no)
    total = 0.0
    for k in range(count + 1):
        ways = lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
        total += exp(ways + _log_beta(yes + k, no + of - k) - whole)
    return min(1.0, total)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
