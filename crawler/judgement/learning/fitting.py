"""Fitting the weights: logistic regression with real ordinary news as what it must tell true
reports from.

scikit-learn is needed here and nowhere else (the extra `fit`). Everything is deterministic:
examples are put in folds by a hash of their group, and the solver starts from nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crawler.judgement.probability.features import Features, is_term
from crawler.judgement.probability.weights import OperatingPoint, Weights

# Inverse of the penalty: weaker ones lost recall, stronger ones learnt single stories.
_STRENGTH = 0.3
_TERM_SCALE = 0.5  # a single word is believed half as readily as a meeting of parts
_LEAST_EXAMPLES = 4  # a feature that fewer documents have tells of those documents only
_LEAST_WEIGHT = 0.03  # smaller weights of words change no verdict, and would have to be read
_FOLDS = 5
_OWN_POINTS = 3000  # ordinary documents a language needs for thresholds of its own
_RATES = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A document to learn from. `group`: what must not be parted between fit and measurement, such
    as a day's news.

    `weight`: how much it counts in the fit. `stands_for`: how many ordinary documents it stands for
    where false alarms are counted; 0 for one that is not ordinary news. `is_real`: whether recall
    is measured on it. `features`: None for a document that the gate does not pass.
    """

    id: str
    group: str
    language: str
    relevant: bool
    weight: float
    stands_for: float
    is_real: bool
    features: Features | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """`logits`: id -> what an example got from weights that were fitted without its group; -inf
    where the gate held it back.
    """

    weights: Weights
    logits: Mapping[str, float]


def fit(examples: Sequence[TrainingExample], version: str, fitted_on: str) -> Fitted:
    """Fit weights on all examples, and measure them by cross-fitting. Raises ImportError without
    scikit-learn.
    """
    passed = [example for example in examples if example.features is not None]
    names = _names(passed)
    matrix = _matrix(passed, names)
    relevant = np.array([example.relevant for example in passed])
    weight = np.array([example.weight for example in passed])
    fold = np.array([_fold(example.group) for example in passed])
    held_out = np.zeros(len(passed))
    for number in range(_FOLDS):
        learn = (fold != number) & (weight > 0)
        model = _model().fit(matrix[learn], relevant[learn], sample_weight=weight[learn])
        held_out[fold == number] = model.decision_function(matrix[fold == number])
    logits = {example.id: float("-inf") for example in examples}
    logits.update(zip((example.id for example in passed), held_out.tolist(), strict=True))
    learn = weight > 0
    model = _model().fit(matrix[learn], relevant[learn], sample_weight=weight[learn])
    weights = _weights(names, model, version, fitted_on, operating_points(examples, logits))
    return Fitted(weights, logits)


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=_STRENGTH, solver="liblinear", max_iter=500, random_state=0)


def _names(passed: Iterable[TrainingExample]) -> list[str]:
    having = Counter(name for example in passed for name in example.features or ())
    return sorted(name for name, count in having.items() if count >= _LEAST_EXAMPLES)


def _matrix(passed: Sequence[TrainingExample], names: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    column = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for example in passed:
        for name, value in sorted((example.features or {}).items()):
            if name in column:
                columns.append(column[name])
                values.append(value * (_TERM_SCALE if is_term(name) else 1.0))
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(passed), len(names)))


def _fold(group: str) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % _FOLDS


def _weights(
    names: Sequence[str],
    model: Any,
    version: str,
    fitted_on: str,
    points: Mapping[str, Sequence[OperatingPoint]],
) -> Weights:
    structure: dict[str, float] = {}
    terms: dict[str, float] = {}
    for name, value in zip(names, model.coef_[0].tolist(), strict=True):
        if not is_term(name):
            structure[name] = value
        elif abs(value * _TERM_SCALE) >= _LEAST_WEIGHT:
            terms[name] = value * _TERM_SCALE
    return Weights(
        version=version,
        fitted_on=fitted_on,
        intercept=float(model.intercept_[0]),
        structure=structure,
        terms=terms,
        points=points,
    )


def operating_points(
    examples: Iterable[TrainingExample], logits: Mapping[str, float]
) -> dict[str, tuple[OperatingPoint, ...]]:
    """Return what thresholds cost, by language.

    "" stands for all languages together. A language has points of its own if it has enough ordinary
    news.
    """
    of_language: dict[str, list[TrainingExample]] = defaultdict(list)
    for example in examples:
        of_language[""].append(example)
        of_language[example.language].append(example)
    points = {}
    for language, ones in sorted(of_language.items()):
        ordinary = sum(example.stands_for for example in ones)
        if not language or ordinary >= _OWN_POINTS:
            points[language] = tuple(_points(ones, logits, ordinary))
    return points


def _points(
    examples: Sequence[TrainingExample], logits: Mapping[str, float], ordinary: float
) -> Iterable[OperatingPoint]:
    alarms = sorted(
        (
            (logits[example.id], example.stands_for)
            for example in examples
            if example.stands_for and not example.relevant
        ),
        reverse=True,
    )
    found = np.array(
        [logits[example.id] for example in examples if example.relevant and example.is_real]
    )
    for rate in _RATES:
        logit = _logit_at(alarms, rate * ordinary / 10_000)
        recall = float((found > logit).mean()) if len(found) else 0.0
        yield OperatingPoint(round(logit, 3), rate, round(recall, 3))


def _logit_at(alarms: Sequence[tuple[float, float]], affordable: float) -> float:
    """Return the logit above which the false alarms stand for at most as many ordinary documents as
    are affordable.
    """
    spent = 0.0
    for logit, stands_for in alarms:
        spent += stands_for
        if spent > affordable:
            return logit
    return alarms[-1][0] if alarms else 0.0
