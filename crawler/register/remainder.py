"""How many reports may still be among the documents that nobody has answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

LEAST_ANSWERS = 20
_CONFIDENCE = 0.95


def most_left(answers: int, relevant: int, waiting: int) -> int | None:
    """Return the upper 95 % bound on the reports among `waiting` documents, when `relevant` of the
    `answers` to others were reports; None for too few answers.

    The bound is the exact one for a sample from a finite population (hypergeometric; the finite
    form of C. Clopper and E. Pearson, Biometrika 26, 1934; see J. Buonaccorsi, The American
    Statistician 41, 1987). Who answers the most probable ones first finds more among them than are
    in the rest, so that it errs to the safe side.
    """
    if answers < LEAST_ANSWERS:
        return None
    return _most(answers, relevant, answers + waiting, 1 - _CONFIDENCE) - relevant


def bounds(answers: int, relevant: int, documents: int, tail: float) -> tuple[int, int]:
    """Return the fewest and the most reports in a population of which `answers`, drawn at random,
    held `relevant`. Either bound is wrong with a probability of at most `tail`.
    """
    # The fewest reports are the rest when the others are the most.
    others = _most(answers, answers - relevant, documents, tail)
    return documents - others, _most(answers, relevant, documents, tail)


def _most(answers: int, relevant: int, documents: int, tail: float) -> int:
    """Return the greatest number of reports with which so few are found more often than `tail`."""
    low, high = relevant, relevant + documents - answers  # `low` is plausible
    while low < high:
        middle = (low + high + 1) // 2
        if _at_most(relevant, middle, answers, documents) > tail:
            low = middle
        else:
            high = middle - 1
    return low


def _at_most(found: int, reports: int, sample: int, population: int) -> float:
    """Return the probability of at most `found` of `reports` in a sample without replacement."""
    least = max(0, sample + reports - population)
    whole = _log_choices(population, sample)
    logs = (
        _log_choices(reports, drawn) + _log_choices(population - reports, sample - drawn) - whole
        for drawn in range(least, min(found, reports) + 1)
    )
    return sum(map(exp, logs))


def _log_choices(population: int, sample: int) -> float:
    return lgamma(population + 1) - lgamma(sample + 1) - lgamma(population - sample + 1)


# --- how many reports the judge passed over in silence --------------------------------------------

_ERROR = 0.05  # of the 95 % interval


@dataclass(frozen=True, slots=True)
class Sampled:
    """A group of silent documents, how many were answered, and how many of these are reports."""

    documents: int
    answers: int
    relevant: int

    @property
    def lacking(self) -> int:
        """Return how many answers are missing until there is an estimate."""
        return max(min(LEAST_ANSWERS, self.documents) - self.answers, 0)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, and its 95 % interval."""

    likely: float
    low: float
    high: float


def missed(groups: Sequence[Sampled]) -> Interval | None:
    """Return how many reports are among the silent documents; None for too few answers. The sample
    is stratified, and the groups share out the probability of error (Bonferroni): the interval is
    wide, but never narrower than it says.
    """
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
