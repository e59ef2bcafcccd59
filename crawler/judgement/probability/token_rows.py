"""What a token gives to the encoder, whatever stands beside it: a row of numbers.

A row takes as many multiplications as all that is made of it later. Those of common tokens are kept
in the user's cache folder, where they are six of ten in a report; the others are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.letters import fold_text, is_writable

Vectors = NDArray[np.float32]

EMBEDDING, BRANCH = 512, 256  # numbers of a token, and of each branch
BRANCHES = ((2, 0), (3, 1), (5, 2))  # tokens that a branch looks at, and how many come before
# A row, in parts of 256 numbers: what the token is, what it is to each branch, and what it gives to
# each place of each branch's window.
PLAIN = EMBEDDING // BRANCH
GIVEN = PLAIN + len(BRANCHES)
PARTS = GIVEN + sum(width for width, _ in BRANCHES)
ROW = PARTS * BRANCH
_CHUNKS = 17  # the package's table of tokens is scaled in so many parts
_LIKELIEST = 2_000  # with the words of our own reports 3,000: 47 MB on the disk
_AT_ONCE = 96  # rows that are made together when common ones are
_FULL = 4  # rows; of fewer the library multiplies each alone, which takes as long as all of them


class CommonRows(NamedTuple):
    """Rows that are kept: where they stand, by token, and what reads one of them into memory."""

    positions: Mapping[int, int]
    read: Callable[[int, memoryview], None]


def _read_nothing(position: int, into: memoryview) -> None:
    raise LookupError(f"no row is kept at {position}")


NO_COMMON_ROWS = CommonRows({}, _read_nothing)


class TokenRows:
    """Finds or makes the rows of tokens, with the arrays of the package's backend."""

    def __init__(self, backend: Any, common: CommonRows) -> None:
        self._backend = backend
        self._common = common
        self._first_weights = [
            np.concatenate(np.split(weights, width), axis=1)
            for (width, _), weights in zip(BRANCHES, backend.w1, strict=True)
        ]

    def of(self, tokens: Collection[int]) -> tuple[dict[int, int], Vectors]:
        """Return the rows of these tokens, and which row each of them has. A last row is that of no
        token: zeros.
        """
        positions = self._common.positions
        known = [token for token in tokens if token in positions]
        others = [token for token in tokens if token not in positions]
        first = full(len(others))
        rows = np.empty((first + len(known) + 1, ROW), dtype=np.float32)
        if others:
            self._make(others + others[:1] * (first - len(others)), rows[:first])
        for row, token in enumerate(known, first):
            self._common.read(positions[token], rows[row].data)
        rows[-1] = 0.0
        numbers = dict(zip(others, range(len(others)), strict=True))
        numbers.update(zip(known, range(first, first + len(known)), strict=True))
        return numbers, rows

    def made(self, tokens: list[int]) -> Vectors:
        """Return the rows of many tokens, in their order."""
        rows = np.empty((len(tokens), ROW), dtype=np.float32)
        with self._backend._threadpool(limits=1, user_api="blas"):  # as in Passages
            for start in range(0, len(tokens), _AT_ONCE):
                some = tokens[start : start + _AT_ONCE]
                self._make(some, rows[start : start + len(some)])
        return rows

    def _make(self, tokens: list[int], rows: Vectors) -> None:
        whole, pieces = self._backend, np.array(tokens)
        chunks = pieces % _CHUNKS
        embedded = rows[:, :EMBEDDING]
        np.copyto(embedded, whole.table[pieces])
        embedded *= whole.scale[chunks, None]
        embedded += whole.lo[chunks, None]
        plain = rows[:, EMBEDDING : GIVEN * BRANCH]
        np.matmul(embedded, whole.proj_W, out=plain)
        plain += whole.proj_b
        _normalize(plain, whole.eps)
        plain *= whole.ln_g_all
        plain += whole.ln_b_all
        start = GIVEN * BRANCH
        for number, weights in enumerate(self._first_weights):
            branch = plain[:, number * BRANCH : (number + 1) * BRANCH]
            end = start + weights.shape[1]
            np.matmul(branch, weights, out=rows[:, start:end])
            start = end


def full(count: int) -> int:
    """Return how many rows to multiply where `count` are needed."""
    return count + -count % _FULL


def common_tokens(tokenizer: Any, sentences: Iterable[str]) -> list[int]:
    """Return the tokens of these sentences, and those that the package's tokenizer takes for the
    likeliest in the alphabets of our languages.
    """
    scores, pieces = tokenizer._scores, tokenizer._pieces
    likely = sorted(range(len(scores)), key=lambda token: -scores[token])
    ours = (token for token in likely if is_writable(fold_text(pieces[token])))
    found = dict.fromkeys(islice(ours, _LIKELIEST))
    for sentence in sentences:
        found.update(dict.fromkeys(tokenizer.encode(sentence)))
    return list(found)


def _normalize(rows: Vectors, eps: float) -> None:
    """Bring each row to mean 0 and variance 1, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    variances = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= np.reciprocal(np.sqrt(variances + eps))[:, None]
