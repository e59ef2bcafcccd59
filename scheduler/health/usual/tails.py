"""Tails of distributions: how improbable a count, a share or a mean is. Pure functions."""

from __future__ import annotations

from math import exp, inf, lgamma, log

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
    """P(N <= count) of a Poisson distribution, between whole numbers too: the upper regularised
    incomplete gamma function of count + 1 (DLMF 8.11.4 and 8.9.2).
    """
    if count < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    a = count + 1
    front = exp(a * log(mean) - mean - lgamma(a))
    return max(0.0, 1 - front * _series(a, mean)) if mean < a + 1 else front * _continued(a, mean)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    n = a
    while term > total * 1e-12:
        n += 1
        term *= x / n
        total += term
    return total


def _continued(a: float, x: float) -> float:
    tiny = 1e-300
    b = x + 1 - a
    upper, lower = 1 / tiny, 1 / b
    value = lower
    for n in range(1, 500):
        b += 2
        lower = 1 / (n * (a - n) * lower + b or tiny)
        upper = b + n * (a - n) / upper or tiny
        value *= lower * upper
        if abs(lower * upper - 1) < 1e-12:
            break
    return value


def share_tail(count: int, of: int, before: int, of_before: int, most: float = 120.0) -> float:
    """P(X <= count) where `of` are drawn, and `before` of `of_before` were such earlier: the
    beta-binomial prediction. More than `most` earlier ones make it no surer: documents come in
    batches that are alike.
    """
    weight = min(float(of_before), most) / max(1, of_before)
    yes, no = before * weight + 0.5, (of_before - before) * weight + 0.5
    whole = _log_beta(yes, no)
    total = 0.0
    for k in range(count + 1):
        ways = lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1)
        total += exp(ways + _log_beta(yes + k, no + of - k) - whole)
    return min(1.0, total)


def student_tail(t: float, degrees: float) -> float:
    """P(T <= t) of Student's distribution."""
    half = 0.5 * incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))
    return half if t < 0 else 1 - half


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz's method; DLMF
    8.17.22).
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(a * log(x) + b * log(1 - x) - _log_beta(a, b)) / a
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(1, 500):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / (1 + term * lower or tiny)
        upper = 1 + term / upper or tiny
        value *= upper * lower
        if abs(upper * lower - 1) < 1e-12:
            break
    return value if value else inf
