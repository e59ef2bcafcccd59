"""Vectors of a few passages, in half the time that the package takes for the same; and which part
of a document is judged.

The package multiplies each token through six matrices. The result of four of them depends on the
token alone, that of two on four tokens on either side. What two passages share, as a title with a
sentence of it, is multiplied once. Sums are added in another order, so that a vector differs from
the package's in its seventh digit. It saves 2.5 ms a report, 8 % of a crawl with 15 % of reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from crawler.judgement.probability.features import most_complete
from crawler.judgement.probability.frames import Frames
from crawler.judgement.text.reading import LEAD_WORDS, Reading

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

_BRANCH = 256  # numbers of a token for each branch
_BRANCHES = ((2, 0), (3, 1), (5, 2))  # tokens that a branch looks at, and how many come before
_CHUNKS = 17  # the package's table of tokens is scaled in so many parts
_REACH = 4  # two layers that look at two tokens on either side
_NO_TOKEN = -1  # stands between passages
_ROW_BEFORE = ((1, 0), (0, 0))
_MOST_TOKENS = 500  # of a document: a report has 100, and each takes 30 kB
_MOST_WORDS = 20_000


class Words:
    """Cuts texts into tokens as the package does, and keeps words: no token of its vocabulary and
    no key of its normalization goes beyond a space.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text between those for its beginning and end."""
        whole = self._tokenizer
        pieces: list[int] = []
        for word in text.replace("\n", " ").split(" "):
            tokens = self._known.get(word)
            if tokens is None:
                if len(self._known) >= _MOST_WORDS:
                    self._known.clear()
                normalized = whole._normalizer.normalize(word)
                tokens = self._known[word] = whole._viterbi(normalized) if normalized else []
            pieces += tokens
        return [whole._bos_id, *(pieces or [whole._unk_id]), whole._eos_id]


class Passages:
    """Encodes passages with the arrays of the package's model."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._words = Words(model.sp)

    def encode(self, passages: Sequence[str]) -> Vectors:
        """Return an array of shape (passages, 512) of vectors of length one."""
        tokens = [self._words.tokens(passage) for passage in passages]
        if sum(map(len, tokens)) > _MOST_TOKENS:
            return np.asarray(self._model.encode(list(passages)), dtype=np.float32)
        with self._model._threadpool(limits=self._model.threads, user_api="blas"):
            return self._encoded(tokens)

    def _encoded(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        # All passages one after the other, with room for a window between them. Row 0 of all arrays
        # is that of no token.
        between = [_NO_TOKEN] * _REACH
        joined = [*between, *(token for one in tokens for token in (*one, *between))]
        different, rows = np.unique(joined, return_inverse=True)
        places = np.flatnonzero(rows)
        windows = sliding_window_view(rows, 2 * _REACH + 1)[places - _REACH]
        _, firsts, numbers = np.unique(windows, axis=0, return_index=True, return_inverse=True)
        features = self._features(different[1:], rows, places[firsts])
        counts = np.zeros((len(tokens), len(features)), dtype=np.float32)
        passages = np.repeat(np.arange(len(tokens)), [len(token) for token in tokens])
        np.add.at(counts, (passages, numbers), 1)
        return self._vectors(counts @ features, counts.sum(axis=1, keepdims=True))

    def _features(self, tokens: Numbers, rows: Numbers, places: Numbers) -> Vectors:
        """Return the normal features at these places, where `rows` are those of `tokens`, from 1
        on, and 0 between passages.
        """
        model, all_places = self._model, np.arange(len(rows))[:, None]
        embedded, plain = self._alone(tokens)
        parts = [embedded[rows[places]]]
        for number, (width, before) in enumerate(_BRANCHES):
            branch = plain[:, number * _BRANCH : (number + 1) * _BRANCH]
            products = branch @ model.w1[number].reshape(width, _BRANCH, _BRANCH)
            window = np.arange(width) - before
            around = rows[np.clip(all_places + window, 0, len(rows) - 1)]
            once = products[np.arange(width), around].sum(axis=1) + model.b1[number]
            once = np.maximum(once, 0) + branch[rows]
            once[rows == 0] = 0
            seen = once[places[:, None] + window].reshape(len(places), -1)
            parts.append(np.maximum(seen @ model.w2[number] + model.b2[number], 0) + once[places])
        normal = _normal(np.concatenate(parts, axis=1), model.eps)
        features: Vectors = normal * model.ln_g + model.ln_b
        return features

    def _alone(self, tokens: Numbers) -> tuple[Vectors, Vectors]:
        """Return what tokens are, and what they are to all branches, after a row of zeros."""
        model, chunks = self._model, tokens % _CHUNKS
        embedded = model.table[tokens] * model.scale[chunks, None] + model.lo[chunks, None]
        plain = _normal(embedded @ model.proj_W + model.proj_b, model.eps)
        plain = plain * model.ln_g_all + model.ln_b_all
        return np.pad(embedded, _ROW_BEFORE), np.pad(plain, _ROW_BEFORE)

    def _vectors(self, sums: Vectors, lengths: Vectors) -> Vectors:
        """Return the vectors of passages of so many tokens, whose features are summed."""
        model = self._model
        mean = (sums @ model.cnn_W + lengths * model.cnn_b) / np.sqrt(lengths)
        first = np.maximum(mean @ model.d0, 0)
        second = np.maximum(mean @ model.p1 + first @ model.d1, 0)
        third = np.maximum(second @ model.d2, 0)
        last = np.tanh(second @ model.p3 + third @ model.d3)
        vectors: Vectors = last / np.linalg.norm(last, axis=1, keepdims=True)
        return vectors


def _normal(rows: Vectors, eps: float) -> Vectors:
    """Return each row with mean 0 and variance 1."""
    middle = rows - rows.mean(axis=1, keepdims=True)
    normal: Vectors = middle / np.sqrt(np.square(middle).mean(axis=1, keepdims=True) + eps)
    return normal


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
