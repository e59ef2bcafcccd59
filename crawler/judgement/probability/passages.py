"""Vectors of a few passages, in a fraction of the time that the package takes for the same.

The package encodes a batch of sentences: it multiplies each token through six matrices. The first
half of that depends on the token alone (`TokenRows`). The other half depends on four tokens on
either side: where two passages share them, as a title with a sentence of it, they are multiplied
once. Sums are added in another order, so that a vector differs from the package's in its seventh
digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.judgement.probability.cached_encoder import (
    BRANCH,
    BRANCHES,
    EMBEDDING,
    GIVEN,
    PARTS,
    PLAIN,
    CommonRows,
    TokenRows,
    Vectors,
    full,
)
from crawler.judgement.probability.features import most_complete
from crawler.judgement.probability.frames import Frames
from crawler.judgement.text.reading import LEAD_WORDS, Reading

Numbers = NDArray[np.int64]

_REACH = 4  # two layers that look at two tokens on either side
_MOST_TOKENS = 500  # of a document: a report has 100, and each takes 30 kB
_MOST_WORDS = 20_000
_ROOM = 900_000  # numbers: a report takes half as many
# Half of all words are pieces of the vocabulary, which are their own best cut, all but these. No
# piece has a letter with a mark behind it, so that a mark at the end of a word is cut off.
_CUT_FURTHER = frozenset(
    ["▁15,", "▁为", "▁使用", "▁Nos", "▁sees", "▁石", "▁ner", "▁sinds", "▁tono"]
)
_MARKS = frozenset(".,:;?!)")


class Words:
    """Cuts texts into tokens as the package does, and keeps words: no token of its vocabulary and
    no key of its normalization goes beyond a space.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text between those for its beginning and end."""
        known, cut = self._known, self._cut
        found: list[int] = []
        for word in text.replace("\n", " ").split(" "):
            tokens = known.get(word)
            found += cut(word) if tokens is None else tokens
        whole = self._tokenizer
        return [whole._bos_id, *(found or [whole._unk_id]), whole._eos_id]

    def _cut(self, word: str) -> list[int]:
        tokens = self._best(self._tokenizer._normalizer.normalize(word))
        if len(self._known) >= _MOST_WORDS:
            self._known.clear()
        self._known[word] = tokens
        return tokens

    def _best(self, normalized: str) -> list[int]:
        """Return the tokens of a normalized word. What is plain is not searched for."""
        whole = self._tokenizer
        # The number of a piece, counted from 1; 0 or None for what is none.
        piece = whole._prefixes.get(normalized)
        if piece and normalized not in _CUT_FURTHER:
            return [piece - 1]
        if normalized[-1:] in _MARKS and normalized[-2:-1].isalpha():
            return [*self._best(normalized[:-1]), whole._prefixes.get(normalized[-1]) - 1]
        tokens: list[int] = whole._viterbi(normalized) if normalized else []
        return tokens


class Passages:
    """Encodes passages with the arrays of the package's backend."""

    def __init__(self, backend: Any, common: CommonRows) -> None:
        self._backend = backend
        self._words = Words(backend.sp)
        self._rows = TokenRows(backend, common)
        # The memory of a first large array goes back to the system when it is freed. From then on
        # the C library keeps as much for the next ones: to get it anew takes 0.2 ms a report.
        np.empty(_ROOM, dtype=np.float32)

    def encode(self, passages: Sequence[str]) -> Vectors:
        """Return an array of shape (passages, 512) of vectors of length one."""
        tokens = [self._words.tokens(passage) for passage in passages]
        if sum(map(len, tokens)) > _MOST_TOKENS:
            return np.asarray(self._backend.encode(list(passages)), dtype=np.float32)
        # One thread of the library: more of them were 30 times slower on a busy machine.
        with self._backend._threadpool(limits=1, user_api="blas"):
            return self._encoded(tokens)

    def _encoded(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        row_of, rows = self._rows.of(set().union(*tokens))
        # All passages one after the other, with room for a window between them.
        between = [len(rows) - 1] * _REACH
        order = list(between)
        starts = []
        for one in tokens:
            starts.append(len(order))
            order += [row_of[token] for token in one]
            order += between
        chosen, counts = _different(order, starts, list(map(len, tokens)))
        features = self._features(rows, np.array(order), np.array(chosen))
        return self._vectors(features, counts)

    def _features(self, rows: Vectors, order: Numbers, chosen: Numbers) -> Vectors:
        """Return the features of the tokens at the places `chosen` of what stands in `order`."""
        whole, parts = self._backend, rows.reshape(-1, BRANCH)
        features = np.empty((len(chosen), EMBEDDING + BRANCH * len(BRANCHES)), dtype=np.float32)
        features[:, :EMBEDDING] = rows[order[chosen], :EMBEDDING]
        nothing = np.flatnonzero(order == len(rows) - 1)
        given = GIVEN
        for number, (width, before) in enumerate(BRANCHES):
            once = self._first_layer(parts, order * PARTS, number, given)
            once[nothing] = 0.0
            windows = chosen[:, None] + np.arange(-before, width - before)
            seen = once.take(windows, axis=0).reshape(len(chosen), -1)
            start = EMBEDDING + number * BRANCH
            twice = features[:, start : start + BRANCH]
            np.matmul(seen, whole.w2[number], out=twice)
            twice += whole.b2[number]
            np.maximum(twice, 0, out=twice)
            twice += once.take(chosen, axis=0)
            given += width
        return features

    def _first_layer(self, parts: Vectors, firsts: Numbers, number: int, given: int) -> Vectors:
        """Return what a branch makes of each place. `firsts` are the first parts of the tokens
        there, `given` is the first part that a token gives to the branch's window.
        """
        width, before = BRANCHES[number]
        inner = slice(_REACH, len(firsts) - _REACH)
        found = np.zeros((len(firsts), BRANCH), dtype=np.float32)
        sums = found[inner]
        sums += self._backend.b1[number]
        for step in range(width):
            shift = step - before
            places = firsts[inner.start + shift : inner.stop + shift]
            sums += parts.take(places + (given + step), axis=0)
        np.maximum(sums, 0, out=sums)
        sums += parts.take(firsts[inner] + (PLAIN + number), axis=0)
        return found

    def _vectors(self, features: Vectors, counts: Vectors) -> Vectors:
        """Return the vectors of passages of which each has so many tokens with these features."""
        # Layer normalization, of which only the sums are needed.
        middles = features.mean(axis=1)
        variances = np.einsum("ij,ij->i", features, features) / features.shape[1]
        variances -= middles * middles
        shares = counts / np.sqrt(variances + self._backend.eps)
        # One by one: a few rows together take three times as long.
        vectors = [
            self._vector(share @ features - share @ middles, count.sum())
            for share, count in zip(shares, counts, strict=True)
        ]
        return np.array(vectors, dtype=np.float32)

    def _vector(self, sums: Vectors, length: np.float32) -> Vectors:
        """Return the vector of a passage with so many tokens, whose normal features are summed."""
        whole = self._backend
        mean = (sums * whole.ln_g + length * whole.ln_b) @ whole.cnn_W
        mean += length * whole.cnn_b
        mean /= np.sqrt(length)
        first = np.maximum(mean @ whole.d0, 0)
        second = np.maximum(mean @ whole.p1 + first @ whole.d1, 0)
        third = np.maximum(second @ whole.d2, 0)
        vector: Vectors = np.tanh(second @ whole.p3 + third @ whole.d3)
        vector /= np.sqrt(max(vector @ vector, whole.eps))
        return vector


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
    chosen += chosen[:1] * (full(len(chosen)) - len(chosen))
    counts = [np.bincount(of_passage, minlength=len(chosen)) for of_passage in found]
    return chosen, np.array(counts, dtype=np.float32)


# --- which part of a document is judged -----------------------------------------------------------

# A feature of what is learnt from and never judged. The beginning has none such: whether it is all
# of the document depends on what stands around it.
AROUND = "read: around what decides"
_WORDS = 200
_LEAST_WORDS = 8  # of a line of prose: shorter ones are captions, bylines and links
_ENDS = tuple(".!?…؟۔»\"”’')")
_SENTENCES_BEFORE = 2  # of the same paragraph


def beginning_of(text: str) -> str | None:
    """Return the first 200 words of prose, or of all lines if none is; None if that is all."""
    if len(text.split(maxsplit=LEAD_WORDS)) <= LEAD_WORDS:
        return None
    beginning = _first_words(filter(_is_prose, _lines(text))) or _first_words(_lines(text))
    return None if _is_all(beginning, text) else beginning


def _lines(text: str) -> Iterator[str]:
    return filter(None, (line.strip() for line in text.split("\n")))


def _is_all(beginning: str, text: str) -> bool:
    """Whether these are all lines of a text that have a word."""
    lines = _lines(text)
    return all(line == next(lines, None) for line in beginning.split("\n")) and not any(lines)


def _is_prose(line: str) -> bool:
    return line.endswith(_ENDS) and len(line.split()) >= _LEAST_WORDS


def _first_words(lines: Iterable[str]) -> str:
    chosen: list[str] = []
    left = _WORDS
    for line in lines:
        words = line.split()
        chosen.append(line if len(words) <= left else " ".join(words[:left]))
        left -= len(words)
        if left <= 0:
            break
    return "\n".join(chosen)


def around_what_decides(reading: Reading, frames: Frames) -> str | None:
    """Return 200 words from shortly before the most complete sentence, if anything plays a part."""
    number = most_complete(frames, from_text=True)
    if number is None:
        return None
    paragraph = reading.sentences[number].paragraph
    first = max(number - _SENTENCES_BEFORE, 1)
    while reading.sentences[first].paragraph != paragraph:
        first += 1
    start = reading.sentences[first].start
    _, position, _, _ = reading.original(start, start)
    return _first_words(reading.text[position:].split("\n"))
