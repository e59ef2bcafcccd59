"""Weights that learn from a user's own answers: the shipped weights are the prior, and each label
moves them a little.

No other data is needed, so that an installation can learn without the texts that the weights came
from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crawler.judgement.probability.features import Features, is_term
from crawler.judgement.probability.weights import Weights

_PRECISION = 10.0  # of the prior: one answer moves a probability of one half by about a tenth
_TERM_SCALE = 0.5  # as in the fit: a single word is believed half as readily
_ROUNDS = 20
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """A document that a person judged.

    `alert` is the logit above which a document in its language is an alert.
    """

    features: Features
    relevant: bool
    alert: float


@dataclass(frozen=True, slots=True)
class Adapted:
    """Weights that have learnt.

    `before` and `after` say how many answers the old and the new weights get right. Each answer is
    judged by weights that were fitted without it.
    """

    weights: Weights
    before: int
    after: int
    moved: tuple[tuple[str, float, float], ...]


def adapt(weights: Weights, answers: Sequence[OwnAnswer], version: str) -> Adapted:
    """Learn from answers, and say whether it helped by leaving out a fifth at a time."""
    learnt = _posterior(weights, answers)
    right_before = sum(_is_right(weights, answer) for answer in answers)
    right_after = 0
    for fold in range(min(_FOLDS, len(answers))):
        rest = [answer for number, answer in enumerate(answers) if number % _FOLDS != fold]
        others = _posterior(weights, rest)
        right_after += sum(_is_right(others, answer) for answer in answers[fold::_FOLDS])
    named = replace(learnt, version=version, fitted_on=f"{weights.fitted_on}, and own answers")
    return Adapted(named, right_before, right_after, _moved(weights, learnt))


def _is_right(weights: Weights, answer: OwnAnswer) -> bool:
    return (weights.logit(answer.features) > answer.alert) is answer.relevant


def _moved(before: Weights, after: Weights) -> tuple[tuple[str, float, float], ...]:
    names = {*after.structure, *after.terms}
    rows = [(name, before.weight(name), after.weight(name)) for name in names]
    rows = [row for row in rows if abs(row[2] - row[1]) >= 0.01]
    return tuple(sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[0])))


def _posterior(weights: Weights, answers: Sequence[OwnAnswer]) -> Weights:
    """Return the mode of the posterior under a normal prior about `weights`.

    It is found by Newton's method over examples, of which there are far fewer than weights:
    Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 3.1, with a
    linear kernel.
    """
    if not answers:
        return weights
    names = sorted(Counter(name for answer in answers for name in answer.features))
    rows = np.array([[_scaled(answer.features, name) for name in names] for answer in answers])
    rows = np.hstack([rows, np.ones((len(answers), 1))])
    kernel = rows @ rows.T / _PRECISION
    # The line of each language lies elsewhere: an answer is about being on this side of its own.
    offset = np.array([weights.logit(answer.features) - answer.alert for answer in answers])
    wanted = np.array([answer.relevant for answer in answers], dtype=float)
    shift = np.zeros(len(answers))
    pull = shift
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(offset + shift, -30, 30)))
        spread = np.sqrt(likely * (1 - likely) + 1e-9)
        aim = spread**2 * shift + (wanted - likely)
        system = np.eye(len(answers)) + spread[:, None] * kernel * spread[None, :]
        pull = aim - spread * np.linalg.solve(system, spread * (kernel @ aim))
        shift = kernel @ pull
    return _with(weights, names, (rows.T @ pull / _PRECISION).tolist())


def _scaled(features: Features, name: str) -> float:
    return features.get(name, 0.0) * (_TERM_SCALE if is_term(name) else 1.0)


def _with(weights: Weights, names: Sequence[str], deltas: Sequence[float]) -> Weights:
    structure, terms = dict(weights.structure), dict(weights.terms)
    for name, delta in zip(names, deltas, strict=False):
        kind = terms if is_term(name) else structure
        kind[name] = kind.get(name, 0.0) + delta * (_TERM_SCALE if is_term(name) else 1.0)
    return replace(
        weights, intercept=weights.intercept + deltas[-1], structure=structure, terms=terms
    )
