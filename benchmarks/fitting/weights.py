"""Fitting the weights: logistic regression with real ordinary news as what it must tell true
reports from.

SciPy is needed for it (the extra `fit`). Everything is deterministic: what is left out together is
told by the groups of examples, and the search begins from nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.fitting.logistic import DesignMatrix, Line, fit_line
from crawler.judgement.probability.encoder import DIMENSIONS, PASSAGES, SCALE, Encoder
from crawler.judgement.probability.features import Features, is_term
from crawler.judgement.probability.passages import Vectors
from crawler.judgement.probability.weights import FILE, THOUSANDTHS, OperatingPoint, Weights
from storage.records import SOUND

# Inverse of the penalty: weaker ones lost recall, stronger ones learnt single stories.
_STRENGTH, _WITH_VECTORS = 0.3, 0.15
_TERM_SCALE = 0.5  # a single word is believed half as readily as a meeting of parts
_LEAST_EXAMPLES = 4  # a feature that fewer documents have tells of those documents only
_LEAST_WEIGHT = 0.03  # smaller weights of words change no verdict, and would have to be read
_FOLDS = 5
# A group with so many reports is left out by itself, and all others can be learnt from.
_OWN_FOLD = 6
_BATCH = 64  # sentences that are encoded together
_OWN_POINTS = 3000  # ordinary documents a language needs for thresholds of its own
_RATES = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 50, 75, 100)


class LearntPart(NamedTuple):
    """What is read of a document: features, and the passages that are encoded."""

    features: Features
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A document to learn from. `group`: what must not be parted between fit and measurement: a
    corpus, or a quarter of a year of one, since stories run for months in all outlets.

    `weight`: how much it counts in the fit. `stands_for`: how many ordinary documents it stands for
    where false alarms are counted; 0 for one that is not ordinary news. `is_real`: whether recall
    is measured on it. `features` and `passages` are those of the part that is judged; None for a
    document that the gate does not pass. `others` are parts that are learnt from alone: all parts
    share the weight.
    """

    id: str
    group: str
    language: str
    relevant: bool
    weight: float
    stands_for: float
    is_real: bool
    features: Features | None
    passages: tuple[str, ...] = ()
    others: tuple[LearntPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """`logits`: id -> what an example got from weights that were fitted without its group; -inf
    where the gate held it back.
    """

    weights: Weights
    logits: Mapping[str, float]


def fit(
    examples: Sequence[TrainingExample],
    version: str,
    fitted_on: str,
    encoder: Encoder | None = None,
) -> Fitted:
    """Fit weights on all examples, and measure them by cross-fitting: each group is judged by
    weights that were fitted without it.

    With an `encoder`, the weights have directions for the passages of a report. Raises ImportError
    without SciPy.
    """
    passed = [example for example in examples if example.features is not None]
    rows = _rows(passed)
    having = Counter(name for row in rows for name in row.part.features)
    names = sorted(name for name, count in having.items() if count >= _LEAST_EXAMPLES)
    columns = DesignMatrix(_feature_matrix(rows, names), _vectors(rows, encoder))
    relevant = np.array([row.relevant for row in rows])
    weight = np.array([row.weight for row in rows])
    line = _fit_rows(columns, relevant, weight, weight > 0, None)
    fold = np.array(_folds(passed))[[row.number for row in rows]]
    held_out = np.zeros(len(rows))
    for number in sorted(set(fold.tolist())):
        held = fold == number
        without = _fit_rows(columns, relevant, weight, ~held & (weight > 0), line)
        held_out[held] = without.logits(columns.rows(held))
    logits = {example.id: float("-inf") for example in examples}
    judged = held_out[[row.is_judged for row in rows]].tolist()
    logits.update(zip((example.id for example in passed), judged, strict=True))
    weights = _weights(names, line, version, fitted_on, operating_points(examples, logits))
    return Fitted(weights, logits)


def _fit_rows(
    columns: DesignMatrix, relevant: Any, weight: Any, chosen: Any, start: Line | None
) -> Line:
    strength = _STRENGTH if columns.dense is None else _WITH_VECTORS
    return fit_line(columns.rows(chosen), relevant[chosen], weight[chosen], strength, start)


class _Row(NamedTuple):
    """A part of the example with this number among those that passed the gate."""

    number: int
    part: LearntPart
    relevant: bool
    weight: float
    is_judged: bool


def _rows(passed: Sequence[TrainingExample]) -> list[_Row]:
    rows = []
    for number, example in enumerate(passed):
        parts = (LearntPart(example.features or {}, example.passages), *example.others)
        for place, part in enumerate(parts):
            share = example.weight / len(parts)
            rows.append(_Row(number, part, example.relevant, share, place == 0))
    return rows


def _vectors(rows: Sequence[_Row], encoder: Encoder | None) -> Vectors | None:
    """Return the scaled vectors of the passages of each row, one behind the other."""
    if encoder is None:
        return None
    sentences = sorted({passage for row in rows for passage in row.part.passages})
    batches = [
        encoder(sentences[start : start + _BATCH]) for start in range(0, len(sentences), _BATCH)
    ]
    place = {sentence: number for number, sentence in enumerate(sentences)}
    vectors = np.vstack(batches) * np.float32(SCALE)
    return np.hstack(
        [
            vectors[[place[row.part.passages[number]] for row in rows]]
            for number in range(len(PASSAGES))
        ]
    )


def _feature_matrix(rows: Sequence[_Row], names: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    column = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        for name, value in sorted(row.part.features.items()):
            if name in column:
                columns.append(column[name])
                values.append(value * (_TERM_SCALE if is_term(name) else 1.0))
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(rows), len(names)))


def _folds(passed: Sequence[TrainingExample]) -> list[int]:
    """Return the number of the fold of each example: small groups share five of them, by a hash."""
    reports = Counter(example.group for example in passed if example.relevant)
    large = sorted(group for group, count in reports.items() if count >= _OWN_FOLD)
    own = {group: _FOLDS + number for number, group in enumerate(large)}
    digests = (hashlib.sha256(example.group.encode()).hexdigest() for example in passed)
    return [
        own.get(example.group, int(digest, 16) % _FOLDS)
        for example, digest in zip(passed, digests, strict=True)
    ]


def _weights(
    names: Sequence[str],
    line: Line,
    version: str,
    fitted_on: str,
    points: Mapping[str, Sequence[OperatingPoint]],
) -> Weights:
    structure: dict[str, float] = {}
    terms: dict[str, float] = {}
    directions: dict[str, tuple[float, ...]] = {}
    if coefficients := line.dense.tolist():  # of the scaled vectors
        structure[SOUND] = 1.0
        for number, passage in enumerate(PASSAGES):
            own = coefficients[number * DIMENSIONS : (number + 1) * DIMENSIONS]
            directions[passage] = tuple(SCALE * one for one in own)
    for name, value in zip(names, line.sparse.tolist(), strict=True):
        if not is_term(name):
            structure[name] = value
        elif abs(value * _TERM_SCALE) >= _LEAST_WEIGHT:
            terms[name] = value * _TERM_SCALE
    return Weights(
        version=version,
        fitted_on=fitted_on,
        intercept=line.intercept,
        structure=structure,
        terms=terms,
        points=points,
        directions=directions,
    )


def operating_points(
    examples: Iterable[TrainingExample], logits: Mapping[str, float]
) -> dict[str, tuple[OperatingPoint, ...]]:
    """Return what thresholds cost, by language if it has enough ordinary news; "": in all."""
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
    of_relevant = np.array(
        [logits[example.id] for example in examples if example.relevant and example.is_real]
    )
    for rate in _RATES:
        logit = _logit_at(alarms, rate * ordinary / 10_000)
        recall = float((of_relevant > logit).mean()) if len(of_relevant) else 0.0
        yield OperatingPoint(round(logit, 3), rate, round(recall, 3))


def _logit_at(alarms: Sequence[tuple[float, float]], affordable: float) -> float:
    """Return the logit above which false alarms stand for no more documents than are affordable."""
    spent = 0.0
    for logit, stands_for in alarms:
        spent += stands_for
        if spent > affordable:
            return logit
    return alarms[-1][0] if alarms else 0.0


def save_weights(weights: Weights, path: Path = FILE) -> None:
    """Write one weight a line, ordered by name, so that a diff shows how the model has changed."""
    stored = {
        "version": weights.version,
        "fitted_on": weights.fitted_on,
        "intercept": round(weights.intercept, 4),
        "operating_points": {
            language: [[point.logit, point.false_alarms, point.recall] for point in row]
            for language, row in sorted(weights.points.items())
        },
        "directions": {
            passage: " ".join(str(round(one * THOUSANDTHS)) for one in direction)
            for passage, direction in sorted(weights.directions.items())
        },
        "structure": {name: round(value, 3) for name, value in sorted(weights.structure.items())},
        "terms": {name: round(value, 3) for name, value in sorted(weights.terms.items())},
    }
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
