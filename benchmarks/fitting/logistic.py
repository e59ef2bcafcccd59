"""Logistic regression with a quadratic penalty, over sparse features and dense vectors.

Minimised by L-BFGS (Liu and Nocedal, On the limited memory BFGS method for large scale
optimization, 1989) as SciPy has it, which is needed here and nowhere else. Sparse and dense columns
are kept apart: in one sparse matrix, a thousand dense columns would cost ten times as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# So near the minimum no verdict changes any more.
_PRECISION = {"maxiter": 500, "maxcor": 20, "ftol": 1e-7, "gtol": 1e-3}


class DesignMatrix(NamedTuple):
    """What rows are fitted on: a sparse matrix, and a dense one of float32, or None."""

    sparse: Any
    dense: NDArray[np.float32] | None = None

    def rows(self, chosen: NDArray[np.bool_]) -> DesignMatrix:
        dense = None if self.dense is None else self.dense[chosen]
        return DesignMatrix(self.sparse[chosen], dense)


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line: coefficients of the sparse columns, of the dense ones, and the intercept."""

    sparse: Floats
    dense: Floats
    intercept: float

    def logits(self, columns: DesignMatrix) -> Floats:
        logits: Floats = columns.sparse @ self.sparse + self.intercept
        if columns.dense is not None:
            logits = logits + columns.dense @ self.dense.astype(np.float32)
        return logits

    @property
    def whole(self) -> Floats:
        return np.concatenate([self.sparse, self.dense, [self.intercept]])


def fit_line(
    columns: DesignMatrix,
    relevant: NDArray[np.bool_],
    weight: Floats,
    strength: float,
    start: Line | None = None,
) -> Line:
    """Return the line that minimises half the square of all coefficients (the intercept too) plus
    `strength` times the weighted log loss.

    `start` is where the search begins: a line fitted on nearly the same rows is soon there. Raises
    ImportError without SciPy.
    """
    from scipy.optimize import minimize

    problem = _Problem(columns, np.where(relevant, 1.0, -1.0), weight * strength)
    first = np.zeros(problem.size) if start is None else start.whole
    found = minimize(problem.loss, first, jac=True, method="L-BFGS-B", options=dict(_PRECISION)).x
    return problem.line(found)


class _Problem:
    """The loss and its gradient at a point."""

    def __init__(self, columns: DesignMatrix, signs: Floats, weight: Floats) -> None:
        self._columns, self._signs, self._weight = columns, signs, weight
        self._across = columns.sparse.T.tocsr()
        self._split = columns.sparse.shape[1]
        width = 0 if columns.dense is None else columns.dense.shape[1]
        self.size = self._split + width + 1

    def line(self, point: Floats) -> Line:
        return Line(point[: self._split], point[self._split : -1], float(point[-1]))

    def loss(self, point: Floats) -> tuple[float, Floats]:
        margin = self._signs * self.line(point).logits(self._columns)
        loss = 0.5 * point @ point + self._weight @ np.logaddexp(0, -margin)
        pull = -self._weight * self._signs / (1 + np.exp(np.clip(margin, -500, 500)))
        slope = point.copy()
        slope[: self._split] += self._across @ pull
        if self._columns.dense is not None:
            slope[self._split : -1] += self._columns.dense.T @ pull.astype(np.float32)
        slope[-1] += pull.sum()
        return float(loss), slope
