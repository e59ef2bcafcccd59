"""Vectors of a few passages, in a fraction of the time that the package takes for the same.

The package encodes a batch of sentences: it multiplies each token through six matrices. The first
half of that depends on the token alone, and words occur again and again: what they give is kept.
The other half depends on four tokens on either side: where two passages share them, as a title with
a sentence of it, they are multiplied once. Sums are added in another order, so that a vector
differs from the package's in its seventh digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

_CHUNKS = 17  # the package's table of tokens is scaled in so many parts
_EMBEDDING, _BRANCH = 512, 256  # numbers of a token, and of each branch
_BRANCHES = ((2, 0), (3, 1), (5, 2))  # tokens that a branch looks at, and how many come before
_REACH = 4  # two layers that look at two tokens on either side
# That are kept, in 7 MB: half of those in a report in whatever language. Twice as many find one in
# ten more.
_MOST_TOKENS = 500
_MOST_WORDS = 20_000
# So many rows are multiplied at least: fewer may be added in another order, so that what is kept of
# a token would depend on what stood beside it. (On some processors it does even so, by 1e-7.)
_LEAST_ROWS = 16


class Words:
    """Cuts texts into tokens as the package does, a word at a time.

    No token of its vocabulary and no key of its normalization goes beyond a space, so that words
    can be cut apart and kept.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text between those for its beginning and end."""
        known, cut = self._known, self._cut
        found: list[int] = []
        for word in text.split(" "):
            tokens = known.get(word)
            found += cut(word) if tokens is None else tokens
        whole = self._tokenizer
        return [whole._bos_id, *(found or [whole._unk_id]), whole._eos_id]

    def _cut(self, word: str) -> list[int]:
        normalized = self._tokenizer._normalizer.normalize(word)
        tokens = self._tokenizer._viterbi(normalized) if normalized else []
        if len(self._known) >= _MOST_WORDS:
            self._known.clear()
        self._known[word] = tokens
        return tokens


class Passages:
    """Encodes passages with the arrays of the package's backend."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._words = Words(backend.sp)
        self._lock = Lock()  # of what is kept
        # Each token's row in the arrays below, those that were used last at the end. The last row
        # is that of no token.
        self._rows: dict[int, int] = {}
        # What tokens give to each place of each branch's window, and what they are themselves.
        self._given = [[_empty(_BRANCH) for _ in range(width)] for width, _ in _BRANCHES]
        self._plain = [_empty(_BRANCH) for _ in _BRANCHES]
        self._embedded = _empty(_EMBEDDING)
        self._first_weights = [
            np.concatenate(np.split(weights, width), axis=1)
            for (width, _), weights in zip(_BRANCHES, backend.w1, strict=True)
        ]

    def encode(self, passages: Sequence[str]) -> Vectors:
        """Return an array of shape (passages, 512) of vectors of length one."""
        tokens = [self._words.tokens(passage) for passage in passages]
        if len(set().union(*tokens)) > _MOST_TOKENS:
            return np.asarray(self._backend.encode(list(passages)), dtype=np.float32)
        # One thread of the library: more of them were 30 times slower on a busy machine.
        with self._lock, self._backend._threadpool(limits=1, user_api="blas"):
            return self._encoded(tokens)

    def _encoded(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        row_of = self._prepared(set().union(*tokens))
        # All passages one after the other, with room for a window between them.
        between = [_MOST_TOKENS] * _REACH
        rows = list(between)
        starts = []
        for one in tokens:
            starts.append(len(rows))
            rows += [row_of[token] for token in one]
            rows += between
        lengths = [len(one) for one in tokens]
        chosen, counts = _different(rows, starts, lengths)
        features = self._features(np.array(rows), np.array(chosen))
        return self._vectors(features, counts, np.array(lengths, dtype=np.float32))

    def _prepared(self, wanted: set[int]) -> dict[int, int]:
        """Return the rows of tokens, of which those of the wanted ones are filled."""
        rows = self._rows
        missing = []
        for token in wanted:
            row = rows.pop(token, None)
            if row is None:
                missing.append(token)
            else:
                rows[token] = row
        if missing:
            self._add(missing)
        return rows

    def _add(self, missing: list[int]) -> None:
        rows = self._rows
        free = list(range(len(rows), min(len(rows) + len(missing), _MOST_TOKENS)))
        free += [rows.pop(next(iter(rows))) for _ in range(len(missing) - len(free))]
        rows.update(zip(missing, free, strict=True))
        padded = np.array(missing + missing[:1] * (_LEAST_ROWS - len(missing)))
        whole, count = self._backend, len(missing)
        embedded = whole.table[padded].astype(np.float32)
        embedded *= whole.scale[padded % _CHUNKS, None]
        embedded += whole.lo[padded % _CHUNKS, None]
        plain = _normal(embedded @ whole.proj_W + whole.proj_b, whole.eps)
        plain *= whole.ln_g_all
        plain += whole.ln_b_all
        self._embedded[free] = embedded[:count]
        for number, weights in enumerate(self._first_weights):
            branch = plain[:, number * _BRANCH : (number + 1) * _BRANCH]
            self._plain[number][free] = branch[:count]
            for step, given in enumerate(
                np.split(branch @ weights, len(self._given[number]), axis=1)
            ):
                self._given[number][step][free] = given[:count]

    def _features(self, rows: Numbers, chosen: Numbers) -> Vectors:
        """Return the features of tokens at the places `chosen` of what stands in `rows`."""
        whole = self._backend
        features = np.empty((len(chosen), _EMBEDDING + _BRANCH * len(_BRANCHES)), dtype=np.float32)
        features[:, :_EMBEDDING] = self._embedded.take(rows[chosen], axis=0)
        nothing = np.flatnonzero(rows == _MOST_TOKENS)
        for number, (width, before) in enumerate(_BRANCHES):
            once = self._first_layer(rows, number)
            once[nothing] = 0.0
            windows = chosen[:, None] + np.arange(-before, width - before)
            seen = once.take(windows.ravel(), axis=0).reshape(len(chosen), -1)
            twice = seen @ whole.w2[number]
            twice += whole.b2[number]
            np.maximum(twice, 0, out=twice)
            twice += once.take(chosen, axis=0)
            start = _EMBEDDING + number * _BRANCH
            features[:, start : start + _BRANCH] = twice
        return features

    def _first_layer(self, rows: Numbers, number: int) -> Vectors:
        _, before = _BRANCHES[number]
        found = np.zeros((len(rows), _BRANCH), dtype=np.float32)
        inner = slice(_REACH, len(rows) - _REACH)
        sums = found[inner]
        sums += self._backend.b1[number]
        for step, given in enumerate(self._given[number], -before):
            sums += given.take(rows[inner.start + step : inner.stop + step], axis=0)
        np.maximum(sums, 0, out=sums)
        sums += self._plain[number].take(rows[inner], axis=0)
        return found

    def _vectors(self, features: Vectors, counts: Vectors, lengths: Vectors) -> Vectors:
        """Return the vectors of passages of which each has so many tokens with these features."""
        whole = self._backend
        # Layer normalization, of which only the sums are needed.
        middles = features.mean(axis=1)
        variances = np.einsum("ij,ij->i", features, features) / features.shape[1]
        variances -= middles * middles
        shares = counts / np.sqrt(variances + whole.eps)
        sums = shares @ features
        sums -= (shares @ middles)[:, None]
        sums *= whole.ln_g
        sums += lengths[:, None] * whole.ln_b
        # One by one: a few rows together take three times as long.
        mean = np.stack([of_passage @ whole.cnn_W for of_passage in sums])
        mean += lengths[:, None] * whole.cnn_b
        mean /= np.sqrt(lengths)[:, None]
        first = np.maximum(mean @ whole.d0, 0)
        second = np.maximum(mean @ whole.p1 + first @ whole.d1, 0)
        third = np.maximum(second @ whole.d2, 0)
        vectors = np.tanh(second @ whole.p3 + third @ whole.d3)
        squares = np.einsum("ij,ij->i", vectors, vectors)
        vectors /= np.sqrt(np.maximum(squares, whole.eps))[:, None]
        return np.asarray(vectors, dtype=np.float32)


def _empty(width: int) -> Vectors:
    return np.zeros((_MOST_TOKENS + 1, width), dtype=np.float32)


def _normal(rows: Vectors, eps: float) -> Vectors:
    """Bring each row to mean 0 and variance 1, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    variances = np.einsum("ij,ij->i", rows, rows) / rows.shape[1]
    rows *= np.reciprocal(np.sqrt(variances + eps))[:, None]
    return rows


def _different(
    rows: Sequence[int], starts: Sequence[int], lengths: Sequence[int]
) -> tuple[list[int], Vectors]:
    """Return the places of tokens with different neighbours, and how many of each a passage has."""
    row = "".join(map(chr, rows))  # cutting text is the quickest way to compare windows
    numbers: dict[str, int] = {}
    chosen: list[int] = []
    found: list[list[int]] = []
    for start, length in zip(starts, lengths, strict=True):
        of_passage = []
        for place in range(start, start + length):
            window = row[place - _REACH : place + _REACH + 1]
            number = numbers.setdefault(window, len(chosen))
            if number == len(chosen):
                chosen.append(place)
            of_passage.append(number)
        found.append(of_passage)
    counts = [np.bincount(of_passage, minlength=len(chosen)) for of_passage in found]
    return chosen, np.array(counts, dtype=np.float32)
