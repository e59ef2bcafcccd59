"""The weights of the judge: a linear model over features that a person can read, calibrated on real
news.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from pathlib import Path
from typing import Any

from crawler.judgement.probability.features import Features, is_term
from storage.errors import ConfigurationError

_HERE = Path(__file__).parent
FILE = _HERE / "weights.json"
WITH_ENCODER = _HERE / "weights-with-encoder.json"
# A direction is stored as whole numbers: thousandths change no verdict, and a diff stays readable.
THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold, its false alarms in 10,000 documents, and the reports found."""

    logit: float
    false_alarms: float
    recall: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of features by name, in logits: `terms` for words, `structure` for all others.
    `points` say what each threshold costs in a language ("" for any), the strictest first, measured
    on documents that took no part in the fit. `directions` say for each passage where the vector of
    a report points.
    """

    version: str
    fitted_on: str
    intercept: float
    structure: Mapping[str, float]
    terms: Mapping[str, float]
    points: Mapping[str, Sequence[OperatingPoint]] = field(default_factory=dict)
    directions: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def logit(self, features: Features) -> float:
        return self.intercept + sum([added for _, added in self.weighed(features)])

    def weight(self, name: str) -> float:
        return (self.terms if is_term(name) else self.structure).get(name, 0.0)

    def weighed(self, features: Features) -> list[tuple[str, float]]:
        """Return each feature with what it adds or takes away."""
        terms, structure = self.terms, self.structure
        return [
            (name, value * (terms if is_term(name) else structure).get(name, 0.0))
            for name, value in features.items()
        ]

    def threshold(self, language: str, false_alarms: float) -> float:
        """Return the lowest logit with at most so many false alarms in 10,000 documents."""
        points = self.points.get(language) or self.points[""]
        affordable = [point.logit for point in points if point.false_alarms <= false_alarms]
        return min(affordable, default=points[0].logit)


def probability(logit: float) -> float:
    """Return the logistic function of a logit. It is safe for any size."""
    if logit >= 0:
        return 1 / (1 + exp(-logit))
    return exp(logit) / (1 + exp(logit))


def load_weights(path: Path = FILE) -> Weights:
    """Read the JSON that the fit writes. Raises ConfigurationError for anything else."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return _weights_of(stored)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: these are no weights of the judge: {error}") from error


def _weights_of(stored: Mapping[str, Any]) -> Weights:
    points = {
        language: tuple(OperatingPoint(*point) for point in row)
        for language, row in stored["operating_points"].items()
    }
    return Weights(
        version=stored["version"],
        fitted_on=stored["fitted_on"],
        intercept=stored["intercept"],
        structure=stored["structure"],
        terms=stored["terms"],
        points=points,
        directions={
            passage: tuple(int(one) / THOUSANDTHS for one in direction.split())
            for passage, direction in stored.get("directions", {}).items()
        },
    )
