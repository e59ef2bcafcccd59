"""How many reports the judge passed over in silence, estimated from an audit of random documents.

The sample is stratified: each group of documents is drawn from by itself, and counts in the sum as
it stands in the whole. For each group the interval is the exact one of C. Clopper and E. Pearson
("The use of confidence or fiducial limits", Biometrika 26, 1934) in its form for a finite
population (T. Wright, "Exact Confidence Bounds when Sampling from Small Finite Universes", Springer
1991). The groups share out the probability of error among them (Bonferroni), so that the sum of the
bounds is a bound of the sum. That makes the interval wide, but never narrower than it says. Weeks
are put together as if they had about as many documents each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.register.remainder import LEAST_ANSWERS, bounds

_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Sampled:
    """A group of silent documents, how many of them were answered, and how many of the answered
    ones are reports.
    """

    documents: int
    answers: int
    relevant: int

    @property
    def lacking(self) -> int:
        """Return how many answers are missing until something can be said."""
        return max(min(LEAST_ANSWERS, self.documents) - self.answers, 0)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, and its 95 % interval."""

    likely: float
    low: float
    high: float


def missed(groups: Sequence[Sampled]) -> Interval | None:
    """Return how many reports are among the silent documents; None for too few answers."""
    if any(group.lacking for group in groups):
        return None
    sampled = [group for group in groups if group.documents]
    uncertain = [group for group in sampled if group.answers < group.documents]
    tail = _ERROR / 2 / max(len(uncertain), 1)
    ends = [bounds(one.answers, one.relevant, one.documents, tail) for one in sampled]
    likely = sum(one.documents * one.relevant / one.answers for one in sampled)
    return Interval(likely, sum(low for low, _ in ends), sum(high for _, high in ends))


def per_10_000(among_silent: Interval, documents: int) -> Interval:
    """Return this count for each 10,000 documents, silent or not."""
    return Interval(
        1e4 * among_silent.likely / documents,
        1e4 * among_silent.low / documents,
        1e4 * among_silent.high / documents,
    )


def recall(among_silent: Interval, found: int) -> Interval | None:
    """Return the share of all reports that was found; None where there is no report at all."""
    if not found and not among_silent.high:
        return None

    def share(missing: float) -> float:
        return found / (found + missing) if found else 0.0

    return Interval(share(among_silent.likely), share(among_silent.high), share(among_silent.low))
