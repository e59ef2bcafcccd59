"""How many reports may still be among the documents that nobody has answered yet."""

from __future__ import annotations

from math import exp, lgamma

LEAST_ANSWERS = 20
_CONFIDENCE = 0.95


def most_left(answers: int, relevant: int, waiting: int) -> int | None:
    """Return the upper 95 % bound on the reports among `waiting` documents; None for too few
    answers.

    `relevant` of the `answers` were reports. The bound is the exact one for a sample from a finite
    population: the greatest number of reports in the whole queue with which so few would have been
    found with a probability of more than 5 % (hypergeometric; the finite form of C. Clopper and E.
    Pearson, "The use of confidence or fiducial limits", Biometrika 26, 1934; see J. Buonaccorsi, "A
    note on confidence intervals for proportions in finite populations", The American Statistician
    41, 1987). It takes the answered documents for a random sample. Who answers the most probable
    ones first finds more among them than are in the rest, so that the bound errs to the safe side,
    as long as the probabilities put the documents in a sensible order.
    """
    if answers < LEAST_ANSWERS:
        return None
    return _most(answers, relevant, answers + waiting, 1 - _CONFIDENCE) - relevant


def bounds(answers: int, relevant: int, documents: int, tail: float) -> tuple[int, int]:
    """Return the fewest and the most reports that a population of `documents` may hold, of which
    `answers`, drawn at random, held `relevant`.

    Either bound is wrong with a probability of at most `tail`. They are the exact ones for a finite
    population: see `most_left`.
    """
    # The fewest reports are the rest when the others are the most.
    others = _most(answers, answers - relevant, documents, tail)
    return documents - others, _most(answers, relevant, documents, tail)


def _most(answers: int, relevant: int, documents: int, tail: float) -> int:
    """Return the greatest number of reports with which so few would be found more often than
    `tail`.
    """
    low, high = relevant, relevant + documents - answers  # `low` is plausible
    while low < high:
        middle = (low + high + 1) // 2
        if _at_most(relevant, middle, answers, documents) > tail:
            low = middle
        else:
            high = middle - 1
    return low


def _at_most(found: int, reports: int, sample: int, population: int) -> float:
    """Return the probability of drawing at most `found` of `reports` in a sample without
    replacement.
    """
    least = max(0, sample + reports - population)
    whole = _log_choices(population, sample)
    logs = (
        _log_choices(reports, drawn) + _log_choices(population - reports, sample - drawn) - whole
        for drawn in range(least, min(found, reports) + 1)
    )
    return sum(map(exp, logs))


def _log_choices(population: int, sample: int) -> float:
    return lgamma(population + 1) - lgamma(sample + 1) - lgamma(population - sample + 1)
